"""Plans the audits' own edits, insertions and exchanges of whole texts, each beside a control in the same row.

An own edit takes all spans of one item in a row at once. Its control does as much to ordinary words of that row:
as many of them, as long, edited in a way that should matter as little. A row that the edit leaves as it is, is no
row of the claim.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

from token_saliency.auditing.audit import ANY, LAST_MARK, ORDER, SEGMENTS, STRATA, Match
from token_saliency.auditing.edits.number_strata import stratum
from token_saliency.auditing.edits.operators import (
    OPERATORS,
    Operator,
    capitalise,
    delete,
    end_of,
    everywhere,
    insert,
    start_of,
    turn,
)
from token_saliency.auditing.edits.renumbering import after_article, alike
from token_saliency.auditing.edits.request import (
    Request,
    as_long,
    control_words,
    neutral_words,
    ordinary_words,
    planned_edit,
    too_few,
    words_of,
)
from token_saliency.auditing.edits.without_number import without_number
from token_saliency.auditing.spans.figures import language_of
from token_saliency.auditing.spans.sentences import sentence_spans
from token_saliency.results import Edit, Example
from token_saliency.stats.sampling import content_hash

OWN_ITEMS = 6
OWN_ROWS = 400

_CONTROL: dict[str, Operator | None] = {"recase": capitalise, "cut": None, "mask": OPERATORS["mask"]}
"""What is done to ordinary words beside an own edit; else they are deleted. None: nothing could be as large."""
_LENT: tuple[Operator | None, ...] = (delete, capitalise)
"""Where rows lend too few of these, a neutral word is put in: a text changed by as many words."""


def rewritten(request: Request, operator: str) -> list[Edit]:
    """Every frequent item is rewritten wherever it stands in a row."""
    ordinary = _ordinary(request)
    strata = [(f" ({name})", without_number if name == "presence" else stratum(name)) for name in STRATA]
    edits = [("", OPERATORS[operator]), *(strata if operator == "renumber" else [])]
    planned: list[Edit] = []
    claimed = _claimed(request)
    for item, rows in claimed:
        for name, edit in edits:
            found = _rewritten(request, operator, edit, rows, _count(request, 2 * len(claimed) * len(edits)))
            if name and len(found) < request.audit.judge.min_rows:
                continue  # a stratum is asked where enough numbers fall in it
            planned += [
                replace(_planned(request, operator, row, matches, item + name, text), text_pair=pair)
                for row, matches, text, pair in found
            ]
            planned += _controls(request, operator, item + name, found, ordinary)
    return planned


Changed = Sequence[tuple[Example, list[Match], str, str | None]]
"""Rows with what is edited in them, the edited text, and the other one of a pair."""


def _controls(request: Request, operator: str, item: str, found: Changed, ordinary: Collection[str]) -> list[Edit]:
    """Beside each edit what the row itself lends; where too few do, a neutral word is put into the others."""
    natural = [_control(request, operator, row, matches, item, ordinary) for row, matches, *_ in found]
    made = _CONTROL.get(operator, delete) in _LENT and too_few(request, len(found), sum(map(len, natural)))
    for own, (row, matches, *_) in zip(natural, found if made else [], strict=False):
        if not own:
            text, place = neutral_words(row, matches, ordinary)
            own.append(replace(_planned(request, operator, row, [place], item, text), placebo=True))
    return [edit for own in natural for edit in own]


Rows = Sequence[tuple[Example, list[Match]]]


def _rewritten(request: Request, operator: str, edit: Operator, rows: Rows, most: int) -> Changed:
    """The first rows that the edit changes and leaves something of, with the changed texts."""
    filler = request.mask if operator == "mask" else ""
    found: list[tuple[Example, list[Match], str, str | None]] = []
    for row, matches in rows:
        if len(found) >= most:
            break
        figures = operator == "renumber" and edit is not without_number
        at = alike(edit, row.text, matches) if figures else edit
        text = everywhere(at, row.text, matches, filler)
        others = request.beside(row, matches)
        pair = _beside(at, row, others, filler, figures=figures) if others else row.text_pair
        if text != row.text and text.strip() and others is not None and (pair != row.text_pair or not others):
            found.append((row, matches, text, pair))
    return found


def _beside(edit: Operator, row: Example, others: Sequence[Match], filler: str, *, figures: bool) -> str | None:
    """The other text with the same edit at every place, or as it is where one place does not take it."""
    pair = row.text_pair or ""
    for match in sorted(others, key=lambda match: -match.start):
        new = edit(pair, match, filler)
        if new == pair or (figures and after_article(pair, match)):  # which may not agree with that number
            return row.text_pair
        pair = new
    return pair


def _claimed(request: Request) -> list[tuple[str, Rows]]:
    """The items that enough rows hold, with those rows by hash; all items as one where none is frequent."""
    least = request.audit.judge.min_rows
    counts = Counter(item for row in request.rows for item in {match.item for match in request.spans[row.id]})
    often = sorted((item for item, rows in counts.items() if rows >= least), key=lambda item: (-counts[item], item))
    claims: list[tuple[str, Collection[str]]] = [(item, {item}) for item in often[:OWN_ITEMS]]
    return [(name, _holding(request, items)) for name, items in claims or [(ANY, set(counts))]]


def _holding(request: Request, items: Collection[str]) -> Rows:
    found = ((row, [m for m in request.spans[row.id] if m.item in items]) for row in _by_hash(request))
    return [(row, matches) for row, matches in found if matches]


def _by_hash(request: Request) -> list[Example]:
    return sorted(request.rows, key=lambda row: content_hash(request.seed, row.text, row.text_pair))


def _count(request: Request, texts_a_row: int) -> int:
    """How many rows a claim may take, so that all of them together keep to the budget."""
    return max(1, min(request.most(OWN_ROWS), request.edits // texts_a_row))


def _ordinary(request: Request) -> frozenset[str]:
    """The audit's controls, else the words of the rows that go with no label."""
    own = {word for entry in request.audit.find.lexicon for word in words_of(entry.item)}
    declared = request.audit.edit.controls if "insert" not in request.audit.edit.operators else ()
    return frozenset(declared) or ordinary_words(request.rows, own)


def _control(
    request: Request, operator: str, row: Example, matches: Sequence[Match], item: str, ordinary: Collection[str]
) -> list[Edit]:
    edit = _CONTROL.get(operator, delete)
    free = control_words(row.text, request.spans[row.id], ordinary) if edit else []
    words = as_long(request, row, matches, free)
    if edit is None or not words:
        return []
    text = everywhere(edit, row.text, words, request.mask)
    return [replace(_planned(request, operator, row, words, item, text), placebo=True)] if text != row.text else []


# --- insertions -------------------------------------------------------------------------------------

ROW = "{text}"
"""Stands for the row in an item of the audit that is put around it."""

Around = tuple[str, str] | None
"""What a template puts before and after the row; None of a piece that is put at one end of it."""


def insertions(request: Request) -> list[Edit]:
    """Every item of the panel at the start (or end) of rows that do not hold it; the control is put there as well.

    An item that names the row, as in "Review: {text} Answer:", is put around it. What was learned from the rows stands
    for itself, whatever it says.
    """
    rule = request.audit.edit
    listed = {item: sides_of(item) for item in rule.panel}
    learned = [entry.item for entry in request.audit.find.lexicon if entry.groups.get("end") == rule.place]
    items = listed | {item: None for item in learned if item not in listed}  # an item has one claim
    place = end_of if rule.place == "end" else start_of
    planned: list[Edit] = []
    for item, around in items.items():
        rows = [row for row in _by_hash(request) if row.text.strip() and not _holds(request, row, item, around)]
        rows = [row for row in rows if said_in(request, item, row)]
        for row in rows[: _count(request, 2 * len(items))]:
            match, own = place(row.text), said_in(request, item, row)
            planned.append(_planned(request, "insert", row, [match], item, _put(row.text, match, own, around)))
            for control in _like(item, around, rule.controls, row):
                text = _put(row.text, match, said_in(request, control, row), sides_of(control))
                planned.append(replace(_planned(request, "insert", row, [match], item, text), placebo=True))
    return planned


def said_in(request: Request, item: str, row: Example) -> str:
    """The item as the language of the row says it, where the audit has a list of that; nothing where that lacks it."""
    said = request.audit.find.options.get("said", ())
    language = language_of(row.text) if said else "en"
    if language == "en":
        return item
    own = (entry.item for entry in said if (entry.groups["english"], entry.groups["language"]) == (item, language))
    return next(own, "")


def sides_of(item: str) -> Around:
    """Both sides of an item that names the row."""
    head, named, tail = item.partition(ROW)
    return (head.strip(), tail.strip()) if named else None


def _put(text: str, match: Match, item: str, around: Around) -> str:
    if around is None:
        return insert(text, match, item)
    head, tail = around
    wrapped = insert(text, start_of(text), head) if head else text
    return insert(wrapped, end_of(wrapped), tail) if tail else wrapped


def _holds(request: Request, row: Example, item: str, around: Around) -> bool:
    parts = [item.strip()] if around is None else around
    return any(part and part.lower() in row.text.lower() for part in parts) or any(
        match.item == item for match in request.spans[row.id]
    )


def _like(item: str, around: Around, controls: Sequence[str], row: Example) -> list[str]:
    """One control a row, by hash: of those that go around the row, or end, as the item does, where there are any."""
    same = [control for control in controls if (sides_of(control) is None) == (around is None)] or list(controls)
    alike = [control for control in same if control[-1:] == item[-1:]] or same
    return sorted(alike, key=lambda control: content_hash(row.text, control))[:1]


def unstopped(request: Request) -> list[Edit]:
    """The mark at the end of a text goes; the control loses an ordinary word, or a neutral one that was put in."""
    edit, found = OPERATORS["unstop"], list[tuple[Example, list[Match], str, str | None]]()
    for row in _by_hash(request):
        last = [match for match in request.spans[row.id] if match.kind == "terminal"][-1:]
        if last and (text := edit(row.text, last[0], "")) != row.text and text.strip():
            found.append((row, last, text, row.text_pair))
    found = found[: _count(request, 8)]  # the swaps have the larger part of the budget
    if len(found) < request.audit.judge.min_rows:
        return []
    real = [_planned(request, "unstop", row, last, LAST_MARK, text) for row, last, text, _ in found]
    return real + _controls(request, "unstop", LAST_MARK, found, ordinary_words(request.rows, ()))


# --- whole texts ------------------------------------------------------------------------------------


def reordered(request: Request) -> list[Edit]:
    """The first and the last sentence change places; the control exchanges two between them, where there are."""
    planned: list[Edit] = []
    for row in _by_hash(request):
        spans = sentence_spans(row.text)
        if len(spans) < 2 or len(planned) >= 2 * _count(request, 2):
            continue
        whole = Match(spans[0][0], spans[-1][1], ORDER)
        real = _turned(request, row, whole, placebo=False)
        planned += real
        if real and len(spans) > 3:  # a control stands beside an edit of its own row, or not at all
            planned += _turned(request, row, Match(spans[1][0], spans[-2][1], ORDER), placebo=True)
    return planned


def _turned(request: Request, row: Example, match: Match, *, placebo: bool) -> list[Edit]:
    text = turn(row.text, match)
    edit = replace(_planned(request, "turn", row, [match], ORDER, text), placebo=placebo)
    return [edit] if text != row.text else []


def exchanged_texts(request: Request, operator: str) -> list[Edit]:
    """One text of a pair gives way to that of another row (by hash); the control loses one ordinary word."""
    paired = [row for row in _by_hash(request) if row.text_pair is not None]
    ordinary = _ordinary(request) if paired else frozenset()
    planned: list[Edit] = []
    for row, other in zip(paired, paired[1:] + paired[:1], strict=True):
        if (row.text, row.text_pair) == _mixed(row, other, operator) or len(planned) >= 2 * _count(request, 2):
            continue
        text, pair = _mixed(row, other, operator)
        whole = Match(0, len(row.text), SEGMENTS[operator])
        planned.append(replace(_planned(request, operator, row, [whole], SEGMENTS[operator], text), text_pair=pair))
        words = control_words(row.text, [], ordinary)
        for word in sorted(words, key=lambda match: content_hash(request.seed, row.text, match.start))[:1]:
            edit = _planned(request, operator, row, [word], SEGMENTS[operator], delete(row.text, word))
            planned.append(replace(edit, placebo=True))
    return planned


def _mixed(row: Example, other: Example, operator: str) -> tuple[str, str | None]:
    return (other.text, row.text_pair) if operator == "other_text" else (row.text, other.text_pair)


def _planned(request: Request, operator: str, row: Example, matches: Sequence[Match], item: str, text: str) -> Edit:
    """The slot reaches from the first to the last span that was edited."""
    span = min(match.start for match in matches), max(match.end for match in matches)
    return planned_edit(request.audit.name, operator, row, span, item, text)
