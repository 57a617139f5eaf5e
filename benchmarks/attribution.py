"""How fast and how exact attributions are, beside captum and beside the bare loop of the same batches.

    python benchmarks/attribution.py MODEL DATA [--texts 200] [--rounds 5] [--threads 2] [--device cuda]

One run prints every bar with what was measured. All sides take turns on the same slices of the texts; a ratio is
the median over the rounds (each round is a slice). The error of a text is the L1 distance of its token scores to a
Gauss-Legendre rule of many points, relative to the sum of the true ones. MODEL is of the BERT family. On a GPU the same
numbers are asked of the CPU too, and captum's loop over single texts has a bar of its own.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch

from benchmarks.speed.bare import bare, calls_of
from benchmarks.speed.clock import Times, Work, race, seconds
from benchmarks.speed.compiled import compile_line
from benchmarks.speed.oracle import Asked, Floats, Setting, captum_scores, device_of, distances, reference, scores_of
from benchmarks.speed.pass_of_an_audit import attributed, measured, prepared
from token_saliency.data import load_rows
from token_saliency.text.classifier import TextClassifier

DEFAULTS = [Setting("captum, one text a time"), Setting("captum, batches of 8 as they come", batch=8)]
TUNED = [
    (rule, steps) for steps in (8, 10, 12, 14, 16, 20, 24, 32, 40, 50) for rule in ("gausslegendre", "riemann_middle")
]
BATCHES = (1, 4, 8, 16)
SIZES = (100, 1000, 0)
PARITY = 50
GIVES_BACK = MappingProxyType({"MALLOC_TRIM_THRESHOLD_": "0", "MALLOC_MMAP_THRESHOLD_": "65536"})


@dataclass(frozen=True, slots=True)
class Sides:
    """The classifier in float32 and in bfloat16, and what is asked of them."""

    own: TextClassifier
    half: TextClassifier
    asked: Asked

    @property
    def on_gpu(self) -> bool:
        return device_of(self.own).type == "cuda"


@dataclass(frozen=True, slots=True)
class Effort:
    """Rounds of the race and its texts in all, points of the exact rule, texts on which captum's setting is sought."""

    rounds: int
    raced: int
    points: int
    searched: int


def line(what: str, bar: str, found: str, met: bool) -> None:
    print(f"| {what} | {bar} | {found} | {'pass' if met else 'FAIL'} |", flush=True)


def step(name: str) -> None:
    """A run takes minutes: where it is goes to the other stream."""
    print(f"{time.strftime('%H:%M:%S')} {name}", file=sys.stderr, flush=True)


def spread(errors: Floats) -> str:
    median, tail, worst = np.quantile(errors, [0.5, 0.9, 1.0])
    return f"median {median:.2%}, p90 {tail:.2%}, worst {worst:.2%}"


def tuned(own: TextClassifier, asked: Asked, exact: list[Floats], ours: Floats) -> tuple[Setting, Floats]:
    """The cheapest rule of captum whose p90 error is no larger than ours, and its errors; else the dearest tried."""
    for rule, steps in TUNED:
        setting = Setting(f"captum, {rule} {steps}, by length", batch=8, by_length=True, steps=steps, rule=rule)
        errors = distances(captum_scores(own, asked, setting), exact)
        if np.quantile(errors, 0.9) <= np.quantile(ours, 0.9):
            break
    return setting, errors


def fastest(sides: Sides, some: Asked, settings: list[Setting]) -> Setting:
    """The setting that takes the least time, by one go each."""
    return min(settings, key=lambda setting: seconds(lambda: captum_scores(sides.own, some, setting)))


def works(sides: Sides, some: Asked, default: Setting, hand: Setting) -> Mapping[str, Work]:
    texts = list(some.texts)
    calls = calls_of(sides.own.model, lambda: sides.own.explain(texts, baseline="mask"))
    answers, rows = prepared(sides.own, texts)
    return {
        "ours": lambda: sides.own.explain(texts, baseline="mask"),
        "loop": lambda: bare(sides.own.model, calls),
        "default": lambda: captum_scores(sides.own, some, default),
        **({"one by one": lambda: captum_scores(sides.own, some, DEFAULTS[0])} if sides.on_gpu else {}),
        "tuned": lambda: captum_scores(sides.own, some, hand),
        "half": lambda: sides.half.explain(texts, baseline="mask"),
        "audit": lambda: attributed(answers, rows),
    }


def ratio_line(times: Times, what: str, slower: str, faster: str, bar: float) -> None:
    median, least, most, steady = times.ratio(slower, faster)
    found = f"{median:.2f} ({least:.2f} - {most:.2f}; by processor time {steady:.2f})"
    line(what, f"at least {bar:g}", found, median >= bar)


def compared(sides: Sides, effort: Effort) -> None:
    """Errors, then the race."""
    own = sides.own.explain(list(sides.asked.texts), baseline="mask")
    step("reference")
    exact = reference(sides.own, sides.asked, effort.points)
    errors = distances(scores_of(own), exact)
    spent = np.array([one.evaluations for one in own])
    step("bfloat16")
    half = sides.half.explain(list(sides.asked.texts), target=list(sides.asked.targets), baseline="mask")
    size = max(1, min(effort.raced, len(own)) // effort.rounds)
    few = sides.asked.some(0, min(size, 16))
    step("captum's defaults")
    default = fastest(sides, few, DEFAULTS)
    step("captum hand-tuned")
    sample = min(effort.searched, len(own))
    hand, tuned_errors = tuned(sides.own, sides.asked.some(0, sample), exact[:sample], errors[:sample])
    hand = fastest(sides, few, [Setting(hand.name, batch, True, hand.steps, hand.rule) for batch in BATCHES])
    print(f"\ngradients a text: mean {spent.mean():.1f}, p90 {np.quantile(spent, 0.9):.0f}")
    print(f"captum's better default: {default.name}; hand-tuned: {hand.name}, batches of {hand.batch}")
    plain = distances(captum_scores(sides.own, few, default), exact[: len(few.texts)])
    print(f"its error at the defaults: {spread(plain)}")
    print(f"its error hand-tuned: {spread(tuned_errors)}; ours on the same texts: {spread(errors[:sample])}")
    print(f"bfloat16: {spread(distances(scores_of(half), exact))}, ", end="")
    print(f"{np.mean([one.evaluations for one in half]):.1f} gradients, ", end="")
    print(f"{sum(not one.converged for one in half)} of {len(half)} unconverged\n")
    step("race")
    times = race([works(sides, sides.asked.some(i * size, size), default, hand) for i in range(effort.rounds)])
    print("| what | bar | found | |\n| --- | --- | --- | --- |")
    line("token error, p90", "under 6%", spread(errors), float(np.quantile(errors, 0.9)) < 0.06)
    line("unconverged", "none", f"{sum(not one.converged for one in own)} of {len(own)}", all(o.converged for o in own))
    ratio_line(times, "share of the bare loop's tokens/s", "loop", "ours", 0.9)
    ratio_line(times, "captum at its defaults / ours", "default", "ours", 3)
    ratio_line(times, "captum hand-tuned at equal error / ours", "tuned", "ours", 1)
    ratio_line(times, "captum at its defaults / ours in bfloat16", "default", "half", 5)
    ratio_line(times, "captum at its defaults / attribution pass of an audit", "default", "audit", 10)
    if sides.on_gpu:
        ratio_line(times, "a loop of captum over single texts / ours", "one by one", "ours", 20)
        alike(sides, texts=list(sides.asked.texts)[:PARITY])


def alike(sides: Sides, texts: list[str]) -> None:
    """The same texts on the CPU: logits, gradients (nothing adaptive in them), and the scores of the default method."""
    there = TextClassifier(copy.deepcopy(sides.own.model).cpu(), sides.own.tokenizer)
    logits = np.abs(sides.own.predict(texts).logits - there.predict(texts).logits).max()
    line("largest difference of a logit from the CPU", "under 1e-04", f"{logits:.1e}", logits < 1e-4)
    for method, bar in (("gradient", 1e-4), ("integrated_gradients", 1e-2)):
        ours, others = (scores_of(one.explain(texts, method)) for one in (sides.own, there))
        worst = float(distances(ours, others).max())
        line(f"{method}: worst text, L1 from the CPU's scores", f"under {bar:.0e}", f"{worst:.1e}", worst < bar)


def ran(command: list[str], environment: Mapping[str, str] = MappingProxyType({})) -> tuple[float, int, int]:
    """Seconds, tokens and MiB of one process."""
    said = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | environment).stdout
    spent, tokens, memory = json.loads(said.splitlines()[-1])
    return spent, tokens, memory


def growth(arguments: argparse.Namespace, count: int) -> None:
    """Cost and memory of the pass over more and more rows, each in a process of its own.

    The C library keeps freed memory for later, more of it with time; a second, slower go that makes it give all back
    shows what the pass itself holds.
    """
    found = {}
    for size in dict.fromkeys(min(size or count, count) for size in SIZES):
        command = [sys.executable, __file__, arguments.model, arguments.data, "--rows", str(size)]
        command += [
            "--threads",
            str(arguments.threads),
            "--device",
            arguments.device,
            *(["--split", arguments.split] if arguments.split else []),
        ]
        spent, tokens, kept = ran(command)
        *_, held = ran(command, GIVES_BACK)
        found[size] = spent, tokens, held
        print(f"{size:,} rows: {spent:.1f} s, {tokens:,} tokens, {tokens / spent:,.0f} tokens/s, ", end="")
        print(f"peak {held:,} MiB ({kept:,} MiB with what the C library keeps)")
    first, last = (found[size] for size in (min(found), max(found)))
    cost = (last[0] / last[1]) / (first[0] / first[1])
    print("\n| what | bar | found | |\n| --- | --- | --- | --- |")
    line(f"seconds a token, {max(found):,} rows / {min(found):,}", "at most 1.15", f"{cost:.2f}", cost <= 1.15)
    line("peak memory of the same", "at most 1.15", f"{last[2] / first[2]:.2f}", last[2] / first[2] <= 1.15)


def main() -> None:
    chosen = arguments()
    torch.set_num_threads(chosen.threads)
    own = TextClassifier.from_pretrained(chosen.model, device=chosen.device)
    rows = load_rows(chosen.data, labels=own.labels, split=chosen.split).examples
    texts = list(dict.fromkeys(row.text for row in rows))
    if chosen.tokens:
        counts = own.count_tokens(texts)
        texts = [text for text, n in zip(texts, counts, strict=True) if chosen.tokens[0] <= n <= chosen.tokens[1]]
    if chosen.rows is not None:
        own.explain(texts[:2])
        print(json.dumps(measured(own, texts[: chosen.rows])))
        return
    some = texts[: chosen.texts]
    half = TextClassifier.from_pretrained(chosen.model, device=chosen.device, dtype="bfloat16")
    aims = own.predict(some)
    sides = Sides(own, half, Asked(some, [own.labels.index(str(label)) for label in aims.labels]))
    half.explain(some[:2])
    where = torch.cuda.get_device_name() if sides.on_gpu else f"{chosen.threads} threads"
    print(f"{where}, {len(some)} texts of {np.mean(own.count_tokens(some)):.0f} tokens, ", end="")
    print(f"{chosen.rounds} rounds, {own.batch_tokens} tokens a batch")
    if chosen.compile:
        print(compile_line(own, some))
        return
    compared(sides, Effort(chosen.rounds, chosen.raced or len(some), chosen.points, chosen.searched))
    if not chosen.no_growth:
        print()
        growth(chosen, len(texts))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="a folder with a model of the BERT family")
    parser.add_argument("data", help="rows, as `token-saliency audit` reads them")
    parser.add_argument("--split")
    parser.add_argument("--texts", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tokens", type=int, nargs=2, metavar=("LEAST", "MOST"), help="texts of such a length alone")
    parser.add_argument("--raced", type=int, default=0, help="texts of the race, all rounds together (0: all of them)")
    parser.add_argument("--searched", type=int, default=60, help="texts on which captum's setting is looked for")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--points", type=int, default=96, help="points of the rule that errors are measured against")
    parser.add_argument("--no-growth", action="store_true", help="leaves out cost and memory of more and more rows")
    parser.add_argument("--compile", action="store_true", help="measures torch.compile alone")
    parser.add_argument("--rows", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
