"""Would a fair reader accept what an audit puts into real rows? Edits drawn by hash, to be read by eye.

    python benchmarks/edits_read.py AUDIT DATA [--show 60] [--labels joy anger] [--save SPANS] [--against SPANS]
        [--stratum NAME] [--operator NAME] [--lost 20] [--fair K] [--seed N]

Each line is one place of one edited row, as `[-old-]{+new+}` in its context. `--save` keeps which spans were found;
`--against` says which share of the spans of such a file is found no longer, and shows some of them, drawn by hash. A
reader counts how many of those were fair; `--fair K` then prints the loss of all spans beside that of fair and of wrong
ones: the share of the drawn times the whole loss, with its exact 95% interval (Clopper and Pearson). `--stratum` shows
the edits of one stratum of numbers (decade, century, tenfold, tenth, parity, presence), `--operator` those of one kind.
Another `--seed` draws other places: a reading after mending is blind only on a seed that nobody mended by.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from pathlib import Path

from scipy.stats import binomtest

from token_saliency import load_audits
from token_saliency.auditing.audit import Match, stratum_of
from token_saliency.auditing.edits.by_axis import plan
from token_saliency.auditing.edits.request import Request
from token_saliency.auditing.spans.label_words import bound
from token_saliency.auditing.spans.registry import row_spans
from token_saliency.auditing.spans.templates import learned
from token_saliency.data import load_rows
from token_saliency.results import Edit, Example
from token_saliency.stats.sampling import content_hash

CONTEXT = 60
_PIECE = re.compile(r"\w+(?:['’]\w+)*|\s+|[^\w\s]")


def places(edit: Edit, row: Example) -> list[str]:
    """Every place where the edited text differs from the row, in its context, other places near it marked too."""
    old, new = _PIECE.findall(row.text), _PIECE.findall(edit.text)
    pieces = [
        ("".join(old[a:b]), "" if tag == "equal" else f"[-{''.join(old[a:b])}-]{{+{''.join(new[c:d])}+}}")
        for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    ]
    found = []
    for at, (_, marked) in enumerate(pieces):
        if marked:
            before, after = _near(pieces[:at][::-1], first=False), _near(pieces[at + 1 :], first=True)
            found.append(f"{''.join(before[::-1])}{marked}{''.join(after)}".replace("\n", "⏎"))
    return found


def _near(pieces: Iterable[tuple[str, str]], *, first: bool) -> list[str]:
    """The pieces next to a place as far as the context reaches, changed ones whole."""
    left, found = CONTEXT, list[str]()
    for text, marked in pieces:
        found.append(marked or (text[:left] if first else text[-left:]))
        left -= len(text)
        if left <= 0:
            break
    return found


def asked_for(edit: Edit, stratum: str, operator: str) -> bool:
    """Whether the edit is one of those that are to be read; controls never are."""
    return not edit.placebo and (not stratum or stratum_of(edit.item) == stratum) and operator in ("", edit.operator)


def drawn(edits: Iterable[Edit], rows: Sequence[Example], count: int, seed: int = 0) -> list[str]:
    """One edit a slot and one place of it, both by a hash of content and seed; at most `count`."""
    texts = {row.id: row for row in rows}
    real = sorted(edits, key=lambda e: content_hash(seed, e.row, e.slot[0], e.item, e.text))
    first = {(edit.row, edit.slot): edit for edit in reversed(real)}
    shown: list[str] = []
    for key in sorted(first, key=lambda key: content_hash(seed, texts[key[0]].text, *key[1])):
        differing = places(first[key], texts[key[0]])
        shown += sorted(differing, key=lambda place: content_hash(seed, place))[:1]
        if len(shown) >= count:
            break
    return shown


def lost(
    rows: Sequence[Example], before: list[list[object]], now: list[list[object]], count: int, fair: int | None
) -> None:
    """Prints which share of the former spans is gone, `count` of those, and what it comes to if `fair` of them were."""
    texts = {row.id: row.text for row in rows}
    kept = {(str(i), at) for i, a, b in now for at in range(int(str(a)), int(str(b)))}
    gone = [
        (str(i), a, b) for i, a, b in before if not any((str(i), at) in kept for at in range(int(str(a)), int(str(b))))
    ]
    share = len(gone) / max(1, len(before))
    print(f"lost {len(gone)} of {len(before)} former spans ({share:.1%}); now {len(now)}")
    shown = sorted(gone, key=lambda span: content_hash(*span))[:count]
    if fair is not None and shown:
        low, high = binomtest(fair, len(shown)).proportion_ci()
        part = fair / len(shown)
        print(
            f"all {share:.1%} | wrong {share * (1 - part):.1%} | fair {share * part:.1%} "
            f"[{share * low:.1%}, {share * high:.1%}] ({fair} of {len(shown)} read)"
        )
    for row, a, b in shown:
        text, start, end = texts[row], int(str(a)), int(str(b))
        print(
            "  - " + f"{text[max(0, start - 40) : start]}[{text[start:end]}]{text[end : end + 40]}".replace("\n", "⏎")
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("audit")
    parser.add_argument("data", help="rows, as `token-saliency audit` reads them")
    parser.add_argument("--show", type=int, default=60)
    parser.add_argument("--labels", nargs="+", help="the classes of a model, for label_words")
    parser.add_argument("--save", type=Path)
    parser.add_argument("--against", type=Path)
    parser.add_argument("--stratum", default="", help="of numbers: decade, century, tenfold, tenth, parity, presence")
    parser.add_argument("--operator", default="", help="swap, delete, unstop ...: only such edits")
    parser.add_argument("--lost", type=int, default=20, help="how many of the lost spans are shown")
    parser.add_argument("--fair", type=int, help="how many of the shown lost spans a reader called fair")
    parser.add_argument("--seed", type=int, default=0, help="of the draw of the edits that are shown")
    chosen = parser.parse_args()
    audit = load_audits()[chosen.audit]
    labels = {"labels": chosen.labels} if chosen.labels else {"labels": ["none"], "label": ""}
    rows = list({row.text: row for row in load_rows(chosen.data, split="all", **labels).examples}.values())
    audit = bound(audit, chosen.labels) if chosen.labels else audit
    audit = learned(audit, [row.text for row in rows])
    start = time.perf_counter()
    spans: dict[str, list[Match]] = {row.id: list(row_spans(row, audit)) for row in rows}
    took = (time.perf_counter() - start) / len(rows) * 1000
    edits = plan(Request(audit, rows, spans, 10_000, chosen.seed, lambda texts: [len(text.split()) for text in texts]))
    flat: list[list[object]] = [[row_id, m.start, m.end] for row_id, found in spans.items() for m in found]
    print(
        f"{len(rows)} texts, {len(flat)} spans in {sum(map(bool, spans.values()))} of them, {took:.2f} s a 1,000 rows"
    )
    asked = [edit for edit in edits if asked_for(edit, chosen.stratum, chosen.operator)]
    for nth, line in enumerate(drawn(asked, rows, chosen.show, chosen.seed), 1):
        print(f"{nth:3} {line}")
    if chosen.against:
        lost(rows, json.loads(chosen.against.read_text()), flat, chosen.lost, chosen.fair)
    if chosen.save:
        chosen.save.write_text(json.dumps(flat))


if __name__ == "__main__":
    main()
