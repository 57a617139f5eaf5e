"""How an item is made to tell nothing of the label, as pure functions: dealt over all labels, or taken out of some.

Everything is drawn by hashes of what the rows say, so that their order and their ids change nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from token_saliency.stats.sampling import content_hash

EXPECTED_AT_LEAST = 3.0
"""A label that would hold an item in fewer rows by chance says nothing by not holding it."""
RARE = 0.1
"""Of an item that is rare itself, a label with less than this share of the rows of the largest one says as little."""
SLIGHT, CHANCE = 0.1, 0.05
"""Items and labels that go together less than this, with at least this probability by chance, are even already."""
_LOOK_AHEAD = 200


def dealt(places: Sequence[tuple[str, str, str]], items: Sequence[str], seed: object) -> list[str]:
    """One item for each place (label, row, hash): the items as often as before, each as often in every label.

    Places of all labels are laid out in one line, those of each label at equal distances, and the items, those of one
    kind side by side, are dealt along it: the labels of an item differ from those of all by one row at most. No row
    gets one item twice where another place of its label can take it. Order of places and items does not matter.
    """
    line = _laid_out(places, seed)
    hashes = {item: content_hash(seed, item) for item in set(items)}
    cards = sorted(items, key=lambda item: hashes[item])
    _exchange_twins([places[place] for place in line], cards)
    given = dict(zip(line, cards, strict=True))
    return [given[place] for place in range(len(places))]


def _laid_out(places: Sequence[tuple[str, str, str]], seed: object) -> list[int]:
    by_label: dict[str, list[int]] = defaultdict(list)
    for place in sorted(range(len(places)), key=lambda n: content_hash(seed, places[n][2])):
        by_label[places[place][0]].append(place)
    spaced = [((k + 0.5) / len(own), label, n) for label, own in by_label.items() for k, n in enumerate(own)]
    return [n for _, _, n in sorted(spaced)]


def _exchange_twins(places: Sequence[tuple[str, str, str]], cards: list[str]) -> None:
    """A card that its row has already goes to a later place of the same label, whose card comes here."""
    held: dict[str, Counter[str]] = defaultdict(Counter)
    for (_, row, _), card in zip(places, cards, strict=True):
        held[row][card] += 1
    for here, (label, row, _) in enumerate(places):
        if held[row][cards[here]] < 2:
            continue
        for there in range(here + 1, min(len(places), here + _LOOK_AHEAD)):
            other = places[there][1]
            free = not held[row][cards[there]] and not held[other][cards[here]]
            if places[there][0] == label and free:
                for owner, card, change in (
                    *((row, cards[here], -1), (row, cards[there], 1)),
                    *((other, cards[there], -1), (other, cards[here], 1)),
                ):
                    held[owner][card] += change
                cards[here], cards[there] = cards[there], cards[here]
                break


def surplus(
    kinds: Mapping[str, Hashable], labels: Mapping[str, str], weights: Mapping[str, int], seed: object
) -> set[str]:
    """The rows that must lose what they hold, so that every kind of row is as frequent in one label as in the other.

    `kinds` says of each row that holds something what it holds; the share of the poorest label is what all keep.
    """
    totals = Counter[str]()
    for row, label in labels.items():
        totals[label] += weights[row]
    by_kind: dict[Hashable, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in sorted(kinds, key=lambda row: content_hash(seed, row)):
        by_kind[kinds[row]][labels[row]].append(row)
    return {row for own in by_kind.values() for row in _over(own, totals, weights)}


def _over(own: Mapping[str, Sequence[str]], totals: Mapping[str, int], weights: Mapping[str, int]) -> list[str]:
    held = {label: sum(weights[row] for row in own.get(label, ())) for label in totals}
    usual = sum(held.values()) / sum(totals.values())
    asked = [label for label in totals if usual * totals[label] >= EXPECTED_AT_LEAST]
    asked = asked or [label for label in totals if totals[label] >= RARE * max(totals.values())]
    share = min(held[label] / totals[label] for label in asked)
    over: list[str] = []
    for label, rows in own.items():
        left = round(share * totals[label])
        for row in rows:
            if weights[row] <= left:
                left -= weights[row]
            else:
                over.append(row)
    return over


def tie(pairs: Sequence[tuple[Hashable, str]]) -> float:
    """How closely items and labels go together: Cramer's V without the part that chance alone gives (Bergsma 2013)."""
    table = _counts(pairs)
    if min(table.shape) < 2 or len(pairs) < 3:
        return 0.0
    n, (r, k) = len(pairs), table.shape
    phi = max(0.0, _distance(table) / n - (k - 1) * (r - 1) / (n - 1))
    least = min(k - (k - 1) ** 2 / (n - 1), r - (r - 1) ** 2 / (n - 1)) - 1
    return float(np.sqrt(phi / least)) if least > 0 else 0.0


def even(pairs: Sequence[tuple[Hashable, str]]) -> bool:
    """Whether items and labels go together no more than chance makes them; never where they stand in one label only."""
    table = _counts(pairs)
    if table.shape[1] < 2:
        return False
    free = (table.shape[0] - 1) * (table.shape[1] - 1)
    return tie(pairs) < SLIGHT and (not free or float(chi2.sf(_distance(table), free)) > CHANCE)


def _counts(pairs: Sequence[tuple[Hashable, str]]) -> NDArray[np.float64]:
    """[items, labels]"""
    left = {item: n for n, item in enumerate(dict.fromkeys(item for item, _ in pairs))}
    right = {label: n for n, label in enumerate(dict.fromkeys(label for _, label in pairs))}
    table = np.zeros((len(left), len(right)))
    for item, label in pairs:
        table[left[item], right[label]] += 1
    return table


def _distance(table: NDArray[np.float64]) -> float:
    """Chi squared."""
    expected = np.outer(table.sum(1), table.sum(0)) / table.sum()
    return float(((table - expected) ** 2 / expected).sum())
