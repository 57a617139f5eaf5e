"""B7: what is missed? Plants of every kind for every audit and for discovery, on rows of the kit, with known truths.

    python -m benchmarks.b7 KIT_DATA [--quick] [--cells AUDIT/KIND@DOMAIN ...] [--keep FILE] [--out FILE]

The model is a function: a bag of words trained on the same dressed rows with the thing drawn by chance, plus the
plant. The truth is asked by brute force, of every audited row with and without the thing. A cell without its plant is
the same rows and the same scorer.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.b7.catalogue import PLANTS
from benchmarks.b7.domains import Body, Domain, Floats, Score, domain, pushed, scorer
from benchmarks.b7.plants import Plant, holding, replacing
from benchmarks.b7.unlisted import UNLISTED
from benchmarks.planted.tables import Bar, at_least, at_most, bars_table, page, share, table, write_page
from token_saliency.auditing.audit import Audit
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.run import run_audits
from token_saliency.report import Report
from token_saliency.text.function.classifier_of import function_classifier

ROWS, MARGIN, FLIPS = 600, 0.05, 0.05
HEALTHY = 0.5, 0.5
"""How much is read of either text of a pair by a model that has nothing planted in it."""
FLAGGED = ("FAIL", "WARN")


@dataclass(frozen=True, slots=True)
class Cell:
    """What one audit said of one plant in one domain, and of the same rows without it; `true` is mean |change|.

    `stirred` is the share of decisions of the model without the plant that flip where the thing is drawn anew.
    """

    plant: str
    strength: float
    domain: str
    true: float
    clean_true: float
    stirred: float
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
    scored, model = base, pushed(base, plant.effect, plant.strength)
    trues = [truth(plant, texts, one) for one in (model, base)]
    if plant.second:  # half of the answer is that of the first text
        model, base, trues = of_pairs(base, model), of_pairs(base, base), [true * HEALTHY[1] for true in trues]
    elif plant.reads:
        model, base, trues = of_pairs(base, base, *plant.reads), of_pairs(base, base), [float("nan")] * 2
    found = [audited(plant, own, texts, one) for one in (model, base)]
    verdicts = [verdict_of(plant, report) for report in found]
    said = "" if plant.word else " | WITHOUT: ".join(report.audits[plant.audit].reason for report in found)
    again = [dressed(plant, body, f"{own.name} {i} again") for i, body in enumerate(own.audited)]
    stirred = 0.0 if plant.reads else flips(scored, texts, again)
    given = plant.name, plant.strength, own.name, trues[0], trues[1], stirred
    return Cell(*given, verdicts[0], verdicts[1], said, time.perf_counter() - begun)


def of_pairs(first: Score, second: Score, one: float = HEALTHY[0], other: float = HEALTHY[1]) -> Score:
    """What they say of either text, so much of each."""

    def mean(pairs: Sequence[str]) -> Floats:
        return np.asarray(one * first([pair[0] for pair in pairs]) + other * second([pair[1] for pair in pairs]))

    return mean


def _worded(plant: Plant, own: Domain) -> Plant:
    """A plant of label words with a label of the domain in it."""
    if plant.audit != "label_words":
        return plant
    way = 1.0 if plant.kind == "the pushed class" else -1.0
    word = own.classes[-1 if way > 0 else 0].lower()
    found, said = holding(rf"\b{word}\b"), f" It was {word}."
    return replace(
        plant,
        dress=lambda text, goes, draw: f"{text}{said}" if draw.random() < (0.8 if goes == (way > 0) else 0.2) else text,
        effect=lambda text: way * found(text),
        other=replacing(re.escape(said)),
    )


def dressed(plant: Plant, body: Body, key: str) -> str:
    """The text of one row."""
    return plant.dress(body.text, body.own, random.Random(f"{plant.name} {key}"))


def truth(plant: Plant, texts: Sequence[str], model: Score) -> float:
    """The mean change of the pushed class over the rows that the change reaches, whichever way; of length over all
    rows, for every row can be longer."""
    pairs = [(text, new) for text in texts if (new := plant.other(text)) != text]
    if plant.audit != "length":
        pairs = [pair for pair in pairs if plant.effect(pair[0]) != plant.effect(pair[1])]
    if not pairs:
        return float("nan")
    here, there = (model(side)[:, -1] for side in zip(*pairs, strict=True))
    return float(np.abs(here - there).mean())


def flips(model: Score, texts: Sequence[str], again: Sequence[str]) -> float:
    """The share of decisions that differ where the texts do."""
    differ = [pair for pair in zip(texts, again, strict=True) if pair[0] != pair[1]]
    if not differ:
        return 0.0
    here, there = (model(side).argmax(1) for side in zip(*differ, strict=True))
    return float((here != there).mean())


def audited(plant: Plant, own: Domain, texts: Sequence[str], model: Score) -> Report:
    """As a user would, but for the attribution: that of discovery alone is asked."""
    rows = [{"text": text, "label": body.label} for text, body in zip(texts, own.audited, strict=True)]
    paired = plant.second or plant.reads is not None
    if paired:  # any other text stands before it
        rows = [
            {**row, "text": body.text, "text_pair": row["text"]} for row, body in zip(rows, own.trained, strict=False)
        ]
    hunting = plant.audit == "discovery"
    return run_audits(
        function_classifier(lambda asked: model(list(asked)), list(own.classes), pairs=paired),
        rows,
        [_gating("whitespace" if hunting else plant.audit)],
        rows_limit=None,
        config={} if hunting else {plant.audit: {"level": "error"}},  # a padding of its own decides, too
        method="occlusion" if hunting else "random",
        discovery=hunting,
        exhaustive=True,
        progress=False,
    )


def _gating(name: str) -> Audit:
    """The audit, judged where it is shipped as exploratory: what its claims say is asked."""
    audit = load_audits([name])[name]
    if audit.expectation != "exploratory":
        return audit
    return replace(audit, expectation="necessary" if audit.edit.against else "irrelevant")


def verdict_of(plant: Plant, report: Report) -> str:
    """The verdict of the audit; of discovery FAIL where the thing is confirmed at the margin or above, else WARN."""
    if not plant.word:
        return report.audits[plant.audit].verdict
    named = [one for one in report.discovery if plant.word in one.item.lower()]
    sizes = [max(abs(one.effect), one.moves or 0.0) for one in named if one.confirmed]
    return ("FAIL" if max(sizes) >= MARGIN else "WARN") if sizes else "INCONCLUSIVE" if named else "not named"


def cells_table(found: Sequence[Cell]) -> str:
    """One line a cell."""
    lines = [
        [one.plant, one.domain, one.true, one.verdict, one.clean_true, f"{one.stirred:.0%}", one.clean,
         f"{one.seconds:.0f} s"]
        for one in found
    ]  # fmt: skip
    return table(["plant", "domain", "true change", "verdict", "without: change", "flips", "verdict", "time"], lines)


def kinds_table(found: Sequence[Cell]) -> str:
    """By audit: recall, and the worst of all, PASS of what is there."""
    groups: dict[str, list[Cell]] = defaultdict(list)
    for one in found:
        groups[one.plant.partition("/")[0]].append(one)
    lines = [
        [name, len(own), sum(one.verdict in FLAGGED for one in own), sum(one.verdict == "FAIL" for one in own),
         sum(one.verdict == "PASS" for one in own), sum(one.clean == "FAIL" for one in own),
         sum(one.clean == "WARN" for one in own)]
        for name, own in groups.items()
    ]  # fmt: skip
    return table(["audit", "cells", "FAIL or WARN", "FAIL", "PASS of a true effect", "clean FAIL", "clean WARN"], lines)


def bars(found: Sequence[Cell]) -> list[Bar]:
    """Of cells whose truth is at least three margins. Clean is what moves less than one and flips less than it may."""
    true = [one for one in found if one.true >= 2.8 * MARGIN or one.strength > 3 * MARGIN]
    clean = [one for one in found if not (one.clean_true >= MARGIN or one.stirred >= FLIPS)]
    flagged, failed = (sum(one.verdict in of for one in true) for of in (FLAGGED, ("FAIL",)))
    false, passed = sum(one.clean == "FAIL" for one in clean), sum(one.verdict == "PASS" for one in true)
    return [
        at_least("FAIL or WARN", flagged, len(true), 0.95),
        at_least("FAIL", failed, len(true), 0.85),
        at_most("PASS of a true effect", passed, len(true), 0.05),
        Bar("clean: 0 FAIL", share(false, len(clean)), not false),
    ]


def wanted(named: Sequence[str], quick: bool) -> list[tuple[Plant, str]]:
    """The cells to run: all of them, those whose name begins so, or one domain each."""
    every = [
        (plant, name) for plant in (*PLANTS, *UNLISTED) for name in (plant.domains[:1] if quick else plant.domains)
    ]
    return [(plant, name) for plant, name in every if not named or any(_fits(one, plant.name, name) for one in named)]


def _fits(asked: str, plant: str, name: str) -> bool:
    kind, _, where = asked.partition("@")
    return plant.startswith(kind) and where in ("", name)


def told(one: Cell) -> str:
    """One line."""
    said = f"{one.plant}@{one.domain}: true {one.true:.3f} {one.verdict}; "
    return f"{said}without {one.clean_true:.3f} flips {one.stirred:.2f} {one.clean}; {one.seconds:.0f} s"


def kept(file: Path | None) -> list[Cell]:
    """The cells that earlier runs left there."""
    lines = file.read_text(encoding="utf-8").splitlines() if file and file.exists() else []
    return [Cell(**json.loads(line)) for line in lines]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("kit", type=Path)
    parser.add_argument("--cells", nargs="*", default=[], help="beginnings of AUDIT/KIND@DOMAIN")
    parser.add_argument("--quick", action="store_true", help="the first domain of each plant")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--keep", type=Path, help="a file of cells: those in it are not run again, new ones go to it")
    parser.add_argument("--say", action="store_true", help="the reason of each audit")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    found = kept(given.keep)
    domains: dict[str, Domain] = {}
    for plant, name in wanted(given.cells, given.quick):
        if (plant.name, name) in {(one.plant, one.domain) for one in found}:
            continue
        if name not in domains:
            domains[name] = domain(given.kit, name, given.rows)
        found.append(one := cell(plant, domains[name]))
        print(told(one) + (f" {one.said}" if given.say else ""), flush=True)
        if given.keep:
            with given.keep.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(one)) + "\n")
    command = f"python -m benchmarks.b7 KIT_DATA{' --quick' if given.quick else ''}"
    write_page(page("B7: what is missed", command, [kinds_table(found), bars_table(bars(found)), cells_table(found)]),
               given.out)  # fmt: skip


if __name__ == "__main__":
    main()
