from __future__ import annotations

from pathlib import Path

import pytest

from token_saliency.auditing.definition import Entry, load_audits, read_audit
from token_saliency.auditing.matchers import find_spans
from token_saliency.errors import AuditError, OptionError

AUDIT = """
code = "XYZ"
title = "Colours"
items = "fixed"
[find]
matcher = "lexicon"
lexicon = "words.csv"
[edit]
judge = "swap"
reference = "red"
"""
CASE = '[[cases]]\ntext = "a red car"\nspans = ["red"]\n'


def write(folder: Path, text: str, words: str | None = "item,hue\nred,warm\nblue,cold\n") -> Path:
    if words is not None:
        (folder / "words.csv").write_text(words, encoding="utf-8")
    path = folder / "colours.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_audit_is_read_with_its_defaults(tmp_path: Path) -> None:
    audit = read_audit(write(tmp_path, AUDIT + CASE))
    assert (audit.name, audit.code, audit.expectation, audit.level) == ("colours", "XYZ", "exploratory", "error")
    assert audit.find.lexicon == (Entry("red", groups={"hue": "warm"}), Entry("blue", groups={"hue": "cold"}))
    assert (audit.edit.judge, audit.edit.operators) == ("swap", ("swap",))
    assert (audit.judge.margin, audit.judge.min_rows) == (0.05, 30)
    assert [match.item for match in find_spans("BLUE reds red", audit)] == ["blue", "red"]


def test_a_panel_is_a_list_or_a_word_list(tmp_path: Path) -> None:
    text = AUDIT + 'panel = ["green"]\ncontrols = "words.csv"\n'
    rule = read_audit(write(tmp_path, text)).edit
    assert (rule.panel, rule.controls, rule.reference) == (("green",), ("red", "blue"), "red")


def test_shipped_audits_come_by_name_in_the_order_asked_for() -> None:
    assert list(load_audits(["punctuation", "names"])) == ["punctuation", "names"]
    assert {"names", "punctuation"} <= set(load_audits())


def test_an_unknown_audit_names_the_nearest() -> None:
    with pytest.raises(OptionError, match=r"Unknown audit 'name'\. Did you mean 'names'\?"):
        load_audits(["name"])


def test_own_audits_stand_beside_the_shipped_and_may_replace_them(tmp_path: Path) -> None:
    write(tmp_path, AUDIT)
    assert {"colours", "names"} <= set(load_audits(audits_dir=tmp_path))
    (tmp_path / "names.toml").write_text(AUDIT, encoding="utf-8")
    assert load_audits(["names"], str(tmp_path))["names"].title == "Colours"


def test_a_folder_without_audits_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match="holds no audit"):
        load_audits(audits_dir=tmp_path / "missing")


WRONG = {
    "unknown key": (AUDIT.replace("title", "tittle"), r"`tittle` is no known key; did you mean `title`\?"),
    "unknown key of a table": (AUDIT + 'judged = "swap"\n', r"`edit\.judged` is no known key; did you mean `judge`\?"),
    "missing key": (AUDIT.replace('code = "XYZ"', ""), "`code` is missing"),
    "empty text": (AUDIT.replace('"XYZ"', '" "'), "`code` is empty"),
    "wrong type": (AUDIT.replace('"Colours"', "5"), "`title` must be a string, not 5"),
    "unknown choice": (AUDIT.replace("fixed", "fixd"), r"`items` is 'fixd'.*Did you mean 'fixed'"),
    "unknown matcher": (
        AUDIT.replace('"lexicon"', '"lexikon"'),
        r"`find\.matcher` is 'lexikon'.*Did you mean 'lexicon'",
    ),
    "unknown operator": (AUDIT + 'operators = ["swap", "swop"]\n', r"`edit\.operators` names 'swop'"),
    "judge not among the operators": (AUDIT + 'operators = ["delete"]\n', r"`edit\.operators` must contain .*'swap'"),
    "strings that are none": (AUDIT + "panel = [1]\n", r"`edit\.panel` must be a list of strings"),
    "margin too large": (AUDIT + "[judge]\nmargin = 5\n", r"`judge\.margin` is 5; it must lie between 0 and 1"),
    "margin that is no number": (AUDIT + "[judge]\nmargin = true\n", r"`judge\.margin` must be a number"),
    "rows that are no count": (AUDIT + "[judge]\nmin_rows = 0\n", r"`judge\.min_rows` must be a whole number"),
    "no table": (
        AUDIT.replace('[edit]\njudge = "swap"\nreference = "red"', "") + "[[edit]]\n",
        r"`edit` must be a table",
    ),
    "cases that are no list": (AUDIT + "[cases]\n", r"`cases` must be a list of tables"),
    "case without text": (AUDIT + '[[cases]]\nspans = ["red"]\n', r"`cases\[1\]\.text` is missing"),
    "case that fails": (
        AUDIT + CASE.replace('"red"]', '"car"]'),
        r"`cases\[1\]\.spans` should be \['car'\], but \['red'\]",
    ),
    "list that is missing": (AUDIT.replace("words.csv", "wrods.csv"), r"wrods\.csv: the word list cannot be read"),
    "no list": (AUDIT.replace('lexicon = "words.csv"', ""), r"`find\.lexicon` is missing"),
    "option of another matcher": (AUDIT + "[find.options]\ntitles = []\n", r"`find\.options\.titles` is no known key"),
    "no TOML": ("code = ", "is not valid TOML"),
}


@pytest.mark.parametrize(("text", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_file_is_named_with_its_key(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(AuditError, match=message) as caught:
        read_audit(write(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_a_missing_or_binary_file_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match="cannot be read"):
        read_audit(tmp_path / "none.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(AuditError, match=r"binary\.toml: is not valid TOML in UTF-8"):
        read_audit(tmp_path / "binary.toml")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("", "is empty"),
        ("item\n", "is empty"),
        ("word\nred\n", "no column `item`"),
        ("item\n\nred\n \n", "line 4 has no item"),
        ("item,ambiguous\nred,maybe\n", "neither yes nor no"),
        ("item\nred,blue\n", "too many cells"),
        ("item\nred\nRed\n", "'red' twice"),
    ],
)
def test_a_wrong_word_list_is_named_with_its_line(tmp_path: Path, words: str, message: str) -> None:
    with pytest.raises(AuditError, match=message):
        read_audit(write(tmp_path, AUDIT, words))


PATTERN = AUDIT.replace('matcher = "lexicon"\nlexicon = "words.csv"', 'matcher = "pattern"\n[find.options]')


def test_a_pattern_needs_a_regular_expression_that_compiles(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match=r"`find\.options\.regex` is missing"):
        read_audit(write(tmp_path, PATTERN))
    with pytest.raises(AuditError, match=r"`find\.options\.regex` is no regular expression"):
        read_audit(write(tmp_path, PATTERN.replace("[edit]", "regex = '(a'\n[edit]")))


def test_a_pattern_is_read_with_its_flag(tmp_path: Path) -> None:
    text = PATTERN.replace("[edit]", "regex = 'r.d'\nignore_case = true\n[edit]")
    assert [match.item for match in find_spans("RED rod", read_audit(write(tmp_path, text)))] == ["RED", "rod"]
