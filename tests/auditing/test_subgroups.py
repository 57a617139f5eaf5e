"""Sub-groups that one half names, by labels or answers, and the edits of the other half test."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from token_saliency.auditing.audit import Match
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.judging.case import Case
from token_saliency.auditing.judging.claims.subgroups import _pooled, subgroups
from token_saliency.auditing.judging.claims.taken_away import kinds_of
from token_saliency.auditing.judging.judge import findings_of
from token_saliency.results import Edit, Finding, ScoredRow
from token_saliency.stats import estimate as st
from token_saliency.stats.sampling import in_first_half

DOMAINS = ("norix.net", "quell.edu", "alpha.org")


def case_of(
    push: float, *, seed: int = 0, rows: int = 400, labels: float = 0.8, noise: float = 0.05, alone: bool = False
) -> Case:
    """Addresses of norix.net push up by so much, those of quell.edu down; the first go with the label.

    Where it is `alone`, norix.net pushes half of the rows up and half down, and the others do nothing.
    """
    draw = random.Random(seed)
    heads, spans, edits = {}, {}, []
    for number in range(rows):
        domain = DOMAINS[number % 3]
        up = draw.random() < {"norix.net": labels, "quell.edu": 1 - labels}.get(domain, 0.5)
        text = f"ann{number}@{domain} wrote"
        ways = {"norix.net": draw.choice([-1, 1])} if alone else {"norix.net": 1, "quell.edu": -1}
        effect = push * ways.get(domain, 0) + draw.gauss(0, noise)
        id_ = str(number)
        before = (0.5, 0.5)
        heads[id_] = ScoredRow(id_, text, None, "b" if up else "a", "a", before, cluster=number)
        spans[id_] = [Match(0, text.index(" "), "a mail address")]
        for placebo, by in ((False, effect), (True, draw.gauss(0, noise))):
            slot = (6, 9) if placebo else (0, 5)
            edits.append(
                Edit(id_, "urls_and_handles", "delete", slot, "x", "a mail address", placebo, "wrote", None, before,
                     (0.5 + by, 0.5 - by))
            )  # fmt: skip
    audit = load_audits(["urls_and_handles"])["urls_and_handles"]
    return Case(audit, heads, spans, edits, ["a", "b"], {row: head.cluster for row, head in heads.items()}, seed)


def unlabelled(case: Case) -> Case:
    rows = {
        row: ScoredRow(head.id, head.text, None, None, "a", (0.5, 0.5), cluster=head.cluster)
        for row, head in case.rows.items()
    }
    return replace(case, rows=rows)


def judged(case: Case) -> list[Finding]:
    return findings_of(case.audit, case.classes, [(draft, True) for draft in subgroups(case, "delete")])


def test_two_domains_that_pull_both_ways_fail_and_one_of_them_is_named() -> None:
    all_found = judged(case_of(0.17))

    assert {one.between[0] for one in all_found if one.between} <= set(DOMAINS[:2])
    for found in all_found:
        assert (found.verdict, found.claim) == ("FAIL", "lean")
        assert found.between is not None
        assert found.between[0] in found.reason
        assert abs(found.effect) == pytest.approx(0.255, abs=0.03)  # 0.17 against the mean of -0.17 and 0
        assert (found.rows, found.controls) == (found.edits, found.rows)


@pytest.mark.parametrize("labelled", [True, False])
def test_one_domain_of_three_that_pushes_both_ways_fails_by_its_movement(labelled: bool) -> None:
    case = case_of(0.3, labels=0.5, noise=0.03, alone=True)

    found = [one for one in judged(case if labelled else unlabelled(case)) if one.claim == "movement"]

    assert [(one.verdict, one.between) for one in found] == [("FAIL", ("norix.net", "the others"))]
    assert found[0].effect == pytest.approx(0.28, abs=0.02)  # 0.3 against noise of 0.02 on both sides
    assert "up or down, beyond the control, by more than that of the others" in found[0].reason


def test_a_domain_that_pushes_one_way_is_said_once_by_its_mean() -> None:
    assert "movement" not in {one.claim for one in judged(case_of(0.17))}


def test_nothing_moves_farther_where_the_noise_of_all_is_alike() -> None:
    cases = [case_of(0.0, seed=seed, rows=240, labels=0.5, noise=0.15) for seed in range(15)]

    found = [one for case in cases for one in judged(case) if one.claim == "movement"]

    assert "FAIL" not in {one.verdict for one in found}
    assert len(found) < 4


def test_domains_that_go_with_the_label_and_move_nothing_pass() -> None:
    (found,) = judged(case_of(0.0))

    assert found.verdict == "PASS"


def test_clean_models_never_fail_whatever_their_labels_name() -> None:
    verdicts = [
        finding.verdict for seed in range(30) for finding in judged(case_of(0.0, seed=seed, labels=0.8, noise=0.08))
    ]

    assert len(verdicts) >= 10
    assert "FAIL" not in verdicts


def test_a_sub_group_that_its_rows_cannot_tell_leaves_no_audit_undecided() -> None:
    case = case_of(0.0, rows=240, labels=0.95, noise=0.6)

    assert subgroups(case, "delete") == []
    assert any("was not run" in note for note in case.notes)


def test_without_labels_the_answers_of_one_half_name_it() -> None:
    (found,) = judged(unlabelled(case_of(0.3)))

    assert found.verdict == "FAIL"
    assert found.between is not None
    assert found.between[0] in DOMAINS[:2]


def test_without_labels_and_without_an_effect_nothing_fails() -> None:
    found = [one for seed in range(30) for one in judged(unlabelled(case_of(0.0, seed=seed, noise=0.08)))]

    assert "FAIL" not in {one.verdict for one in found}
    assert len(found) < 15  # what is named by noise is seldom told on the other half


def test_what_a_number_belongs_to() -> None:
    assert [kind for _, kind in kinds_of("1987")] == ["digits alone", "years 19..", "odd numbers", "“1987”"]
    assert [kind for _, kind in kinds_of("1,200")] == [
        "numbers with a comma", "numbers of 4 digits", "round numbers", "even numbers", "“1,200”",
    ]  # fmt: skip
    assert [kind for _, kind in kinds_of("63.5")] == ["numbers with a point", "“63.5”"]
    assert ("round", "numbers that are not round") in set(kinds_of("47"))
    assert list(kinds_of("x" * 100)) == []


def test_what_an_address_belongs_to() -> None:
    page = set(kinds_of("https://www.example.org/a?b"))
    assert {("domain", "example.org")} <= set(kinds_of("example.org")) & set(kinds_of("www.example.org."))
    assert ("domain", "mail.example") not in set(kinds_of("mail.example@example.org"))
    assert {("domain", "example.org"), ("scheme", "addresses with https")} <= page
    assert ("path", "addresses with a path of one part") in page
    assert ("path", "addresses with no path") in set(kinds_of("www.example.org"))
    assert ("path", "addresses with a longer path") in set(kinds_of("http://example.org/one/two"))
    assert {("domain", "norix.net"), ("name", "names without figures")} <= set(kinds_of("Ann@Norix.net"))
    assert ("name", "names with figures") in set(kinds_of("@quill_7"))


def test_whose_an_address_is_its_server_its_file_and_how_its_name_is_written() -> None:
    page, mail = set(kinds_of("http://ann.blogs.com/old/a4.pdf")), set(kinds_of("Jo_Q@cs.wisc.edu"))
    assert {("a site", "addresses at blogs.com"), ("a server", "addresses at ann.*")} <= page
    assert {("a file", "addresses of .pdf files"), ("a last part", "addresses in .com")} <= page
    assert {("a site", "addresses at wisc.edu"), ("name with _", "names with an underscore")} <= mail
    assert ("a site", "addresses at bbc.co.uk") in set(kinds_of("news.bbc.co.uk"))
    assert {("a site", "addresses at t.co"), ("a file", "addresses of no file")} <= set(kinds_of("http://t.co/a"))


def test_an_emoticon_is_itself() -> None:
    assert [kind for _, kind in kinds_of(":)", "an emoticon")] == ["“:)”"]
    assert [kind for _, kind in kinds_of(":-(", "an emoticon")] == ["“:-(”"]


SIDES = {
    "http://HOST/page": "addresses with http",
    "https://HOST/page": "addresses with https",
    "http://blog.HOST/page": "addresses at blog.*",
    "http://shop.HOST/page": "addresses at shop.*",
    "http://HOST/page.pdf": "addresses of .pdf files",
    "http://HOST/page.html": "addresses of .html files",
}


@pytest.mark.parametrize(("one", "other"), list(zip(list(SIDES)[::2], list(SIDES)[1::2], strict=True)))
@pytest.mark.parametrize("turned", [False, True])
def test_what_addresses_share_is_named_and_not_one_of_them(one: str, other: str, turned: bool) -> None:
    """Seven domains of either side: each address alone says less than what they share."""
    pushing, others = (other, one) if turned else (one, other)
    case = case_of(0.0, noise=0.02)
    hosts = [f"host{chr(97 + i)}.net" for i in range(8)]
    rows, spans, edits = {}, {}, []
    for number, head in enumerate(case.rows.values()):
        mine = number % 2 == 0
        text = f"{(pushing if mine else others).replace('HOST', hosts[number % 7])} wrote"
        rows[head.id] = replace(head, text=text, label=None)
        spans[head.id] = [Match(0, text.index(" "), "a web address")]
        edits += [
            replace(edit, item="a web address", after=(0.5 + by, 0.5 - by))
            for edit in case.edits
            if edit.row == head.id
            for by in [edit.after[0] - 0.5 + (0.2 if mine and not edit.placebo else 0.0)]
        ]
    found = judged(replace(case, rows=rows, spans=spans, edits=edits))

    (lean,) = [one for one in found if one.claim == "lean"]  # either side of the two says it all
    assert (lean.verdict, lean.class_) == ("FAIL", "b")
    assert lean.between in ((SIDES[one], "the others"), (SIDES[other], "the others"))
    pushed = lean.between[0] == SIDES[pushing]
    assert lean.effect == pytest.approx(0.2 if pushed else -0.2, abs=0.02)  # what its presence does to the class


def test_one_domain_of_eight_is_named_though_chance_leaves_few_rows_of_it_to_test() -> None:
    case = case_of(0.0, rows=160)
    rare = [row for number, row in enumerate(case.rows) if number % 8 == 4]
    names = [row for row in rare if in_first_half(0, case.cluster[row], "subgroups")]
    assert 6 <= len(rare) - len(names) < 10
    heads = {
        row: replace(head, text=f"ann{row}@fargo.com wrote") if row in rare else head for row, head in case.rows.items()
    }
    spans = {row: [Match(0, head.text.index(" "), "a mail address")] for row, head in heads.items()}
    edits = [
        edit if edit.placebo or edit.row not in rare
        else replace(edit, after=(edit.after[0] + 0.25, edit.after[1] - 0.25))
        for edit in case.edits
    ]  # fmt: skip

    (found,) = judged(replace(case, rows=heads, spans=spans, edits=edits))

    assert (found.verdict, found.between) == ("FAIL", ("fargo.com", "the others"))


def test_a_few_rows_that_happen_to_agree_do_not_hide_a_group_that_moves() -> None:
    inside = np.array([True] * 6 + [False] * 60)
    values = np.where(inside, 0.05, np.linspace(-0.2, 0.2, 66))

    assert st.clustered_mean(values[inside], np.arange(6)).se < 1e-9
    assert _pooled(values, inside) == pytest.approx(0.0442, abs=0.001)


def test_a_sub_group_has_the_effects_of_its_own_spans_and_not_of_others_in_its_rows() -> None:
    """Rows of class b hold an even number more often, and a time that pushes them; the number pushes nothing."""
    audit, draw = load_audits(["numbers"])["numbers"], random.Random(0)
    heads, spans, edits, before = {}, {}, [], (0.5, 0.5)
    for number in range(400):
        id_, label = str(number), "ab"[number % 2]
        even = draw.random() < (0.85 if label == "b" else 0.15)
        digits = f"{draw.randrange(100, 999) * 2 + (not even):06d}"
        text = f"call {digits} at 7:15 {'pm' if label == 'b' else 'am'}"
        heads[id_] = ScoredRow(id_, text, None, label, "a", before, cluster=number)
        spans[id_] = [Match(5, 11, "a long number"), Match(15, 19, "a time of day")]
        for slot, item, push in (((5, 11), "a long number", 0.0), ((15, 19), "a time of day", 0.2 * (label == "b"))):
            for placebo, by in ((False, push + draw.gauss(0, 0.01)), (True, draw.gauss(0, 0.01))):
                edits.append(
                    Edit(id_, "numbers", "renumber", slot, "x", f"{item} (presence)", placebo, "call", None, before,
                         (0.5 + by, 0.5 - by))
                )  # fmt: skip
    case = Case(audit, heads, spans, edits, ["a", "b"], {row: head.cluster for row, head in heads.items()}, 0)

    found = findings_of(audit, case.classes, [(draft, True) for draft in subgroups(case, "renumber")])

    assert any(one.between and "numbers" in one.between[0] for one in found)
    assert all(abs(one.effect) < 0.02 for one in found)
    assert "FAIL" not in {one.verdict for one in found}
