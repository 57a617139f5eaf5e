"""What stopping saves, and what it changes: every edit asked, and looks at an eighth, a quarter and a half.

    python -m benchmarks.looks MODEL=DATA ... [--rows 1000] [--edits 10000] [--audits NAME,...]
    python -m benchmarks.looks MODEL=DATA ... --rows 300 --method random --no-discovery --replay FOLDER --out FILE

For every pair of a model and rows, both ways: edited texts, forward passes, tokens, the verdict of each audit, every
claim whose verdict goes from FAIL to PASS or back, and every FAIL that is left undecided. What looks asked is not asked
again for the run without them (its answers are the same). With `--replay` the answers of every pair are kept in the
folder, and a later run asks only what is not there: the rules of stopping can be tried without a model. Seconds are
those of time_to_verdict.py.
"""

from __future__ import annotations

import argparse
import json
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import transformers

from benchmarks.planted.tables import Bar, bars_table, page, table, write_page
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
    parser.add_argument("--label-map", type=json.loads, help='JSON: {"neutral": ""} drops rows')
    parser.add_argument("--audits", type=lambda names: names.split(","))
    parser.add_argument("--replay", type=Path, help="a folder that keeps the answers")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    transformers.logging.disable_progress_bar()
    found = []
    for pair in given.pairs:
        model, data = pair.split("=", 1)
        options = {"rows_limit": given.rows, "audits": given.audits, "edits": given.edits, "method": given.method}
        options |= {"label_map": given.label_map, "discovery": given.discovery}
        found.append(_pair(model, data, replay=given.replay, **options))
    middle = median(one.share for one in found)
    print(f"median share of the edits over {len(found)} pairs: {middle:.3f} (bar: at most 0.33)")
    if given.out:
        said = f"--rows {given.rows} --edits {given.edits}{_said(given)}"
        write_page(_page(found, f"python -m benchmarks.looks MODEL=DATA ... {said}"), given.out)


def _said(given: argparse.Namespace) -> str:
    method = f" --method {given.method}" if given.method else ""
    mapped = f" --label-map '{json.dumps(given.label_map)}'" if given.label_map else ""
    return method + ("" if given.discovery else " --no-discovery") + mapped


@dataclass(frozen=True, slots=True)
class Pair:
    """What looks did to the edits and the verdicts of one model on one data set."""

    model: str
    data: str
    edits: tuple[int, int]
    fails: tuple[int, int]
    swapped: Sequence[str]
    lost: Sequence[str]

    @property
    def share(self) -> float:
        """Of the edits of the audits."""
        return self.edits[1] / max(1, self.edits[0])


def _pair(model: str, data: str, *, replay: Path | None, **options: Any) -> Pair:
    """Both ways."""
    kept = replay / f"{Path(model).name}-{Path(data).stem}.pickle" if replay else None
    blocks: list[Block] = pickle.loads(kept.read_bytes()) if kept and kept.is_file() else []
    classifier = TextClassifier.from_pretrained(model)
    options |= {"on_block": blocks.append, "on_progress": lambda *_: None}
    sooner, whole = (
        run_audits(classifier, data, exhaustive=every, finished=[*blocks], **options) for every in (False, True)
    )
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(pickle.dumps(blocks))
    edits = _edits(whole), _edits(sooner)
    print(f"\n{model} on {data}: {whole.dataset.rows_used} rows")
    print(f"edits {edits[0]:,} -> {edits[1]:,} ({edits[1] / max(1, edits[0]):.2f})")
    for name, audit in whole.audits.items():
        there, here = _edits(whole, name), _edits(sooner, name)
        looks = sorted({f.look for f in sooner.audits[name].intervention if f.judged})
        print(f"  {name:18} {audit.verdict:12} {sooner.audits[name].verdict:12} {there:6,} {here:6,}  looks {looks}")
    swapped, lost = _changed(whole, sooner, SWAPPED), _changed(whole, sooner, LOST)
    print(f"  FAIL <-> PASS: {swapped or 'none'}")
    print(f"  FAIL no more: {lost or 'none'}")
    print(f"  confirmed by discovery: {_confirmed(whole)} -> {_confirmed(sooner)}", flush=True)
    fails = _fails(whole), _fails(sooner)
    return Pair(Path(model).name, Path(data).stem, edits, fails, swapped, lost)


def _fails(report: Report) -> int:
    return sum(audit.verdict == "FAIL" for audit in report.audits.values())


def _confirmed(report: Report) -> list[str]:
    return sorted(one.item for one in report.discovery if one.confirmed)


def _page(found: Sequence[Pair], command: str) -> str:
    middle, swapped = median(one.share for one in found), sum(len(one.swapped) for one in found)
    bars = [
        Bar("median share of the edits at most 1/3", f"{middle:.3f}", middle <= 1 / 3),
        Bar("no FAIL becomes PASS, or the other way round", str(swapped), swapped == 0),
    ]
    head = ["model", "rows", "edits", "asked", "share", "audits that FAIL", "FAIL <-> PASS", "FAIL no more"]
    lines = [
        [
            *(one.model, one.data, f"{one.edits[0]:,}", f"{one.edits[1]:,}", f"{one.share:.2f}"),
            *(f"{one.fails[0]} -> {one.fails[1]}", "; ".join(one.swapped) or "none", "; ".join(one.lost) or "none"),
        ]
        for one in found
    ]
    return page("What looks spare", command, [bars_table(bars), table(head, lines)])


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
