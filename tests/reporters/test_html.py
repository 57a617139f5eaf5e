"""The page: complete, well-formed, small, and inert whatever the rows say."""

from __future__ import annotations

import ast
import base64
import hashlib
import re
import shlex
from collections import Counter
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest

from token_saliency.drawing.fragments import render_fragment as attribution_html
from token_saliency.reporters import attributions_html
from token_saliency.reporters.page import html
from token_saliency.results import DISCLAIMER, Coverage

NAMES = ["failing", "clean", "mixed", "inconclusive", "error", "empty", "hostile"]
VOID = {"meta", "br", "img", "input", "link", "hr", "base"}
ALLOWED = {
    *("html", "head", "meta", "title", "style", "script", "body", "header", "main", "section", "footer", "article"),
    *(
        "svg",
        "g",
        "symbol",
        "path",
        "use",
        "rect",
        "line",
        "circle",
        "text",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    ),
    *("h1", "h2", "h3", "div", "p", "span", "a", "b", "i", "strong", "small", "br", "bdi", "del", "ins", "pre", "code"),
    *("dl", "dt", "dd", "ul", "ol", "li", "label", "input", "details", "summary", "button", "select", "option"),
}


class Page(HTMLParser):
    """The elements, attributes, ids and texts of a page; raises where tags do not nest."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise ValueError(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("style", "script"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def values(self, attribute: str) -> list[str]:
        return [attributes[attribute] or "" for _, attributes in self.elements if attribute in attributes]


@pytest.fixture(params=NAMES)
def source(request: pytest.FixtureRequest, make: SimpleNamespace) -> str:
    return html.render(make.REPORTS[request.param]())


def test_tags_nest_and_ids_are_unique(source: str) -> None:
    page = Page(source)
    assert page.open == []
    assert [name for name, times in Counter(page.values("id")).items() if times > 1] == []


def test_every_link_leads_to_a_place_on_the_page(source: str) -> None:
    page = Page(source)
    links = page.values("href")
    assert links
    assert {link[1:] for link in links} <= set(page.values("id"))
    assert all(link.startswith("#") for link in links)


def test_the_page_holds_only_what_the_templates_put_there(source: str) -> None:
    page = Page(source)
    assert {tag for tag, _ in page.elements} <= ALLOWED
    assert len(page.named("script")) == len(page.named("style")) == 1
    names = {name for _, attributes in page.elements for name in attributes}
    assert not [name for name in names if name.startswith("on") or name in ("style", "src", "srcset", "action")]


def test_the_policy_allows_the_one_style_and_the_one_script(source: str) -> None:
    policy = Page(source).named("meta")[1]["content"] or ""
    assert policy.startswith("default-src 'none'; ")
    for tag in ("style", "script"):
        content = re.search(rf"<{tag}>(.*?)</{tag}>", source, re.DOTALL)
        assert content is not None
        digest = base64.b64encode(hashlib.sha256(content[1].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_nothing_is_loaded_from_anywhere(source: str) -> None:
    css_and_script = "".join(re.findall(r"<(?:style|script)>(.*?)</", source, re.DOTALL))
    assert not re.search(r"url\(|@import|https?:|fetch|XMLHttp|WebSocket|innerHTML|eval", css_and_script)


def test_disclaimer_and_limits_stand_on_every_page(source: str) -> None:
    page = Page(source)
    assert page.text.count(DISCLAIMER) >= 2
    assert "What this page cannot tell" in page.text
    for limit in ("Colours nominate, they never decide", "Going together is not causing", "An edit can be unfair"):
        assert limit in page.text


def test_hostile_strings_are_shown_as_they_are(make: SimpleNamespace) -> None:
    text = Page(html.render(make.hostile())).text
    assert "</script><img src=x onerror=alert(1)>" in text
    assert "{{ 7*7 }}" in text
    assert "[ESC][31mred" in text
    assert "[RLO]evil" in text
    assert "49" not in re.findall(r"\b\d+\b", text)


def test_no_control_character_reaches_the_page(source: str) -> None:
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", source)
    source.encode("utf-8")


def test_verdict_model_data_and_every_audit_are_said(make: SimpleNamespace) -> None:
    text = Page(html.render(make.failing())).text
    said = [
        "FAIL",
        "models/planted-minilm",
        "data/planted.csv",
        "test, 400 of 1,066 rows",
        "Person names",
        "Punctuation",
    ]
    said += ["+0.132", "[+0.097, +0.167]", "±0.05", "exit code 1", make.COMMAND]
    for audit in make.failing().audits.values():
        said += [audit.reason, audit.advice, audit.why]
    assert [each for each in said if each not in text] == []


def test_every_number_of_a_finding_is_in_its_row(make: SimpleNamespace) -> None:
    finding = make.finding("shift", 0.252, 0.021, "FAIL", between=("!", "."), rows=248, items=1, p_adjusted=0.017)
    source = html.render(make.report([make.names_audit(intervention=[finding])], "FAIL", 1))
    row = source[source.index('<tr id="names-shift-positive-swap-_21-_2e"') :]
    said = Page(row[: row.index("</tr>") + 5]).text
    for value in ("FAIL", "shift", "positive", "swap", "!", ".", "+0.252", "[+0.231, +0.273]", "+0.004", "0.017"):
        assert value in said
    for value in ("248", "1", "0.021"):
        assert value in said


def test_charts_are_said_in_words(make: SimpleNamespace) -> None:
    labels = Page(html.render(make.failing())).values("aria-label")
    assert "effect +0.132, interval [+0.097, +0.167], control +0.004, margin ±0.050" in labels


def test_what_could_not_be_decided_and_what_was_not_run_are_said(make: SimpleNamespace) -> None:
    text = Page(html.render(make.mixed())).text
    assert "What could not be decided" in text
    assert "4 rows hold any, 30 are needed" in text
    assert "label_words: not run, the rows have no labels." in text


def test_an_audit_that_decides_nothing_stands_last_and_says_so(make: SimpleNamespace) -> None:
    audits = [make.names_audit(expectation="exploratory"), make.clean_audit("marks", "Marks")]
    source = html.render(make.report(audits, "PASS", 0))
    hero, _, rest = Page(source).text.partition("An investigation")
    assert "1 exploratory, no part of the verdict" in hero
    assert " ".join(hero.split()).endswith("exit code 0")
    assert "fail" not in hero
    assert rest.index("Marks") < rest.index("Person names")
    assert "neither the verdict of the run nor its exit code hangs on it" in rest
    assert source.count("exploratory</span>") == 1
    assert "Exploratory" not in html.render(make.report([make.names_audit()], "FAIL", 1))


def test_what_is_put_in_needs_no_count_of_what_was_found(make: SimpleNamespace) -> None:
    inserted = make.names_audit(coverage=Coverage(0, 0, 0))
    assert "rows with a hit" not in html.render(make.report([inserted], "FAIL", 1))
    assert "rows with a hit" in html.render(make.report([make.names_audit()], "FAIL", 1))


def test_an_empty_report_says_that_nothing_can_be_said(make: SimpleNamespace) -> None:
    text = Page(html.render(make.empty())).text
    assert "No audit ran, so nothing can be said." in text
    assert "The model was not tested." in text


def test_edited_pairs_stand_side_by_side_with_the_change_marked(make: SimpleNamespace) -> None:
    source = html.render(make.report([make.names_audit()], "FAIL", 1))
    assert "<del>Danielle</del> saw it with me." in source
    assert "<ins>Vincent</ins> saw it with me." in source
    assert "0.972 → 0.905 <strong>−0.067</strong>" in source
    assert "control edit" in source


def test_words_are_coloured_signed_and_framed_on_the_original_text(make: SimpleNamespace) -> None:
    source = html.render(make.report([make.names_audit()], "FAIL", 1))
    assert '<span class="w p5" data-s="+1.400">wonderful</span> little film' in source
    assert re.search(r'<span class="w n\d" data-s="−1.000">tired</span> sequel', source)
    assert re.search(r'<span class="w p\d audited" data-s="\+0.450"( tabindex="0")?>Danielle</span> saw it', source)
    assert "##" not in Page(source).text


def test_all_audits_share_one_scale(make: SimpleNamespace) -> None:
    legends = re.findall(r"full colour is ±([\d.]+) or more", html.render(make.failing()))
    assert len(legends) == 2
    assert len(set(legends)) == 1


def test_a_long_run_stays_under_two_megabytes_and_says_what_is_left_out(make: SimpleNamespace) -> None:
    source = html.render(make.huge())
    assert len(source.encode()) < 2_000_000
    text = Page(source).text
    assert "30 more in report.json" in text  # pairs
    assert "28 more in report.json" in text  # examples
    assert "more characters are not shown here" in text
    assert "183 more in report.json" in text  # described estimates


def test_a_page_of_attributions_is_inert_and_complete(make: SimpleNamespace) -> None:
    evil = make.HOSTILE
    found = [make.attribution(text, predicted=evil[0], target=evil[1], method=evil[2]) for text in evil]
    source = attributions_html(found, evil[0], evil[5])
    page = Page(source)
    assert {tag for tag, _ in page.elements} <= ALLOWED
    assert len(page.named("article")) == len(evil)
    assert DISCLAIMER in page.text
    assert evil[5].split("\n")[0] in page.text


def test_a_page_of_attributions_says_what_the_numbers_are(make: SimpleNamespace) -> None:
    found = make.attribution("A wonderful day", converged=False, truncated=118, target="negative")
    text = Page(attributions_html([found], "Explained", "token-saliency explain m t")).text
    assert "logit +2.31 (baseline mask: +0.18)" in text
    assert "explained: negative" in text
    assert "completeness error 2.1%" in text
    assert "did not reach the tolerance" in text
    assert "118 characters at the end never reached the model" in text
    assert "token-saliency explain m t" in text


def test_unsigned_scores_get_an_unsigned_legend(make: SimpleNamespace) -> None:
    words = [word for word in make.attribution("A wonderful day").words if word.score > 0]
    text = Page(attributions_html([make.attribution("A wonderful day", words=words, signed=False)])).text
    assert "pushes away" not in text
    assert "how much a word matters" in text


@pytest.mark.parametrize("index", range(14))
def test_a_fragment_is_inert_and_needs_no_style_sheet(make: SimpleNamespace, index: int) -> None:
    text = make.HOSTILE[index]
    fragment = attribution_html(make.attribution(text, predicted=text))
    page = Page(fragment)
    assert page.open == []
    assert {tag for tag, _ in page.elements} <= {"div", "p", "b", "bdi", "span"}
    assert {name for _, attributes in page.elements for name in attributes} <= {"style", "title", "dir"}


def test_a_fragment_colours_words_by_direction(make: SimpleNamespace) -> None:
    attribution = make.attribution("A wonderful, dull day")
    assert re.search(r"solid rgb\(214,106,10\)[^>]*title=\"\+1.400\">wonderful<", attribution.to_html())
    assert re.search(r"dashed rgb\(38,104,196\)[^>]*title=\"−1.300\">dull<", attribution._repr_html_())


def test_a_framed_page_cannot_run_or_leak(make: SimpleNamespace) -> None:
    page = Page(html.framed(make.hostile()))
    (frame,) = page.named("iframe")
    assert len(page.elements) == 1
    assert frame["sandbox"] == ""
    assert (frame["srcdoc"] or "").startswith("<!doctype html>")


@pytest.mark.parametrize(("rows", "limit"), [(1_000, 2_000_000), (10_000, 5_000_000)])
def test_twenty_full_audits_keep_to_their_size_and_say_what_is_left_out(
    make: SimpleNamespace, pages: SimpleNamespace, rows: int, limit: int
) -> None:
    source = html.render(pages.long_run(make, rows))
    assert len(source.encode()) < limit
    text = Page(source).text
    assert f"8 rows of {rows:,} in colour and 200 edited pairs" in text
    assert text.count("more in report.json") > 20
    assert "every row in rows.parquet" in text


def test_a_hundred_full_audits_share_the_page_and_each_keeps_a_row_and_a_pair(
    make: SimpleNamespace, pages: SimpleNamespace
) -> None:
    source = html.render(pages.long_run(make, 1_000, audits=100))
    assert len(source.encode()) < 5_000_000
    assert source.count('class="example"') == 100
    assert source.count("Random edited pairs") == 100
    assert Page(source).text.count("more in report.json") > 100


def test_every_shown_row_has_a_command_that_a_shell_takes_as_it_stands(make: SimpleNamespace) -> None:
    text = 'It\'s `odd` $(touch x) "quoted" -- wonderful; Danielle'
    audit = make.names_audit(examples=[make.shown(text, "positive", 0.9, [], None)], pairs=[])
    found = re.findall(r'class="again".*?<code>(.*?)</code>', html.render(make.report([audit], "FAIL", 1)), re.DOTALL)
    words = [shlex.split(unescape(command)) for command in found]
    assert words == [
        [
            *"token-saliency explain --method integrated_gradients --target predicted --baseline mask --".split(),
            "models/planted-minilm",
            text,
        ]
    ]


@pytest.mark.parametrize("text", ["two\nlines", "\x1b[31mred", "\u202eevil", "long " * 200])
def test_a_text_that_no_shell_line_can_carry_is_told_to_python(make: SimpleNamespace, text: str) -> None:
    audit = make.names_audit(examples=[make.shown(text, "positive", 0.9, [], None)], pairs=[])
    source = html.render(make.report([audit], "FAIL", 1))
    (command,) = re.findall(r'class="again".*?<code>(.*?)</code>', source, re.DOTALL)
    said = unescape(command)
    assert said.startswith("classifier.explain(")
    shown = ast.parse(said, mode="eval").body.args[0]  # type: ignore[attr-defined]
    assert ast.unparse(shown) == "texts" if len(text) > 400 else ast.literal_eval(shown) == [text]


def test_a_redacted_run_shows_no_command_with_row_text(make: SimpleNamespace, pages: SimpleNamespace) -> None:
    source = html.render(pages.redacted(make))
    assert 'class="again"' not in source
    assert "Row text is withheld" in Page(source).text


def test_suspects_and_calibration_are_said_in_sentences(make: SimpleNamespace, pages: SimpleNamespace) -> None:
    text = Page(html.render(pages.twenty(make))).text
    assert "2 suspects nominated" in text
    assert "confirmed 1." in text
    assert "1 that edits did not confirm" in text
    assert "Flagged at 0.05: 1 of 20 control groups of names" in text


def test_ids_stay_the_same_when_numbers_change(make: SimpleNamespace) -> None:
    before, after = make.names_audit(), make.names_audit()
    after = replace(after, intervention=[replace(f, effect=0.07, p=0.2) for f in after.intervention])
    ids = [sorted(Page(html.render(make.report([a], "FAIL", 1))).values("id")) for a in (before, after)]
    assert ids[0] == ids[1]


@pytest.mark.parametrize(
    ("id_", "revision", "said"),
    [
        ("owner/name", "a" * 40, f"owner/name@{'a' * 40}"),
        ("my-model", "sha256:b6e4", "my-model"),
        ("o/n@v1", "a" * 40, "o/n@v1"),
    ],
)
def test_the_command_names_the_model_at_its_commit(make: SimpleNamespace, id_: str, revision: str, said: str) -> None:
    report = make.failing()
    changed = replace(report, model=replace(report.model, id=id_, revision=revision))
    commands = re.findall(r'class="again".*?<code>(.*?)</code>', html.render(changed), re.DOTALL)
    assert {shlex.split(unescape(command))[9] for command in commands} == {said}


def test_a_model_from_memory_is_explained_from_python(make: SimpleNamespace) -> None:
    source = html.render(replace(make.failing(), command=""))
    assert "<code>classifier.explain([" in source
    assert "<code>token-saliency explain" not in source
