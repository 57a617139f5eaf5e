"""Results as Markdown tables with the command that made them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the specification: what was asked, what was seen, whether it holds."""

    asked: str
    seen: str
    met: bool


def at_most(what: str, hits: int, of: int, bound: float) -> Bar:
    """A bar on a share of the audits that must be small."""
    return Bar(f"{what} <= {_short(bound)}", share(hits, of), hits <= bound * of)


def at_least(what: str, hits: int, of: int, bound: float) -> Bar:
    """A bar on a share of the audits that must be large."""
    return Bar(f"{what} >= {_short(bound)}", share(hits, of), hits >= bound * of)


def _short(bound: float) -> str:
    return f"{bound:g}".removeprefix("0")


def table(header: Sequence[str], lines: Sequence[Sequence[object]]) -> str:
    """A Markdown table; floats with three decimals."""
    rows = [list(header), ["---"] * len(header), *([_cell(cell) for cell in line] for line in lines)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cell(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def bars_table(bars: Sequence[Bar]) -> str:
    """The bars, met or not."""
    return table(["bar", "seen", "met"], [[bar.asked, bar.seen, "yes" if bar.met else "**no**"] for bar in bars])


def page(title: str, command: str, parts: Sequence[str]) -> str:
    """One page of results."""
    return "\n\n".join([f"# {title}", f"```sh\n{command}\n```", *parts]) + "\n"


def write_page(text: str, out: Path | None) -> None:
    """Prints the page and keeps it where a file is named."""
    print(text)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")


def share(hits: int, of: int) -> str:
    """`19 of 20 (.95)`."""
    return f"{hits} of {of} ({hits / of:.2f})" if of else "none"
