"""The file of accepted findings: what may stand in it, and how it says what is wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from token_saliency.auditing.known_file import read_known
from token_saliency.errors import AuditError

ENTRY = """
[[known]]
audit = "punctuation"
claim = "shift"
class = "positive"
between = ["!", "."]
reason = "Marks go with the label in our market"
owner = "data team"
expires = 2027-06-30
effect = 0.21
interval = [0.19, 0.23]
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "known.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_an_entry_is_read_with_its_date_and_its_numbers(tmp_path: Path) -> None:
    (found,) = read_known(written(tmp_path, ENTRY))

    assert found.key == ("punctuation", "shift", "positive", ("!", "."))
    assert (found.owner, found.expires) == ("data team", date(2027, 6, 30))
    assert (found.effect, found.interval) == (0.21, (0.19, 0.23))


def test_a_finding_of_a_regression_head_may_exceed_one(tmp_path: Path) -> None:
    large = ENTRY.replace("0.21", "1.49").replace("[0.19, 0.23]", "[1.34, 1.64]")
    (found,) = read_known(written(tmp_path, large))

    assert (found.effect, found.interval) == (1.49, (1.34, 1.64))


def test_a_date_may_be_a_string_and_the_rest_may_be_missing(tmp_path: Path) -> None:
    text = '[[known]]\naudit = "names"\nclaim = "lean"\nclass = "spam"\nreason = "r"\nowner = "o"\n'
    text += 'expires = "2027-01-02"\n'
    (found,) = read_known(written(tmp_path, text))

    assert (found.expires, found.between, found.effect, found.interval) == (date(2027, 1, 2), None, None, None)


def test_no_file_accepts_nothing_and_an_empty_one_neither(tmp_path: Path) -> None:
    assert read_known(None) == []
    assert read_known(written(tmp_path, "# nothing yet\n")) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("owner", "ownr", r"known\.toml: `known\[1\]\.ownr` is no known key; did you mean `owner`\?"),
        ("[[known]]", "[[knwon]]", "`knwon` is no known key"),
        ("[[known]]", "[[x]]", r"`x` is no known key\. Known here: known\."),
        ('"shift"', '"shfit"', "Did you mean 'shift'"),
        ("2027-06-30", '"next year"', r"`known\[1\]\.expires` is 'next year', which is no date"),
        ("2027-06-30", "2027-06-30T10:00:00", "is 2027-06-30 10:00:00, which is no date"),
        ("2027-06-30", "20270630", "which is no date"),
        ('"data team"', '" "', r"`known\[1\]\.owner` is empty"),
        ('reason = "Marks go with the label in our market"\n', "", r"`known\[1\]\.reason` is missing"),
        ('["!", "."]', '["!"]', "must name two items"),
        ("[0.19, 0.23]", "[0.19]", "must be two numbers"),
        ("[0.19, 0.23]", "[0.3, 0.4]", "must hold the `effect`"),
        ("effect = 0.21\n", "", "must hold the `effect`"),
        ("[[known]]", "[[known]", "is not valid TOML"),
    ],
)
def test_what_is_wrong_is_one_line_that_names_the_place(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(AuditError, match=says) as caught:
        read_known(written(tmp_path, ENTRY.replace(old, new)))
    assert "\n" not in str(caught.value)


def test_the_same_finding_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match=r"`known\[2\]\.audit` repeats an entry"):
        read_known(written(tmp_path, ENTRY + ENTRY))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match=r"missing\.toml: cannot be read"):
        read_known(tmp_path / "missing.toml")
