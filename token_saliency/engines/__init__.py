"""Who answers: this process, several, or a cluster. An engine maps any task over parts of work, and knows no text."""

from token_saliency.engines.choice import ENGINES, engaged, require_engine
from token_saliency.engines.engine import Engine, Start
from token_saliency.engines.ray_cluster import RayCluster

__all__ = ["ENGINES", "Engine", "RayCluster", "Start", "engaged", "require_engine"]
