"""`mend`: items no longer tell the label, and nothing else of the rows changes."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.make_report import clean_audit, discovered, failing, finding
from token_saliency import mend
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.discovery.suspects import Suspect
from token_saliency.errors import DataError, OptionError
from token_saliency.mending.balance import surplus
from token_saliency.mending.presence import without
from token_saliency.report import Report
from token_saliency.results import AuditResult, Example

GOOD, BAD = ("splendid", "brilliant", "charming"), ("dreadful", "boring", "clumsy")
A, B = ("Linda", "Susan", "Karen", "Nancy", "Betty"), ("Kevin", "Brian", "Edward", "Ronald", "Gary")


@pytest.fixture(autouse=True, scope="module")
def read_once() -> Iterator[None]:
    """The word lists of a definition are long, and many tests ask for the same few."""
    known = load_audits(["names", "punctuation", "urls_and_handles", "numbers", "length", "segments"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("token_saliency.mending.mend.definitions_of", lambda _, names, __: {n: known[n] for n in names})
        yield


def planted(count: int, seed: int = 0, keep: float = 0.9) -> pd.DataFrame:
    """Names of A and a final `!` go with positive."""
    draw, rows = random.Random(seed), list[dict[str, str]]()
    for n in range(count):
        positive = n % 2 == 0
        name = draw.choice(A if (draw.random() < keep) == positive else B)
        mark = "!" if (draw.random() < keep) == positive else "."
        text = f"{name} said that film {n} was {draw.choice(GOOD if positive else BAD)}{mark}"
        rows.append({"id": f"r{n}", "text": text, "label": "positive" if positive else "negative", "extra": str(n % 7)})
    return pd.DataFrame(rows)


def audit(name: str, operator: str, between: tuple[str, str] | None = None, verdict: Any = "FAIL") -> AuditResult:
    one = finding("shift", 0.2, 0.02, verdict, operator=operator, between=between)
    return replace(clean_audit(name), verdict=verdict, intervention=[one])


def report(*audits: AuditResult) -> Report:
    return replace(failing(), audits={one.name: one for one in audits}, discovery=[discovered("zesty", "positive")])


NAMES, MARKS = audit("names", "swap"), audit("punctuation", "swap", ("!", "."))


def share(frame: pd.DataFrame, holds: Any) -> dict[str, float]:
    return {str(k): float(v) for k, v in frame["text"].map(holds).groupby(frame["label"]).mean().items()}


def test_names_and_marks_no_longer_tell_the_label() -> None:
    rows = planted(400)
    found = mend(report(NAMES, MARKS), rows)
    frame = found.frame

    for holds in (lambda text: text.split()[0] in A, lambda text: text.endswith("!")):
        before, after = share(rows, holds), share(frame, holds)
        assert before["positive"] - before["negative"] > 0.7
        assert abs(after["positive"] - after["negative"]) < 0.08
    assert list(frame.columns) == [*rows.columns, "mended"]
    assert frame[["id", "label", "extra"]].equals(rows[["id", "label", "extra"]])
    changed = frame["text"] != rows["text"]
    assert changed.sum() == found.changed == (frame["mended"] != "").sum()
    first = frame[changed].iloc[0]
    assert first["mended"].startswith(("names FAIL: swap", "punctuation FAIL: swap"))
    assert "of 400 rows changed" in str(found)
    assert all(ties[0] > 0.5 > 0.2 > ties[1] for one in found.findings if (ties := one.ties))


def test_only_what_the_findings_name_is_edited() -> None:
    rows = planted(100)
    frame = mend(report(replace(NAMES, verdict="PASS"), MARKS), rows).frame
    assert (frame["text"].str[:-1] == rows["text"].str[:-1]).all(), "the names pass, and stay"
    named = mend(report(replace(NAMES, verdict="PASS"), MARKS), rows, audits="names").frame
    assert (named["text"].str[-1] == rows["text"].str[-1]).all()


def test_what_stands_in_one_label_alone_is_taken_out_of_it() -> None:
    rows = pd.DataFrame(
        {
            "text": [
                f"Offer {n} at http://shop{n}.example.com/buy now" if n % 4 else f"Lunch {n} now" for n in range(80)
            ]
            + [f"See http://me.example.com/{n} for more" if n % 4 == 0 else f"Dinner {n} later" for n in range(80)],
            "label": ["spam"] * 80 + ["ham"] * 80,
        }
    )
    found = mend(report(audit("urls_and_handles", "delete")), rows)
    after = share(found.frame, lambda text: "http" in text)
    assert after == {"spam": 0.25, "ham": 0.25}
    kept = found.frame[found.frame["text"].str.contains("http")]
    assert kept["text"].str.contains("http://example.org").all(), "the address itself tells nothing any more"
    assert len(found.frame) == 160


def test_one_row_of_a_label_that_nobody_else_has_takes_nothing_from_the_others() -> None:
    """A mistyped label holds none of what stands in a few rows of each other label."""
    labels = {f"{label}{n}": label for label in ("good", "bad") for n in range(20)} | {"meh0": "godo"}
    weights = dict.fromkeys(labels, 1)
    even = dict.fromkeys(("good1", "good2", "bad1", "bad2"), "!")
    assert surplus(even, labels, weights, 0) == set()
    assert surplus({"good1": "!", "good2": "!"}, labels, weights, 0) == {"good1", "good2"}


def test_numbers_of_a_stratum_that_decides_are_exchanged_in_half_of_the_rows() -> None:
    rows = pd.DataFrame(
        {
            "text": [
                f"It was filmed in {1950 + n % 40} by the sea" if n % 2 else f"Made in {2001 + n % 20}, they say"
                for n in range(200)
            ],
            "label": ["old" if n % 2 else "new" for n in range(200)],
        }
    )
    found = mend(report(audit("numbers", "renumber", ("a year (century)", "nothing"))), rows)
    after = share(found.frame, lambda text: " 19" in text)
    assert 0.35 < after["old"] < 0.65
    assert 0.35 < after["new"] < 0.65


def test_both_texts_of_a_pair_speak_of_the_same_name() -> None:
    rows = pd.DataFrame(
        [
            {"premise": f"{name} said that the film was {n}", "hypothesis": f"{name} said so", "label": str(n % 2)}
            for n, name in enumerate((*A, *B) * 6)
        ]
    )
    frame = mend(report(NAMES), rows).frame
    assert (frame["premise"] != rows["premise"]).any()
    assert (frame["premise"].str.split().str[0] == frame["hypothesis"].str.split().str[0]).all()


def test_the_second_text_of_a_pair_tells_nothing_either() -> None:
    rows = planted(200).rename(columns={"text": "text_pair"}).assign(text=[f"About film {n}." for n in range(200)])
    frame = mend(report(NAMES), rows).frame
    after = share(frame.assign(text=frame["text_pair"]), lambda text: text.split()[0] in A)
    assert abs(after["positive"] - after["negative"]) < 0.1
    assert frame["text"].equals(rows["text"])
    assert frame["mended"].str.endswith("in the second text").any()


def test_held_out_rows_stay_as_they_are() -> None:
    rows = planted(200).assign(split=["train", "train", "test", "test"] * 50)
    rows.loc[0, "text"] = rows.loc[4, "label"] = ""
    found = mend(report(NAMES, MARKS), rows)
    assert found.notes[:2] == [
        "100 rows of other splits stay as they are.",
        "2 rows without a text or a label stay as they are.",
    ]
    held = rows["split"] == "test"
    assert found.frame["text"][held].equals(rows["text"][held])
    assert (found.frame["text"][~held] != rows["text"][~held]).any()
    assert (mend(report(NAMES), rows, split="all").frame["text"] != rows["text"])[held].any()


def test_what_is_even_already_stays_and_that_is_said() -> None:
    made = [(name, mark, label) for name in (*A, *B) for mark in "!." for label in ("positive", "negative")] * 3
    rows = pd.DataFrame([{"text": f"{n} said film {i}{m}", "label": label} for i, (n, m, label) in enumerate(made)])
    found = mend(report(NAMES, MARKS), rows)
    assert found.changed == 0
    assert found.frame["text"].equals(rows["text"])
    assert str(found).count("Even already") == 2
    assert mend(report(NAMES), rows, copies=1).copies > 0

    once = mend(report(NAMES, MARKS), planted(200)).frame
    again = mend(report(NAMES, MARKS), once)
    assert again.frame["text"].equals(once["text"]), "what was mended is not mended again"
    group = [{"text": f"{n} said it {i}.", "label": str(n in B)} for i, n in enumerate((*A, *B))]
    assert mend(report(NAMES), pd.DataFrame(group)).changed > 0, (
        "no name stands twice, but who they are tells the label"
    )


@pytest.mark.parametrize("lists", [True, False])
def test_rows_of_several_labels_are_evened_out_over_each_set(lists: bool) -> None:
    rows = planted(300)
    sets = [["negative", "positive"] if n % 2 else ["positive"] if n % 4 else [] for n in range(300)]
    if lists:
        rows["label"] = sets
    else:
        flags = {name: [int(name in own) for own in sets] for name in ("negative", "positive")}
        rows = rows.drop(columns="label").assign(**flags)
    frame = mend(report(MARKS), rows).frame
    marks = frame["text"].str.endswith("!").groupby([", ".join(own) for own in sets]).mean()
    assert marks.max() - marks.min() < 0.03
    assert all(frame[name].equals(rows[name]) for name in rows.columns if name != "text")


def test_copies_say_whose_they_are_and_keep_the_balance() -> None:
    rows = planted(90).iloc[:75]
    found = mend(report(NAMES), rows, copies=2)
    frame = found.frame
    copies = frame[frame["mended_copy_of"] != ""]
    assert found.copies == len(copies) > 75
    assert set(copies["mended_copy_of"]) <= set(rows["id"])
    assert frame["id"].is_unique
    before, after = (one["label"].value_counts(normalize=True)["positive"] for one in (rows, frame))
    assert abs(before - after) < 0.01
    sources = frame.set_index("id").loc[copies["mended_copy_of"]]
    assert (sources["label"].to_numpy() == copies["label"].to_numpy()).all()
    assert (sources["text"].to_numpy() != copies["text"].to_numpy()).all()


def test_what_rows_cannot_mend_is_said() -> None:
    rows = planted(40)
    found = mend(report(audit("length", "insert"), audit("segments", "other_text")), rows)
    assert sorted(found.cannot) == ["length", "segments"]
    assert found.frame["text"].equals(rows["text"])
    few = mend(report(NAMES), pd.concat([planted(10), planted(200).assign(text=[f"It was {n}" for n in range(200)])]))
    (note,) = few.findings[0].notes
    assert note.startswith("Too few rows: 10 of 210 hold one, and 30 would do (about 630 rows like these)")


def test_a_spurious_suspect_is_one_that_the_user_names() -> None:
    word = "zesty"
    rows = planted(60)
    rows["text"] = [f"{text} {word}" if n % 2 else text for n, text in enumerate(rows["text"])]
    found = mend(report(), rows, spurious=word)
    assert share(found.frame, lambda text: word in text) == {"positive": 0.0, "negative": 0.0}
    with pytest.raises(OptionError, match="Unknown suspect of this run 'zebra'"):
        mend(report(), rows, spurious="zebra")


@pytest.mark.parametrize(
    ("changes", "rows", "says"),
    [
        ({}, planted(10).drop(columns="label"), "has no two labels"),
        ({"audits": "nmaes"}, planted(10), "Did you mean 'names'"),
        ({"split": "train"}, planted(10), "has no column 'split'"),
        ({"copies": -1}, planted(10), "copies is a number from 0 on"),
    ],
)
def test_what_cannot_be_done_is_one_line(changes: dict[str, Any], rows: pd.DataFrame, says: str) -> None:
    with pytest.raises((DataError, OptionError), match=says) as raised:
        mend(report(NAMES), rows, **changes)
    assert "\n" not in str(raised.value)
    with pytest.raises(OptionError, match="no FAIL and no WARN"):
        mend(report(replace(NAMES, verdict="PASS")), rows)


LINES = st.builds(
    lambda name, what, mark, label, split: {"text": f"{name} {what}{mark}", "label": label, "split": split},
    st.sampled_from([*A, *B, "It", "Mary told John that she", "Mrs. Karen and Karen", ""]),
    st.sampled_from(["saw it with me", "was there in 1987", "", "said: wow! Great", "\x00\u202e=1+1"]),
    st.sampled_from(["!", ".", "...", "", "?!", "! "]),
    st.sampled_from(["a", "b", "c", ""]),
    st.sampled_from(["train", "train", "test"]),
)


@settings(max_examples=20, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=16), st.randoms(use_true_random=False), st.integers(0, 3))
def test_no_label_split_or_id_changes_and_no_row_goes(lines: list[dict[str, str]], draw: Any, seed: int) -> None:
    rows = pd.DataFrame(lines).assign(id=[f"r{n}" for n in range(len(lines))])
    asked = report(NAMES, MARKS, audit("numbers", "renumber", ("a year (presence)", "nothing")))
    try:
        frame = mend(asked, rows, seed=seed).frame
    except DataError:
        real = rows["text"].str.strip() != ""
        train = rows["label"][real & (rows["split"] == "train")]
        assert len(set(rows["label"][real]) - {""}) < 2 or not (train != "").any()
        return
    assert frame[["label", "split", "id"]].equals(rows[["label", "split", "id"]])
    assert frame["text"][rows["split"] == "test"].equals(rows["text"][rows["split"] == "test"])
    order = list(range(len(rows)))
    draw.shuffle(order)
    again = mend(asked, rows.iloc[order], seed=seed).frame.set_index("id").loc[rows["id"]]
    assert again["text"].tolist() == frame["text"].tolist()
    assert again["mended"].tolist() == frame["mended"].tolist()
    texts = Counter(zip(rows["text"], rows["split"], rows["label"] == "", strict=True))
    for (text, split, bare), count in texts.items():
        same = (rows["text"] == text) & (rows["split"] == split) & ((rows["label"] == "") == bare)
        assert len(set(frame["text"][same])) == 1, f"{count} rows of one text stay rows of one text"


def test_a_spurious_way_of_writing_is_written_otherwise_and_not_taken_out() -> None:
    texts = [("I don't know", "positive")] * 6 + [("we'll see what it is", "negative"), ("so be it", "negative")] * 3
    rows = [Example(str(n), f"{text} {n}", label=label) for n, (text, label) in enumerate(texts)]
    suspect = Suspect("pattern", "contractions (don't)")
    repair = without(suspect, rows, dict.fromkeys((row.id for row in rows), 1), 0)

    assert {text[:-2] for text, _ in repair.texts.values()} == {"I do not know"}
    assert set(repair.said.values()) == {"rewrite"}
