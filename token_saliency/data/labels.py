"""The labels of the data -> the class names of the model: by name, by number, or by the caller's map.

A column is read one way as a whole: by name if every value is a name, else by number if every value is one.
Value by value, the labels 0, 1, 2 of a model with the classes "1", "2", "3" would be read both ways.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from token_saliency.data.cells import NO_VALUE, canonical, counted, is_list, listed, quoted
from token_saliency.data.label_map import label_map_option, propose_label_map
from token_saliency.errors import DataError, OptionError, option, unknown

SEVERAL = object()
_MAY_BE_CLASSES = {"NA", "NULL", "None", "null"}


@dataclass(frozen=True, slots=True)
class Matched:
    """One entry a row: the class name (None: unlabelled), and whether the row is kept (the map may drop it)."""

    names: list[str | None]
    kept: list[bool]
    notes: list[str]


def match_labels(
    values: Sequence[object],
    labels: Sequence[str],
    *,
    column: str,
    where: str,
    label_map: Mapping[str, str] | None = None,
    hint: Callable[[], str] = str,
    whole: Counter[object] | None = None,
) -> Matched:
    """Class names for the cells of a label column; `whole` counts all cells where these were drawn.

    DataError where a value is no class, with the map that would mend it and what else `hint` knows.
    """
    written = {*(label_map or {})}
    cells = [None if _says_nothing(cell := label_cell(value), labels, written) else cell for value in values]
    every = Counter(cells)
    if whole is not None:
        every = Counter[object]()
        for cell, count in whole.items():
            every[None if _says_nothing(cell, labels, written) else cell] += count
    counts = Counter({cell: count for cell, count in every.items() if isinstance(cell, str)})
    mapped = _apply_map(label_map or {}, counts, labels)
    rest = {value: count for value, count in counts.items() if value not in mapped}
    names = {**_read_column(rest, labels, f"{where} column {quoted(column)}", hint), **mapped}
    kept = [not (isinstance(cell, str) and names[cell] is None) for cell in cells]
    found = [names[cell] if isinstance(cell, str) else None for cell in cells]
    return Matched(found, kept, _notes(every, mapped, counts, label_map or {}, column))


def class_numbers(names: Sequence[str] | None, labels: Sequence[str]) -> dict[str | None, str | None]:
    """What the numbers of a ClassLabel stand for (-1: nothing), unless the model has only numbers for classes."""
    if names is None:
        return {}
    found: dict[str | None, str | None] = {"-1": None}
    found |= {str(n): name for n, name in enumerate(names)}
    if all(re.fullmatch(r"LABEL_\d+", label) for label in labels):  # both count from 0
        found |= {str(n): labels[n] if n < len(labels) else str(n) for n in range(len(names))}
    return found


def without(label_map: Mapping[str, str], values: Sequence[str], labels: Sequence[str] | None) -> set[str]:
    """Those of the values whose rows the map drops."""
    mapped = _apply_map(label_map, Counter(values), labels or [*label_map.values()])
    return {value for value, name in mapped.items() if name is None}


def label_cell(value: object) -> object:
    """The canonical string, None for a blank, SEVERAL for a row of several labels; a list of one is its value."""
    if is_list(value):
        items = list(value)  # type: ignore[call-overload]
        return SEVERAL if len(items) > 1 else label_cell(items[0]) if items else None
    return canonical(value)


def _says_nothing(cell: object, labels: Sequence[str], written: Collection[object]) -> bool:
    """`N/A` and the like, where it is neither a class nor in the caller's map; "None" may well be a class."""
    return (
        isinstance(cell, str)
        and cell in NO_VALUE - _MAY_BE_CLASSES
        and cell not in written
        and _by_name(cell, labels) is None
    )


# --- readings -------------------------------------------------------------------------------------


def _read_column(
    counts: Mapping[str, int], labels: Sequence[str], place: str, hint: Callable[[], str]
) -> dict[str, str]:
    by_name = {value: name for value in counts if (name := _by_name(value, labels)) is not None}
    by_number = {value: name for value in counts if (name := _by_number(value, labels)) is not None}
    shifted = _counted_from_one(counts, labels)
    for reading in (by_name, _by_own_number(counts, labels), {} if shifted else by_number):
        if len(reading) == len(counts):
            return reading
    if shifted:
        raise _shifted(counts, labels, place)
    if any(_beyond(value, labels) for value in counts) or _are_as_many(counts, labels):
        by_number = {}  # 1, 2 or -1, 1 for two classes: no number of that column can be trusted
    best = max((by_name, by_number), key=lambda reading: sum(counts[value] for value in reading))
    missing = {value: count for value, count in counts.items() if value not in best}
    raise _mismatch(missing, labels, place, hint(), all_unknown=not best)


def fits(values: Sequence[object], labels: Sequence[str]) -> bool:
    """Whether all values are names of classes, and there are some."""
    cells = {cell for value in values if (cell := canonical(value)) and not _says_nothing(cell, labels, ())}
    return bool(cells) and all(_by_name(cell, labels) for cell in cells)


def _by_name(value: str, labels: Sequence[str]) -> str | None:
    """Exactly, else without case and with 1.0 as 1, where only one class answers to that."""
    if value in labels:
        return value
    same = [label for label in labels if _fold(label) == _fold(value)]
    return same[0] if len(same) == 1 else None


def _by_number(value: str, labels: Sequence[str]) -> str | None:
    truth = {"true": "1", "false": "0"} if len(labels) == 2 else {}
    digits = truth.get(value.casefold(), _fold(value))
    index = int(digits) if re.fullmatch(r"[0-9]{1,9}", digits) else -1
    return labels[index] if 0 <= index < len(labels) else None


def _by_own_number(values: Collection[str], labels: Sequence[str]) -> dict[str, str]:
    """By the one number that each class has in its name ("1 star" ... "5 stars"), whatever its index."""
    found = {label: re.findall(r"[0-9]+", label) for label in labels}
    own = {str(int(numbers[0])): label for label, numbers in found.items() if len(numbers) == 1}
    if len(own) < len(labels) or len(labels) < 2:
        return {}
    return {value: own[_fold(value)] for value in values if _fold(value) in own}


def _counted_from_one(values: Collection[str], labels: Sequence[str]) -> bool:
    """Whole numbers without 0 and without the number of classes: nobody knows whether 1 is the first or the second.

    A lone 1 of two classes is read as it stands: what is left when only the hits were kept.
    """
    if not values or not all(re.fullmatch(r"[1-9][0-9]{0,8}", _fold(value)) for value in values):
        return False
    return max(int(_fold(value)) for value in values) < len(labels) > 2


def _shifted(values: Collection[str], labels: Sequence[str], place: str) -> DataError:
    ordered = sorted(values, key=lambda value: int(_fold(value)))
    first, second = (label_map_option({v: labels[int(_fold(v)) - by] for v in ordered}) for by in (1, 0))
    return DataError(
        f"{place} holds {listed(ordered)}, and neither 0 nor {len(labels)}: it cannot be told which class is meant. "
        f"Where the data count from 1, say {first}; where they count from 0, {second}."
    )


def _beyond(value: str, labels: Sequence[str]) -> bool:
    return re.fullmatch(r"[0-9]+", _fold(value)) is not None and _by_number(value, labels) is None


def _are_as_many(values: Collection[str], labels: Sequence[str]) -> bool:
    """As many whole numbers as classes, as -1 and 1, or -1, 0, 1 of three: then 1 need not be the second class."""
    return len(values) == len(labels) and all(re.fullmatch(r"-?[0-9]+", _fold(value)) for value in values)


def _fold(value: str) -> str:
    return re.sub(r"^([0-9]+)\.0+$", r"\1", value.strip().casefold())


def _mismatch(
    missing: Mapping[str, int], labels: Sequence[str], place: str, hint: str, *, all_unknown: bool
) -> DataError:
    values = sorted(missing, key=lambda value: (-missing[value], value))
    proposal = propose_label_map(values, labels, all_unknown=all_unknown)
    column = f"Choose another column with {option('label', 'COL')}, or write {option('label_map')}"
    mend = f"Mend it with {proposal}" if proposal else column
    shown = counted((value, missing[value]) for value in values)
    return DataError(
        f"{place} has labels that are no class of the model: {shown}.{hint} "
        f"{mend} (data to model; an empty class drops the rows; {option('label', '')} audits without labels). "
        f"The model has {listed(labels, ours=True)}."
    )


# --- the caller's map -----------------------------------------------------------------------------


def _apply_map(label_map: Mapping[str, str], counts: Mapping[str, int], labels: Sequence[str]) -> dict[str, str | None]:
    """Value of the data -> class name, or None for rows to drop. OptionError for a class that the model has not."""
    turned = {model: data for data, model in label_map.items() if model in counts and not _by_name(model, labels)}
    if turned and all(_by_name(data, labels) for data in turned.values()):
        raise OptionError(
            f"The label map is the wrong way round: it goes from the data to the model, {label_map_option(turned)}."
        )
    targets = {str(canonical(data)): _target(model, labels) for data, model in label_map.items()}
    folded = {_fold(data): name for data, name in targets.items()}
    mapped = {value: targets.get(value, folded.get(_fold(value), SEVERAL)) for value in counts}
    return {value: name for value, name in mapped.items() if name is None or isinstance(name, str)}


def _target(model: str, labels: Sequence[str]) -> str | None:
    wanted = canonical(model)
    if wanted is None:
        return None
    name = _by_name(wanted, labels) or _by_number(wanted, labels)
    if name is None:
        raise unknown("class in the label map", wanted, labels)
    return name


def _notes(
    cells: Counter[object],
    mapped: Mapping[str, str | None],
    counts: Mapping[str, int],
    label_map: Mapping[str, str],
    column: str,
) -> list[str]:
    dropped = [(value, counts[value]) for value, name in mapped.items() if name is None]
    unused = [data for data in label_map if _fold(str(canonical(data))) not in {_fold(value) for value in mapped}]
    blank, several, rows = cells[None], cells[SEVERAL], cells.total()
    notes = [
        (dropped, f"The label map drops the rows labelled {counted(dropped)}."),
        (unused, f"The label map names {listed(unused)}, which column {quoted(column)} does not hold."),
        (blank, f"{blank} of {rows} rows have no label in column {quoted(column)}; they count as unlabelled."),
        (
            several,
            f"{several} of {rows} rows have several labels in column {quoted(column)}; they count as unlabelled.",
        ),
    ]
    return [note for wanted, note in notes if wanted]
