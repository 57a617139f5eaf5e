"""The audits of a prompt on a real instruct model, beside a plain loop over all rows that never meets the package.

    python benchmarks/prompted.py MODEL sst_cased.csv [--rows 200] [--dtype float32] [--calibrated]

MODEL is what `make-smollm2` writes. The loop asks the bare model for the log-probabilities of the whole vocabulary, one
row at a time without anything shared, under the prompt as it is and under three others: labels swapped, a space at the
end, capitals. Each interval of the report has to hold what the loop finds. Small changes of the wording that should not
matter (PLACEBOS) are put to the model as if they were under suspicion: none may fail. With `--calibrated` the same
audits of the batch-calibrated prompt, without the loop: nothing may fail.
"""

from __future__ import annotations

import argparse
import csv
import random
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModelForCausalLM, AutoTokenizer

from token_saliency.auditing.run import run_audits
from token_saliency.resources import shipped
from token_saliency.text.classifier import TextClassifier

FIRST = "Classify the sentiment of this movie review as positive or negative."
TEMPLATE = f"{FIRST}\nReview: {{text}}\nAnswer with one word."
PROMPT: dict[str, Any] = {
    "chat": True,
    "template": TEMPLATE,
    "answer": "Sentiment:",
    "labels": {"negative": [" negative"], "positive": [" positive"]},
}
CAPITALS = {"negative": [" Negative"], "positive": [" Positive"]}
OTHERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "labels swapped": (
        "label_order",
        "negative, positive",
        {"template": TEMPLATE.replace("positive or negative", "negative or positive")},
    ),
    "space at the end": ("prompt_format", "a space at the end", {"answer": "Sentiment: "}),
    "capitals": (
        "label_names",
        "Negative / Positive",
        {"labels": CAPITALS, "template": TEMPLATE.replace("positive or negative", "Positive or Negative")},
    ),
}
"""What the plain loop asks besides: the audit and the item that are the same, and the other parts of the prompt."""
PLACEBOS = [FIRST.replace("this movie review", word) for word in ("the movie review", "this film review")]

Array = NDArray[np.float64]


def rows_of(path: str, count: int, seed: int = 0) -> list[dict[str, str]]:
    """As many rows of each of the two classes, drawn from the held-out parts."""
    with Path(path).open(encoding="utf-8") as file:
        found = [row for row in csv.DictReader(file) if row["label"] in PROMPT["labels"] and row["split"] != "train"]
    random.Random(seed).shuffle(found)
    own = {label: [row for row in found if row["label"] == label][: count // 2] for label in PROMPT["labels"]}
    return [{"text": row["text"], "label": row["label"]} for rows in own.values() for row in rows]


def plain(model: Any, tokenizer: Any, rows: list[dict[str, str]], parts: dict[str, Any]) -> Array:
    """[rows, 2] probabilities of the two labels, which all have one token."""
    prompt = PROMPT | parts
    words = [tokenizer(own[0], add_special_tokens=False)["input_ids"] for own in prompt["labels"].values()]
    found = []
    for row in rows:
        said = [{"role": "user", "content": prompt["template"].replace("{text}", row["text"])}]
        whole = tokenizer.apply_chat_template(said, tokenize=False, add_generation_prompt=True) + prompt["answer"]
        ids = tokenizer(whole, add_special_tokens=False, return_tensors="pt")["input_ids"]
        with torch.no_grad():
            shares = model(ids, logits_to_keep=1).logits[0, -1].double().log_softmax(-1)
        found.append(shares[[one for (one,) in words]].softmax(-1).tolist())
    return np.array(found)


def asked(classifier: TextClassifier, rows: list[dict[str, str]]) -> Any:
    """The report; the placebos are the paraphrases of an audit of their own."""
    names = ["label_order", "label_names", "prompt_format", "placebo"]
    with tempfile.TemporaryDirectory() as folder:
        text = (shipped("audits") / "prompt" / "instruction.toml").read_text(encoding="utf-8")
        said = "paraphrases = [" + ", ".join(f'"{one}"' for one in PLACEBOS) + "]"
        (Path(folder) / "placebo.toml").write_text(text.replace("paraphrases = []", said), encoding="utf-8")
        return run_audits(
            classifier,
            rows,
            names,
            audits_dir=folder,
            rows_limit=None,
            edits=100_000,
            exhaustive=True,
            method="random",
            discovery=False,
        )


def told(report: Any) -> None:
    """The classifier, and each audit."""
    check, classes = report.prompt.labels, report.performance
    low, middle, high = check.mass
    print(f"accuracy {classes.accuracy:.3f}; label mass {middle:.2f} (5% to 95% of the rows: {low:.2f} to {high:.2f});")
    print(f"the likeliest token is no label in {check.no_label:.0%}; greedy text agrees in {check.greedy:.0%} of")
    print(f"{check.generated} rows")
    for name, audit in report.audits.items():
        print(f"\n{name}: {audit.verdict}. {audit.reason}")
        for note in audit.notes:
            print(f"  {note}")


def held(report: Any, name: str, base: Array, other: Array) -> bool:
    """Whether the intervals hold what the plain loop found, of the shift of a class and of the flips."""
    audit, item, _ = OTHERS[name]
    flips, shift = float((base.argmax(1) != other.argmax(1)).mean()), float((other - base)[:, 1].mean())
    shifts = (one for one in report.audits[audit].intervention if one.claim == "shift" and one.class_ == "positive")
    (finding,) = (one for one in shifts if item in (one.between or ()))
    said = next(note for note in report.audits[audit].notes if note.startswith(f"{item}: "))
    low, high = (float(part) / 100 for part in re.search(r"interval ([\d.]+)% to ([\d.]+)%", said).groups())  # type: ignore[union-attr]
    low_shift, high_shift = finding.interval
    good = low - 0.005 <= flips <= high + 0.005 and low_shift <= shift <= high_shift
    print(f"{name}: plain loop flips {flips:.1%}, report [{low:.0%}, {high:.0%}]; plain shift {shift:+.4f}, report")
    print(f"  {finding.effect:+.4f} [{low_shift:+.4f}, {high_shift:+.4f}] {finding.verdict}: held {good}")
    return good


def main() -> int:
    """Prints what the audits say and what the loop finds; 1 where they differ, or a placebo fails."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("data")
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--calibrated", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    tokenizer = AutoTokenizer.from_pretrained(options.model)
    model = AutoModelForCausalLM.from_pretrained(options.model, dtype=options.dtype).eval()
    rows = rows_of(options.data, options.rows)
    classifier = TextClassifier.from_prompt(model, tokenizer, PROMPT, id="model")
    if options.calibrated:
        texts = [row["text"] for row in rows]
        prompt = PROMPT | {"calibrate": "batch"}
        classifier = TextClassifier.from_prompt(model, tokenizer, prompt, calibrate_on=texts, id="model")
    report = asked(classifier, rows)
    told(report)
    if options.calibrated:
        return int(any(audit.verdict == "FAIL" for audit in report.audits.values()))
    print(flush=True)
    base = plain(model, tokenizer, rows, {})
    good = [held(report, name, base, plain(model, tokenizer, rows, OTHERS[name][2])) for name in OTHERS]
    found = [report.audits[OTHERS[name][0]].verdict for name in OTHERS]
    print(f"found: {found}; placebo edits: {report.audits['placebo'].verdict}")
    return int(not (all(good) and set(found) == {"FAIL"} and report.audits["placebo"].verdict != "FAIL"))


if __name__ == "__main__":
    raise SystemExit(main())
