"""Who answers: this process, or several. An engine maps any task over parts of work, and knows nothing about texts."""

from token_saliency.engines.engine import Engine, Start, inline
from token_saliency.engines.processes import processes

ENGINES: dict[str, Start] = {"inline": inline, "processes": processes}

__all__ = ["ENGINES", "Engine", "Start"]
