"""B7: what is missed? Plants of every kind for every audit and for discovery, on rows of the kit, with known truths.

    python -m benchmarks.b7 KIT_DATA [--quick] [--cells AUDIT/KIND@DOMAIN ...] [--out FILE]

The model is a function: a bag of words trained on the same dressed rows with the thing drawn by chance, plus the
plant. The truth is asked by brute force, of every audited row with and without the thing. A cell without its plant is
the same rows and the same scorer.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.b7.catalogue import PLANTS
from benchmarks.b7.domains import Body, Domain, Score, domain, pushed, scorer
from benchmarks.b7.plants import Plant, holding, replacing
from benchmarks.planted.tables import Bar, bars_table, page, share, table, write_page
from token_saliency import TextClassifier
from token_saliency.auditing.audit import Audit
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.run import run_audits
from token_saliency.report import Report

ROWS, MARGIN = 600, 0.05
FLAGGED = ("FAIL", "WARN")


@dataclass(frozen=True, slots=True)
class Cell:
    """What one audit said of one plant in one domain, and of the same rows without it; `true` is mean |change|."""

    plant: Plant
    domain: str
    true: float
    clean_true: float
    verdict: str
    clean: str
    said: str
    seconds: float


def cell(plant: Plant, own: Domain) -> Cell:
    """Dressed rows, the scorer of such rows, the truth, and the audit of both models."""
    begun, plant = time.perf_counter(), _worded(plant, own)
    texts = [dressed(plant, body, f"{own.name} {i}") for i, body in enumerate(own.audited)]
    other = [dressed(plant, replace(body, own=bool(i % 2)), f"trained {i}") for i, body in enumerate(own.trained)]
    base = scorer(own.trained, other)
    model = pushed(base, plant.effect, plant.strength)
    found = [audited(plant, own, texts, one) for one in (model, base)]
    verdicts = [verdict_of(plant, report) for report in found]
    said = "" if plant.word else " | WITHOUT: ".join(report.audits[plant.audit].reason for report in found)
    return Cell(plant, own.name, truth(plant, texts, model), truth(plant, texts, base), verdicts[0], verdicts[1], said,
                time.perf_counter() - begun)  # fmt: skip


def _worded(plant: Plant, own: Domain) -> Plant:
    """A plant of label words with the label of the domain in it."""
    if plant.audit != "label_words":
        return plant
    word = own.classes[-1].lower()
    return replace(plant, dress=_present(word), effect=holding(word), other=replacing(f" {word}"))


def _present(word: str):  # type: ignore[no-untyped-def]
    return lambda text, goes, draw: f"{text} {word}" if draw.random() < (0.8 if goes else 0.2) else text


def dressed(plant: Plant, body: Body, key: str) -> str:
    """The text of one row."""
    return plant.dress(body.text, body.own, random.Random(f"{plant.name} {key}"))


def truth(plant: Plant, texts: Sequence[str], model: Score) -> float:
    """The mean change of the pushed class over the rows that the change reaches, whichever way."""
    pairs = [(text, new) for text in texts if (new := plant.other(text)) != text]
    pairs = [pair for pair in pairs if plant.effect(pair[0]) != plant.effect(pair[1])]
    if not pairs:
        return float("nan")
    here, there = (model(side)[:, -1] for side in zip(*pairs, strict=True))
    return float(np.abs(here - there).mean())


def audited(plant: Plant, own: Domain, texts: Sequence[str], model: Score) -> Report:
    """As a user would, but for the attribution: that of discovery alone is asked."""
    rows = [{"text": text, "label": body.label} for text, body in zip(texts, own.audited, strict=True)]
    hunting = plant.audit == "discovery"
    return run_audits(
        TextClassifier.from_function(lambda asked: model(list(asked)), list(own.classes)),
        rows,
        [_gating("whitespace" if hunting else plant.audit)],
        rows_limit=None,
        config={} if hunting else {plant.audit: {"level": "error"}},  # a padding of its own decides, too
        method="occlusion" if hunting else "random",
        discovery=hunting,
        progress=False,
    )


def _gating(name: str) -> Audit:
    """The audit, judged where it is shipped as exploratory: what its claims say is asked."""
    audit = load_audits([name])[name]
    if audit.expectation != "exploratory":
        return audit
    return replace(audit, expectation="necessary" if audit.edit.against else "irrelevant")


def verdict_of(plant: Plant, report: Report) -> str:
    """The verdict of the audit; of discovery FAIL where the thing is confirmed."""
    if not plant.word:
        return report.audits[plant.audit].verdict
    named = [one for one in report.discovery if plant.word in one.item]
    return "FAIL" if any(one.confirmed for one in named) else "INCONCLUSIVE" if named else "not named"


def cells_table(found: Sequence[Cell]) -> str:
    """One line a cell."""
    lines = [[one.plant.name, one.domain, one.true, one.verdict, one.clean_true, one.clean, f"{one.seconds:.0f} s"]
             for one in found]  # fmt: skip
    return table(["plant", "domain", "true change", "verdict", "without: change", "verdict", "time"], lines)


def kinds_table(found: Sequence[Cell]) -> str:
    """By audit: recall, and the worst of all, PASS of what is there."""
    groups: dict[str, list[Cell]] = defaultdict(list)
    for one in found:
        groups[one.plant.audit].append(one)
    lines = [
        [name, len(own), sum(one.verdict in FLAGGED for one in own), sum(one.verdict == "FAIL" for one in own),
         sum(one.verdict == "PASS" for one in own), sum(one.clean == "FAIL" for one in own),
         sum(one.clean == "WARN" for one in own)]
        for name, own in groups.items()
    ]  # fmt: skip
    return table(["audit", "cells", "FAIL or WARN", "FAIL", "PASS of a true effect", "clean FAIL", "clean WARN"], lines)


def bars(found: Sequence[Cell]) -> list[Bar]:
    """Of cells whose truth is at least three margins; the clean ones are those below one."""
    true = [one for one in found if one.true >= 2.8 * MARGIN or one.plant.strength > 3 * MARGIN]
    clean = [one for one in found if not one.clean_true >= MARGIN]
    flagged, failed = (sum(one.verdict in of for one in true) for of in (FLAGGED, ("FAIL",)))
    false, passed = sum(one.clean == "FAIL" for one in clean), sum(one.verdict == "PASS" for one in true)
    return [
        Bar("FAIL or WARN >= .95", share(flagged, len(true)), flagged >= 0.95 * len(true)),
        Bar("FAIL >= .85", share(failed, len(true)), failed >= 0.85 * len(true)),
        Bar("PASS of a true effect", share(passed, len(true)), passed <= 0.05 * len(true)),
        Bar("clean: 0 FAIL", share(false, len(clean)), not false),
    ]


def wanted(named: Sequence[str], quick: bool) -> list[tuple[Plant, str]]:
    """The cells to run: all of them, those whose name begins so, or one domain each."""
    every = [(plant, name) for plant in PLANTS for name in (plant.domains[:1] if quick else plant.domains)]
    return [(plant, name) for plant, name in every if not named or any(_fits(one, plant.name, name) for one in named)]


def _fits(asked: str, plant: str, name: str) -> bool:
    kind, _, where = asked.partition("@")
    return plant.startswith(kind) and where in ("", name)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("kit", type=Path)
    parser.add_argument("--cells", nargs="*", default=[], help="beginnings of AUDIT/KIND@DOMAIN")
    parser.add_argument("--quick", action="store_true", help="the first domain of each plant")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--say", action="store_true", help="the reason of each audit")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    domains: dict[str, Domain] = {}
    found = []
    for plant, name in wanted(given.cells, given.quick):
        own = domains.setdefault(name, domain(given.kit, name, given.rows)) if name not in domains else domains[name]
        found.append(one := cell(plant, own))
        print(f"{plant.name}@{name}: true {one.true:.3f} {one.verdict}; without {one.clean_true:.3f} {one.clean}; "
              f"{one.seconds:.0f} s{' ' + one.said if given.say else ''}", flush=True)  # fmt: skip
    command = f"python -m benchmarks.b7 KIT_DATA{' --quick' if given.quick else ''}"
    write_page(page("B7: what is missed", command, [kinds_table(found), bars_table(bars(found)), cells_table(found)]),
               given.out)  # fmt: skip


if __name__ == "__main__":
    main()
