from __future__ import annotations

from pathlib import Path

import pytest

from token_saliency.auditing.audit import PICTURE_EDITS
from token_saliency.auditing.definitions.reader import Entry, configured, load_audits, read_audit
from token_saliency.auditing.definitions.selection import chosen_audits
from token_saliency.auditing.edits.operators import OPERATORS
from token_saliency.auditing.edits.swaps import PLANNERS
from token_saliency.auditing.judging.judge import CLAIMS
from token_saliency.auditing.spans.registry import find_spans
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


def test_a_shipped_audit_is_read_once_and_one_of_the_users_own_each_time(tmp_path: Path) -> None:
    write(tmp_path, AUDIT)
    one, other = (load_audits(["numbers", "colours"], tmp_path) for _ in range(2))
    assert one["numbers"] is other["numbers"]
    assert one["colours"] is not other["colours"]


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
        load_audits(audits_dir=tmp_path)


def test_a_folder_that_is_not_there_is_not_told_as_empty(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(AUDIT, encoding="utf-8")
    for place in ("missing", "mine.toml"):
        with pytest.raises(AuditError, match=f"There is no folder '.*{place}'"):
            load_audits(audits_dir=tmp_path / place)


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
    "insertions of nothing": (AUDIT.replace('"swap"', '"insert"'), r"`edit\.panel` is missing"),
    "unknown place": (AUDIT + 'place = "middle"\n', r"`edit\.place` is 'middle', which does not exist.*start, end"),
    "fixed items without a reference": (AUDIT.replace('reference = "red"', ""), r"`edit\.reference` is missing"),
    "list and items": (AUDIT.replace("[edit]", 'items = ["red"]\n[edit]'), r"`find\.items` stands beside `lexicon`"),
    "column that is missing": (
        AUDIT.replace("[edit]", 'item_column = "hew"\n[edit]'),
        r"no column `hew`\. Choose another\.$",
    ),
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
        ("word\nred\n", "no column `item`.*`item_column` in .find.[.]$"),
        ("item\n\nred\n \n", "line 4 has no item"),
        ("item,ambiguous\nred,maybe\n", "neither yes nor no"),
        ("item\nred,blue\n", "too many cells"),
        ("item\nred\nRed\n", "line 3 holds the item of line 2 again"),
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


def test_items_may_stand_in_the_audit_itself(tmp_path: Path) -> None:
    text = AUDIT.replace('lexicon = "words.csv"', 'items = ["red", "dark green"]')
    audit = read_audit(write(tmp_path, text, None))
    assert [match.item for match in find_spans("Dark green or red", audit)] == ["dark green", "red"]
    with pytest.raises(AuditError, match=r"item 2 .*item 1 "):
        read_audit(write(tmp_path, text.replace("dark green", "Red"), None))


def test_the_items_may_stand_in_any_column(tmp_path: Path) -> None:
    text = AUDIT.replace("[edit]", 'item_column = "colour"\n[edit]')
    audit = read_audit(write(tmp_path, text, "hue,colour\nwarm,red\ncold,blue\n"))
    assert audit.find.lexicon == (Entry("red", groups={"hue": "warm"}), Entry("blue", groups={"hue": "cold"}))


def test_fixed_items_are_swapped_for_the_reference_unless_a_panel_says_which(tmp_path: Path) -> None:
    assert read_audit(write(tmp_path, AUDIT)).edit.panel == ("blue",)
    assert read_audit(write(tmp_path, AUDIT + 'panel = ["green"]\n')).edit.panel == ("green",)


def test_a_pattern_may_give_all_that_it_finds_one_name(tmp_path: Path) -> None:
    text = PATTERN.replace("[edit]", "regex = 'no\\. \\d+'\nitem = \"a number\"\n[edit]")
    audit = read_audit(write(tmp_path, text))
    assert {match.item for match in find_spans("no. 4 and no. 17", audit)} == {"a number"}


WORDS = "item,hue,size\nred,warm,big\norange,warm,big\nblue,cold,big\ngreen,cold,small\ngrey,none,small\n"
GROUPS = AUDIT.replace('"fixed"', '"sample"') + '[contrast]\ncolumn = "hue"\nbetween = ["warm", "cold"]\n'


def test_a_contrast_is_a_column_and_pairs_of_its_groups(tmp_path: Path) -> None:
    (contrast,) = read_audit(write(tmp_path, GROUPS, WORDS)).contrasts
    assert (contrast.column, contrast.between, contrast.groups) == ("hue", (("warm", "cold"),), ("warm", "cold"))
    several = GROUPS.replace("[contrast]", "[[contrast]]") + '[[contrast]]\ncolumn = "size"\n'
    audit = read_audit(write(tmp_path, several + 'between = [["big", "small"]]\n', WORDS))
    assert [contrast.between for contrast in audit.contrasts] == [(("warm", "cold"),), (("big", "small"),)]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"hue"', '"hew"', r"`contrast\.column` is 'hew', which the word list does not have; it has `hue`, `size`"),
        (
            '"cold"]',
            '"cool"]',
            r"`contrast\.between` names 'cool', which has fewer than 2 items\. Groups: cold, none, warm",
        ),
        ('"cold"]', '"none"]', r"names 'none', which has fewer than 2 items"),
        ('["warm", "cold"]', '["warm"]', r"`contrast\.between` must be two groups"),
        ('["warm", "cold"]', "[]", r"`contrast\.between` must be two groups"),
        ('["warm", "cold"]', '["warm", "warm"]', r"`contrast\.between` must be two groups"),
        ('["warm", "cold"]', '[["warm", "cold"], ["cold", "warm"]]', r"`contrast` compares the same two groups twice"),
        ('between = ["warm", "cold"]', "", r"`contrast\.between` must be two groups"),
        ("between", "betwixt", r"`contrast\.betwixt` is no known key"),
        ('"sample"', '"fixed"', r"`contrast` needs `items = \"sample\"`"),
        ('judge = "swap"', 'judge = "delete"', r"`contrast` needs .* the operator \"swap\""),
    ],
)
def test_a_wrong_contrast_is_named_with_what_there_is(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(AuditError, match=message):
        read_audit(write(tmp_path, GROUPS.replace(old, new), WORDS))


def test_a_contrast_without_columns_says_so(tmp_path: Path) -> None:
    text = GROUPS.replace('lexicon = "words.csv"', 'items = ["red", "blue"]')
    with pytest.raises(AuditError, match="it has none beside the items"):
        read_audit(write(tmp_path, text, None))


def test_an_own_audit_in_the_place_of_a_shipped_one_says_so(tmp_path: Path) -> None:
    write(tmp_path, AUDIT)
    (tmp_path / "names.toml").write_text(AUDIT, encoding="utf-8")
    audits = load_audits(audits_dir=tmp_path)
    assert "stands in for the shipped one of the name names" in audits["names"].notes[-1]
    assert audits["colours"].notes == ()


def test_what_an_audit_can_ask_is_what_is_planned_and_claimed() -> None:
    both = {(operator, items) for operator in OPERATORS for items in ("sample", "fixed")}
    assert both == set(PLANNERS) == set(CLAIMS) - {(operator, "fixed") for operator in PICTURE_EDITS}


def test_an_audit_takes_the_options_of_the_user(tmp_path: Path) -> None:
    audit = read_audit(write(tmp_path, AUDIT))
    other = configured(audit, {"level": "warn", "margin": 0.1})
    assert (other.level, other.judge.margin, other.judge.min_rows) == ("warn", 0.1, 30)
    assert configured(audit, {}) == audit


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"margn": 0.1}, "Did you mean 'margin'"),
        ({"margin": 7}, "must lie between 0 and 1"),
        ({"margin": "0.1"}, "must be a number"),
        ({"min_rows": 0.5}, "must be a whole number"),
        ({"level": "eror"}, "Did you mean 'error'"),
    ],
)
def test_a_wrong_option_of_the_user_is_told(tmp_path: Path, options: dict[str, object], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        configured(read_audit(write(tmp_path, AUDIT)), options)


@pytest.mark.parametrize("elsewhere", ["../words.csv", "/etc/hostname", "lists/../../words.csv", "link.csv"])
def test_an_audit_reads_word_lists_below_its_own_folder_only(tmp_path: Path, elsewhere: str) -> None:
    (tmp_path / "words.csv").write_text("item\nsecret\n")
    own = tmp_path / "own"
    own.mkdir()
    (own / "link.csv").symlink_to("../words.csv")
    text = AUDIT.replace('lexicon = "words.csv"', f'lexicon = "{elsewhere}"')
    with pytest.raises(AuditError, match="not below the folder") as caught:
        read_audit(write(own, text, None))
    assert "secret" not in str(caught.value)


def test_a_level_that_decides_nothing_is_told() -> None:
    config: dict[str, dict[str, object]] = {
        "position": {"level": "error"},
        "length": {"level": "error"},
        "emoji": {"margin": 0.1},
    }
    _, said = chosen_audits(["position", "length", "emoji"], None, config)

    assert [note.partition(" is exploratory, so its level decides nothing")[0] for note in said] == ["position"]
