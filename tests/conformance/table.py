"""The table of docs/architectures.md: `python -m tests.conformance.table` runs the suite and writes it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import transformers

from tests.conformance.checks import Measured, measure
from tests.conformance.notes import NOTES, REFUSED
from tests.conformance.recipes import TYPES, build
from token_saliency.results import SelfTest
from token_saliency.text.classifier import TextClassifier

FILE = Path(__file__).resolve().parents[2] / "docs" / "architectures.md"

_HEAD = """\
# Architectures

Each type of transformers' sequence classification mapping as a tiny random model built from its config. This page is
written by `python -m tests.conformance.table`, and `tests/conformance` fails where it is not what the suite finds.

transformers {version}: {passed} of {all} pass.

A type *passes* if all of this holds on four texts of different lengths:

- the model's own vectors, put back by the hook, give the output of the bare model;
- predictions of one text, and of all texts together, are those of the bare model on one text at a time;
- the gradient is that of an independent autograd computation, and agrees with a finite difference of the bare model;
- the vectors of one text under the ids of another give the output of the first, and rows of one length do not mix;
- integrated gradients are complete, and start from the output of the bare model with its mask vectors;
- a text longer than the model is cut to what the bare model takes;
- weights, hooks, settings, mode, `.grad`, config and random generator are as before.

The other columns:

- *embedding*: the module whose output is replaced (found by tracing, not by name);
- *batches*: which rows share a batch. Where padding changes a row only `equal lengths` do;
- *pad*: whether the type's config names a pad token. Where it does not, batches go through a view of the model that
  has one.

A mixture of experts is tested with all experts active. Where a router picks a few of them the output jumps on the path
of integrated gradients, and most such scores are marked as unconverged.

A type that does not pass is refused with a `ModelError` that says why. *no gradient*: predictions, audits' edits and
the method `occlusion` work; *no embedding*: only predictions and edits do; *not built*: transformers cannot build it.

| type | class | verdict | embedding | batches | pad | notes |
| --- | --- | --- | --- | --- | --- | --- |
"""


def passing(model_type: str, measured: Measured) -> str:
    """The row of a type that passed."""
    return _row(model_type, "passes", measured.self_test, build(model_type).model.config)


def refused(model_type: str) -> str:
    """The row of a type in `REFUSED`."""
    try:
        tiny = build(model_type)
    except ImportError:
        return _line(model_type, "not built", "", "", "")
    test = TextClassifier(tiny.model, tiny.tokenizer).self_test
    return _row(model_type, "no gradient" if test.embedding_hits else "no embedding", test, tiny.model.config)


def documented() -> dict[str, str]:
    """Model type -> row, as the page has them; empty where it was written with another version of transformers."""
    text = FILE.read_text(encoding="utf-8") if FILE.exists() else ""
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    current = f"\ntransformers {transformers.__version__}:" in text
    return {line.split("`")[1]: line for line in lines} if current else {}


def page(rows: Mapping[str, str]) -> str:
    """The whole page; what other scripts wrote behind the table stays."""
    head = _HEAD.format(version=transformers.__version__, passed=len(rows) - len(REFUSED.keys() & rows), all=len(rows))
    return head + "".join(f"{row}\n" for row in rows.values()) + _others()


def _others() -> str:
    """The part that `python -m benchmarks.real_parts` writes."""
    text = FILE.read_text(encoding="utf-8") if FILE.exists() else ""
    at = text.find("\n<!-- real parts")
    return "" if at < 0 else text[at:]


def main() -> int:
    """Writes the page, unless a type that should pass does not."""
    transformers.logging.set_verbosity_error()
    rows: dict[str, str] = {}
    faulty: dict[str, list[str]] = {}
    for model_type in TYPES:
        if model_type in REFUSED:
            rows[model_type] = refused(model_type)
            continue
        measured = measure(lambda: build(model_type))  # noqa: B023 - called at once
        rows[model_type] = passing(model_type, measured)
        faulty |= {model_type: measured.faults()} if measured.faults() else {}
    for model_type, faults in faulty.items():
        print(f"{model_type}: {'; '.join(faults)}", file=sys.stderr)
    if not faulty:
        FILE.write_text(page(rows), encoding="utf-8")
    return 1 if faulty else 0


def _row(model_type: str, verdict: str, test: SelfTest, config: Any) -> str:
    pad = getattr(config.get_text_config(), "pad_token_id", None)
    return _line(
        model_type,
        verdict,
        f"`{test.embedding}`" if test.embedding_hits else "none",
        _batches(test),
        "no" if pad is None else "yes",
    )


def _batches(test: SelfTest) -> str:
    if test.padding_invariant:
        return "any lengths"
    return "one row at a time" if "one row at a time" in " ".join(test.notes) else "equal lengths"


def _line(model_type: str, *columns: str) -> str:
    cells = (f"`{model_type}`", f"`{TYPES[model_type]}`", *columns, NOTES.get(model_type, ""))
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    raise SystemExit(main())
