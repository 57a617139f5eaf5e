"""What stopping saves, and what it changes: every edit asked, and looks at an eighth, a quarter and a half.

    python -m benchmarks.looks MODEL=DATA ... [--rows 1000] [--edits 10000] [--audits NAME,...] [--timed]

For every pair of a model and rows, both ways: edited texts, forward passes, tokens, the verdict of each audit, every
claim whose verdict goes from FAIL to PASS or back, and every FAIL that is left undecided. What looks asked is not asked
again for the run without them (its answers are the same); with `--timed` it is, and seconds of the processor are
printed.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from statistics import median
from typing import Any

import transformers

from token_saliency import TextClassifier, run_audits
from token_saliency.report import Report
from token_saliency.store.blocks import Block

SWAPPED = {("FAIL", "PASS"), ("PASS", "FAIL")}
LOST = {("FAIL", "WARN"), ("FAIL", "INCONCLUSIVE")}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("pairs", nargs="+", metavar="MODEL=DATA")
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--edits", type=int, default=10_000)
    parser.add_argument("--method", help="random: no time for attributions, of which no verdict hangs")
    parser.add_argument("--no-discovery", dest="discovery", action="store_false")
    parser.add_argument("--timed", action="store_true", help="ask everything twice, and tell the seconds")
    parser.add_argument("--label-map", type=json.loads, help='JSON: {"neutral": ""} drops rows')
    parser.add_argument("--audits", type=lambda names: names.split(","))
    given = parser.parse_args()
    transformers.logging.disable_progress_bar()
    shares = []
    for pair in given.pairs:
        model, data = pair.split("=", 1)
        options = {"rows_limit": given.rows, "audits": given.audits, "edits": given.edits, "method": given.method}
        options |= {"label_map": given.label_map, "discovery": given.discovery}
        shares.append(_pair(model, data, timed=given.timed, **options))
    print(f"median share of the edits over {len(shares)} pairs: {median(shares):.2f} (bar: at most 0.33)")


def _pair(model: str, data: str, *, timed: bool, **options: Any) -> float:
    """Both ways; the share of the audits' edits that were asked."""
    blocks: list[Block] = []
    sooner, fast = _timed(model, data, on_block=blocks.append, **options)
    whole, slow = _timed(model, data, exhaustive=True, finished=[] if timed else blocks, **options)
    edits = [_edits(report) for report in (whole, sooner)]
    print(f"\n{model} on {data}: {whole.dataset.rows_used} rows")
    print(f"edits {edits[0]:,} -> {edits[1]:,} ({edits[1] / max(1, edits[0]):.2f}), ", end="")
    print(f"forward passes {whole.cost.forward:,} -> {sooner.cost.forward:,}, ", end="")
    print(f"tokens {whole.cost.tokens:,} -> {sooner.cost.tokens:,} ({sooner.cost.tokens / whole.cost.tokens:.2f})")
    if timed:
        print(f"seconds of the processor {slow:.1f} -> {fast:.1f} ({fast / slow:.2f})", flush=True)
    for name, audit in whole.audits.items():
        there, here = _edits(whole, name), _edits(sooner, name)
        looks = sorted({f.look for f in sooner.audits[name].intervention if f.judged})
        print(f"  {name:18} {audit.verdict:12} {sooner.audits[name].verdict:12} {there:6,} {here:6,}  looks {looks}")
    print(f"  FAIL <-> PASS: {_changed(whole, sooner, SWAPPED) or 'none'}")
    print(f"  FAIL no more: {_changed(whole, sooner, LOST) or 'none'}", flush=True)
    return edits[1] / max(1, edits[0])


def _timed(model: str, data: str, **options: Any) -> tuple[Report, float]:
    classifier = TextClassifier.from_pretrained(model)
    begun = time.process_time()
    report = run_audits(classifier, data, progress=False, **options)
    return report, time.process_time() - begun


def _edits(report: Report, name: str | None = None) -> int:
    """Edited texts of the audits, without those of suspects."""
    edits = report.evidence[1] if report.evidence else ()
    return sum(edit.audit in report.audits and name in (None, edit.audit) for edit in edits)


def _changed(whole: Report, sooner: Report, pairs: set[tuple[str, str]]) -> Sequence[str]:
    """Claims, and audits, whose verdicts are one of these pairs."""
    found = []
    for name, audit in whole.audits.items():
        other = {(f.claim, f.class_, f.operator, f.between): f for f in sooner.audits[name].intervention}
        both = [(f, other.get((f.claim, f.class_, f.operator, f.between))) for f in audit.intervention if f.judged]
        found += [f"{name} {f.claim} {f.between}" for f, g in both if g and (f.verdict, g.verdict) in pairs]
        found += [name] if (audit.verdict, sooner.audits[name].verdict) in pairs else []
    return found


if __name__ == "__main__":
    main()
