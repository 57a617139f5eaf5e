"""Do all engines say the same? Each kind of work inline, by two processes, and by one, two and three actors of Ray.

`python -m benchmarks.same_answers MODEL DATA [--rows 40] [--edits 300]`: the cluster has two nodes on this machine. A
sequence classifier (an audit with all its edits and with looks, counterfactuals, validation), a function, a prompted
language model and pictures. Printed is the largest difference of an effect or score, and whether all verdicts agree.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch

from benchmarks.shapes import CLASSES, preprocess, shapes
from tests.prompt.conftest import language_model
from token_saliency import ImageClassifier, Report, TextClassifier, run_audits, run_image_audits
from token_saliency.counterfactual import Ask, study
from token_saliency.data import load_rows
from token_saliency.data.rows import Rows
from token_saliency.engines import RayCluster
from token_saliency.image.audits.rows import ImageRow
from token_saliency.validating.validate import validate

BAR = 1e-4
ENGINES: dict[str, tuple[int, Any]] = {
    "2 processes": (2, "processes"),
    **{f"ray, {n} actor{'s' * (n > 1)}": (n, RayCluster(gpus=False)) for n in (1, 2, 3)},
}
PROMPT = {"template": "is it good or not ?\n{text}\n", "labels": {"positive": [" good"], "negative": [" not"]}}

Said = dict[str, tuple[str, float]]
"""What was said, and the number beside it."""


def of_report(name: str, report: Report) -> Said:
    """Every claim of every audit."""
    found: Said = {name: (f"{report.verdict} {report.exit_code}", 0.0)}
    for audit in report.audits.values():
        for n, one in enumerate(audit.intervention):
            found[f"{name} {audit.name} {n} {one.claim} {one.between}"] = f"{one.verdict} {one.look}", one.effect
    return found


def of_sequences(classifier: Any, rows: Any, edits: int) -> Said:
    """Audits, looks, counterfactuals and the checks of the method."""
    how: dict[str, Any] = {"edits": edits, "rows_limit": None, "discovery": False, "progress": False}
    found = of_report("all", run_audits(classifier, rows, ["names", "punctuation"], **how))
    found |= of_report("looks", run_audits(classifier, rows, ["punctuation"], exhaustive=False, **how))
    for one in study(classifier, rows.examples[:6], Ask(classifier.default_method), control=False)[0]:
        found[f"counterfactual {one.row}"] = f"{[w.text for w in one.removed]}", one.steps[-1] if one.steps else 0.0
    for check in validate(classifier, rows, rows_limit=6, train_steps=0, checks=["repetition", "completeness"]).checks:
        found[f"validate {check.name}"] = str(check.passed), check.value or 0.0
    return found


def of_texts(classifier: Any, rows: Any, edits: int, audits: Iterable[str] = ("punctuation",)) -> Said:
    """One audit and explanations."""
    how: dict[str, Any] = {"edits": edits, "rows_limit": None, "discovery": False, "progress": False}
    found = of_report("all", run_audits(classifier, rows, list(audits), **how))
    for n, one in enumerate(classifier.explain([row.text for row in rows.examples[:3]])):
        found |= {f"score {n} {k}": ("", float(score)) for k, score in enumerate(one.scores)}
    return found


def of_pictures(classifier: Any) -> Said:
    """An audit of twelve pictures."""
    listed = [
        ImageRow(str(n), one.picture, CLASSES[one.label], one.box)
        for n, one in enumerate(shapes(12, "corner tag", 1.0, 0))
    ]
    return of_report("all", run_image_audits(classifier, listed, seed=0))


def leaning(texts: list[str]) -> list[list[float]]:
    """Leans on a mark."""
    shares = [0.3 + 0.3 * ("!" in text) + 0.001 * (len(text) % 100) for text in texts]
    return [[1 - one, one] for one in shares]


def pictured() -> ImageClassifier:
    """A network with random weights."""
    torch.manual_seed(0)
    parts = [torch.nn.Conv2d(3, 8, 3), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(4), torch.nn.Flatten()]
    return ImageClassifier(
        torch.nn.Sequential(*parts, torch.nn.Linear(128, len(CLASSES))).eval(), preprocess, labels=CLASSES
    )


@contextmanager
def cluster() -> Iterator[None]:
    """Two nodes of two CPUs each; three actors never fit on one."""
    from ray.cluster_utils import Cluster

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    room = {"num_cpus": 2, "object_store_memory": 200_000_000}
    nodes: Any = Cluster(initialize_head=True, head_node_args={**room, "include_dashboard": False})
    nodes.add_node(**room)
    os.environ["RAY_ADDRESS"] = nodes.address
    try:
        yield
    finally:
        nodes.shutdown()


def compared(kind: str, classifier: Any, work: Callable[[Any], Said]) -> bool:
    """Prints a line an engine."""
    alone, well = work(classifier), True
    for name, (count, engine) in ENGINES.items():
        began = time.perf_counter()
        with classifier.workers(count, engine) as many:
            far = work(many)
        same = {key: one for key, (one, _) in alone.items()} == {key: one for key, (one, _) in far.items()}
        most = max((abs(number - far[key][1]) for key, (_, number) in alone.items() if key in far), default=0.0)
        well &= same and most <= BAR
        told = "all verdicts the same" if same else "OTHER VERDICTS"
        took = time.perf_counter() - began
        print(f"{kind}, {name}: {told}, {len(far)} figures differ by {most:.1e} at most ({took:.0f} s)", flush=True)
    return well


def _works(one: TextClassifier, rows: Rows, edits: int) -> Mapping[str, tuple[Any, Callable[[Any], Said]]]:
    """The classifiers by kind, and what is asked of each."""
    tiny = language_model("llama", vocab_size=1000)
    prompted = TextClassifier.from_prompt(tiny.model, tiny.tokenizer, PROMPT)
    bare = load_rows([row.text for row in rows.examples], labels=prompted.labels)
    return {
        "sequence classifier": (one, lambda far: of_sequences(far, rows, edits)),
        "function": (TextClassifier.from_function(leaning, prompted.labels), lambda far: of_texts(far, bare, edits)),
        "prompted": (prompted, lambda far: of_texts(far, bare, edits, ["punctuation", "label_order"])),
        "pictures": (pictured(), of_pictures),
    }


def main() -> None:
    """Prints a line a kind and engine; exit code 1 where one is off."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("data")
    parser.add_argument("--rows", type=int, default=40)
    parser.add_argument("--edits", type=int, default=300)
    parser.add_argument("--only", nargs="+", metavar="KIND")
    given = parser.parse_args()
    one = TextClassifier.from_pretrained(given.model, device="cpu")
    rows = load_rows(given.data, labels=one.labels, limit=given.rows)
    rows.examples[given.rows :] = []
    works = _works(one, rows, given.edits)
    chosen = given.only or list(works)
    with cluster():
        well = [compared(kind, classifier, work) for kind, (classifier, work) in works.items() if kind in chosen]
    raise SystemExit(not all(well))


if __name__ == "__main__":
    main()
