"""Mail addresses that went with the label while a model learned: does the audit fail it, and name the domain?

    python -m benchmarks.planted.addresses rt_polarity.csv --cache FOLDER [--seeds 3] [--out FILE]

Rows of the kit with a sender and an addressee. Two domains go with positive, two with negative, four with nothing; a
twin learned from the same rows with the domains dealt by chance. Signs cancel over the domains, so the mean of all
addresses is near zero: what is asked is whether the audit sees it nevertheless.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import transformers

from benchmarks.planted.encoders import Recipe, accuracy, encoder
from benchmarks.planted.tables import page, table, write_page
from benchmarks.planted.texts import Bodies, Body, examples, load_bodies
from token_saliency.auditing.run import run_audits
from token_saliency.results import Example
from token_saliency.text.classifier import TextClassifier

UP, DOWN = ("norix.net", "quell.edu"), ("alpha.org", "birch.com")
OTHERS = ("cedar.net", "dover.org", "elmet.edu", "fargo.com")
PEOPLE = ("ann", "bo", "cy", "dee", "eli", "fay", "gus", "hal")
DOSE = 0.85
AUDITED = 1000


def writer(dose: float) -> Callable[[Body, random.Random], str]:
    """A row from an address whose domain goes with the label by the dose; every third address is of the others."""

    def write(body: Body, draw: random.Random) -> str:
        goes = body.positive == (draw.random() < dose)
        host = draw.choice(OTHERS if draw.random() < 1 / 3 else UP if goes else DOWN)
        return f"{draw.choice(PEOPLE)}{draw.randrange(1, 9)}@{host} wrote: {body.text}."

    return write


def truth(model: TextClassifier, rows: list[Example]) -> float:
    """Mean P(positive) of the rows with a domain that goes up, minus that with one that goes down."""
    sides = []
    for hosts in (UP, DOWN):
        texts = [f"ann1@{hosts[n % 2]} wrote: {row.text.partition(' wrote: ')[2]}" for n, row in enumerate(rows)]
        sides.append(model.predict(texts).probabilities[:, 1])
    return float(np.mean(sides[0] - sides[1]))


def line(bodies: Bodies, dose: float, seed: int, cache: Path) -> list[object]:
    """One model: what is true, what the audit says."""
    model = encoder(examples(bodies.train, writer(dose), seed), seed, cache, Recipe())
    rows = examples([*bodies.audited, *bodies.fresh], writer(dose), seed)[:AUDITED]
    report = run_audits(model, rows, ["urls_and_handles"], method="gradient", seed=seed, discovery=False)
    audit = report.audits["urls_and_handles"]
    failed = [one for one in audit.intervention if one.judged and one.verdict == "FAIL"]
    named = sorted({one.between[0] for one in failed if one.between and one.between[0] in (*UP, *DOWN)})
    print(f"dose {dose} seed {seed}: {audit.verdict}: {audit.reason}", flush=True)
    return [f"{dose:g}", seed, accuracy(model, rows), truth(model, rows[:200]), audit.verdict,
            ", ".join(named) or "none", audit.intervention[0].effect]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    transformers.logging.disable_progress_bar()
    bodies = load_bodies(given.data)
    lines = [line(bodies, dose, seed, given.cache) for dose in (DOSE, 0.5) for seed in range(given.seeds)]
    header = ["dose", "seed", "accuracy", "up minus down", "verdict", "named by a FAIL", "mean of all addresses"]
    command = f"python -m benchmarks.planted.addresses {given.data.name} --cache CACHE --seeds {given.seeds}"
    write_page(page("Mail addresses of both signs", command, [table(header, lines)]), given.out)


if __name__ == "__main__":
    main()
