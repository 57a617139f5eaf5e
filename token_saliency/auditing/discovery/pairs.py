"""Two words that do together what neither does alone: nominated on one half of the rows, told by single deletions.

With a and b in a row, f(both) - f(without a) - f(without b) + f(without either) is what they do beyond each alone
(Yates 1937, The Design and Analysis of Factorial Experiments); the control asks the same of two ordinary words there.
Two words that both say the same do less together only because a probability ends at 1, and more where it is small: what
another scale takes away is no interaction (Loftus 1978), so it is asked of probabilities and of log odds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy.special import expit, logit, softmax

from token_saliency.auditing.discovery.suspects import FINDERS, Places, Suspect
from token_saliency.results import Edit, Span
from token_saliency.stats.estimate import Floats
from token_saliency.store.trace import Trace

AND = " … "
MOST, CLEAR = 6, 4.0
FLOOR = 1e-6
"""The least that a probability and what it lacks of 1 are taken for, where log odds are asked."""
SINGLE = ("delete_first", "delete_second")
"""Operators of the edits that take one of both words away."""


def words_of_pair(suspect: Suspect) -> tuple[Suspect, Suspect]:
    """The two words."""
    first, _, second = suspect.item.partition(AND)
    return Suspect("word", first), Suspect("word", second)


def joint(places: Places, suspect: Suspect) -> dict[str, list[Span]]:
    """The rows that hold both words, with the places of either."""
    first, second = (places[word] for word in words_of_pair(suspect))
    return {row: sorted([*spans, *second[row]]) for row, spans in first.items() if row in second}


def promising(
    sides: tuple[Places, Places], traces: Mapping[str, Trace], labels: Mapping[str, str], least: int
) -> list[Suspect]:
    """The pairs of words that stand together in `least` rows of either half and go together in scores or in labels.

    A word whose |score| is larger where the other stands, and the other way round; or two whose rows have labels that
    their rates alone do not explain.
    """
    words = [suspect for suspect in sides[0] if suspect.kind == "word"]
    rows = sorted({row for word in words for row in sides[0][word]})
    if len(words) < 2 or not rows:
        return []
    place = {row: i for i, row in enumerate(rows)}
    held = np.zeros((len(rows), len(words)))
    for j, word in enumerate(words):
        held[[place[row] for row in sides[0][word]], j] = 1
    often = (held.T @ held >= least) & (_together(sides[1], words) >= least)
    np.fill_diagonal(often, val=False)
    by_score = _by_score(sides[0], words, place, held, traces)
    by_label = np.max([_by_label(held, np.array([labels.get(row) == name for row in rows], dtype=float))
                       for name in sorted(set(labels.values()))] or [np.zeros_like(by_score)], axis=0)  # fmt: skip
    z = np.where(often, np.maximum(by_score, by_label), 0.0)
    ranked = sorted(((-z[i, j], words[i], words[j]) for i, j in zip(*np.nonzero(np.triu(z) > CLEAR), strict=True)))
    return [Suspect("pair", f"{one.item}{AND}{other.item}") for _, one, other in ranked[:MOST]]


def _together(places: Places, words: Sequence[Suspect]) -> Floats:
    rows = sorted({row for word in words for row in places[word]})
    place = {row: i for i, row in enumerate(rows)}
    held = np.zeros((len(rows), len(words)))
    for j, word in enumerate(words):
        held[[place[row] for row in places[word]], j] = 1
    return np.asarray(held.T @ held)


def _by_score(
    places: Places, words: Sequence[Suspect], place: Mapping[str, int], held: Floats, traces: Mapping[str, Trace]
) -> Floats:
    """[words, words] the smaller z of either word's |score| with the other in its row against without it.

    Rows without a trace say nothing.
    """
    held = held * np.array([row in traces for row in place])[:, None]
    scores = np.zeros_like(held)
    for j, word in enumerate(words):
        for row, spans in places[word].items():
            if row in traces:
                tokens = traces[row].tokens
                inside = np.any([(tokens["start"] < end) & (start < tokens["end"]) for start, end in spans], axis=0)
                scores[place[row], j] = np.abs(tokens["score"][inside & ~tokens["special"]]).sum()
    counts, sums, squares = held.T @ held, scores.T @ held, (scores**2).T @ held
    others = np.diag(counts)[:, None] - counts, np.diag(sums)[:, None] - sums, np.diag(squares)[:, None] - squares
    means = [part[1] / np.maximum(part[0], 1) for part in ((counts, sums), others[:2])]
    variances = [
        np.maximum(total / np.maximum(n, 1) - mean**2, 0) / np.maximum(n - 1, 1)
        for n, total, mean in zip((counts, others[0]), (squares, others[2]), means, strict=True)
    ]
    z = (means[0] - means[1]) / np.sqrt(sum(variances) + 1e-12)
    return np.where(np.minimum(others[0], others[0].T) >= 2, np.minimum(z, z.T), 0.0)


def _by_label(held: Floats, own: Floats) -> Floats:
    """[words, words] |z| of l11 - l10 - l01 + l00, the log odds of a label by which of the words a row holds.

    With half a row added to each cell (Woolf 1955).
    """
    total, label = float(len(own)), float(own.sum())
    n11, y11 = held.T @ held, (held * own[:, None]).T @ held
    n1, y1 = np.diag(n11), np.diag(y11)
    cells = [
        (n11, y11),
        (n1[:, None] - n11, y1[:, None] - y11),
        (n1[None, :] - n11, y1[None, :] - y11),
        (total - n1[:, None] - n1[None, :] + n11, label - y1[:, None] - y1[None, :] + y11),
    ]
    odds = [np.log((hits + 0.5) / (n - hits + 0.5)) for n, hits in cells]
    error = np.sqrt(sum(1 / (hits + 0.5) + 1 / (n - hits + 0.5) for n, hits in cells))
    few = np.min([n for n, _ in cells], axis=0) < 2
    return np.where(few, 0.0, np.abs(odds[0] - odds[1] - odds[2] + odds[3]) / error)


def beyond_each(edits: Iterable[Edit]) -> list[Edit]:
    """One edit a row for three: it takes away what both words do beyond each alone, and is filed as a deletion."""
    found: dict[tuple[str, str, bool], dict[str, Edit]] = {}
    for edit in edits:
        found.setdefault((edit.row, edit.item, edit.placebo), {})[edit.operator] = edit
    joined = []
    for own in found.values():
        if {"delete", *SINGLE} <= own.keys():
            both, first, second = (np.array(own[name].after) for name in ("delete", *SINGLE))
            after = _nearer(np.array(own["delete"].before), first + second - both, _by_odds(first, second, both))
            joined.append(replace(own["delete"], after=tuple(map(float, after))))
    return joined


def _by_odds(first: Floats, second: Floats, both: Floats) -> Floats:
    """[classes] the answer to both words if they added their log odds; that of a number is as it is."""
    if len(both) == 1:
        return first + second - both
    exclusive = np.isclose(both.sum(), 1.0, atol=1e-3)  # else each class for itself
    kept = np.clip([first, second, both], FLOOR, 1.0 - FLOOR)
    one, other, neither = np.log(kept) if exclusive else logit(kept)
    added = one + other - neither
    return np.asarray(softmax(added) if exclusive else expit(added))


def _nearer(before: Floats, one: Floats, other: Floats) -> Floats:
    """Of two answers, class by class, the one nearer to `before`; on two sides of it neither differs."""
    smaller = np.where(np.abs(before - one) < np.abs(before - other), one, other)
    return np.where((before - one) * (before - other) > 0, smaller, before)


def spans_of(suspect: Suspect, text: str) -> list[Span]:
    """Where the suspect stands in a text: of a pair both words, where the text holds both."""
    if suspect.kind != "pair":
        return [span for item, span in FINDERS[suspect.kind](text) if item == suspect.item]
    each = [spans_of(word, text) for word in words_of_pair(suspect)]
    return sorted(span for spans in each for span in spans) if all(each) else []
