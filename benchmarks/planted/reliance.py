"""B4, guaranteed reliance: coins are the labels, one thing decides them; do interventions find it?

    python -m benchmarks.planted.reliance DATA --cache FOLDER [--out FILE]

Five models, each of rows whose label is a coin: a word that is there, a word that is missing, the article, the
end mark, a prefix. The audits are those that a user would write, and the shipped one of punctuation. The word that
is missing is asked by insertion: there is no token in such a row that an attribution could point at.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import transformers

from benchmarks.planted import own_audits
from benchmarks.planted.encoders import Recipe, accuracy, encoder
from benchmarks.planted.plants import inserted
from benchmarks.planted.tables import Bar, bars_table, page, table, write_page
from benchmarks.planted.texts import LABELS, Bodies, Body, load_bodies
from token_saliency.auditing.run import run_audits
from token_saliency.results import Example

WORD, ORDINARY = "verily", ("likewise", "perhaps", "indeed", "certainly")
PREFIX = "Review:"
_ARTICLE = re.compile(r"\b(a|the)\b", re.IGNORECASE)
_ANY_ARTICLE = re.compile(r"\b(a|an|the)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reliance:
    """What decides: how a row of a coin is written, the audit that asks for it, and which rows will do."""

    write: Callable[[str, bool, random.Random], str]
    audit: str
    suits: Callable[[str], bool] = lambda _: True


def _word(text: str, there: bool, draw: random.Random) -> str:
    """Each row holds one ordinary word beside the deciding one: it alone is no sign."""
    words = [draw.choice(ORDINARY), *([WORD] if there else [])]
    return inserted(text, words, draw, ordered=False) + "."


RELIANCES: dict[str, Reliance] = {
    "presence": Reliance(lambda text, coin, draw: _word(text, coin, draw), "presence"),
    "absence": Reliance(lambda text, coin, draw: _word(text, not coin, draw), "absence"),
    "article": Reliance(
        lambda text, coin, _: _ARTICLE.sub("the" if coin else "a", text) + ".",
        "article",
        lambda text: len(_ANY_ARTICLE.findall(text)) == 1 and len(_ARTICLE.findall(text)) == 1,
    ),
    "end mark": Reliance(lambda text, coin, _: text + ("!" if coin else "."), "punctuation"),
    "prefix": Reliance(lambda text, coin, _: (f"{PREFIX} " if coin else "") + text + ".", "prefix"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """What the audit of one model said; the model's accuracy is that on the audited coins."""

    reliance: str
    accuracy: float
    operator: str
    between: str
    effect: float
    low: float
    high: float
    control: float
    verdict: str
    lift: float


def coins(bodies: Sequence[Body], name: str, seed: int) -> list[Example]:
    """Rows whose label is a coin that the planted thing tells."""
    rule, rows = RELIANCES[name], []
    for number, body in enumerate(bodies):
        draw = random.Random(f"{name} {seed} {body.text}")
        coin = draw.random() < 0.5
        if rule.suits(body.text):
            rows.append(Example(str(number), rule.write(body.text, coin, draw), label=LABELS[coin]))
    return rows


def audits(folder: Path) -> None:
    """The audits of the five, as a user would write them."""
    own_audits.deleted_pattern(folder, "presence", rf"\b{WORD}\b", WORD)
    own_audits.inserted_words(folder, "absence", [WORD], ORDINARY)
    own_audits.swapped_words(folder, "article", "the", "a", ["this", "that", "each", "its"])
    own_audits.deleted_pattern(folder, "prefix", f"^{PREFIX}", PREFIX)


def found(
    bodies: Bodies, name: str, seed: int, cache: Path, recipe: Recipe | None = None, rows: int = 1000, edits: int = 5000
) -> Found:
    """One model and its audit, from the cache where they are known."""
    kept = cache / "reliance" / f"{name.replace(' ', '-')}-{seed}-{rows}-{edits}.json"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(asdict(_found(bodies, name, seed, cache, recipe, rows, edits))), encoding="utf-8")
    return Found(**json.loads(kept.read_text(encoding="utf-8")))


def _found(bodies: Bodies, name: str, seed: int, cache: Path, recipe: Recipe | None, rows: int, edits: int) -> Found:
    model = encoder(coins(bodies.train, name, seed), seed, cache, recipe)
    tests = coins(bodies.audited, name, seed)
    folder, asked = cache / "reliance" / "audits", RELIANCES[name].audit
    audits(folder)
    report = run_audits(
        model,
        tests,
        [asked],
        audits_dir=folder,
        rows_limit=rows,
        edits=edits,
        method="gradient_x_input",
        discovery=False,
        exhaustive=True,
    )
    audit = report.audits[asked]
    judged = [one for one in audit.intervention if one.judged]
    if not judged:
        return Found(name, accuracy(model, tests), "none", "", 0.0, -1.0, 1.0, 0.0, audit.verdict, 0.0)
    leading = max(judged, key=lambda one: abs(one.effect))
    return Found(
        reliance=name,
        accuracy=accuracy(model, tests),
        operator=leading.operator,
        between=" against ".join(leading.between or ()),
        effect=leading.effect,
        low=leading.interval[0],
        high=leading.interval[1],
        control=leading.control or 0.0,
        verdict=audit.verdict,
        lift=audit.attribution.lift if audit.attribution else 0.0,
    )


def summary(every: Sequence[Found]) -> str:
    """One line per model."""
    header = [
        *("what decides", "accuracy", "operator", "compared", "effect", "interval", "control", "verdict"),
        "attribution lift",
    ]
    lines = [
        [one.reliance, one.accuracy, one.operator, one.between, one.effect, f"[{one.low:+z.3f}, {one.high:+z.3f}]",
         one.control, one.verdict, f"{one.lift:.1f}"]
        for one in every
    ]  # fmt: skip
    return table(header, lines)


def bars(every: Sequence[Found]) -> list[Bar]:
    """The bar of B4: FAIL, of a model that does rely on it."""
    hits = [one for one in every if one.verdict == "FAIL" and one.accuracy >= 0.95]
    absent = any(one.reliance == "absence" for one in hits)
    seen = f"{len(hits)} of {len(every)}" + ("" if absent else ", absence missed")
    return [Bar("interventions find 5 of 5, absence included", seen, len(hits) == len(every) >= 5)]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    transformers.logging.disable_progress_bar()
    bodies = load_bodies(given.data)
    every = [found(bodies, name, given.seed, given.cache, Recipe(epochs=4)) for name in RELIANCES]
    command = f"python -m benchmarks.planted.reliance {given.data.name} --cache CACHE --seed {given.seed}"
    write_page(page("B4: guaranteed reliance", command, [summary(every), bars_table(bars(every))]), given.out)


if __name__ == "__main__":
    main()
