from __future__ import annotations

import pytest

from token_saliency.auditing.audit import Find
from token_saliency.auditing.spans import patterns
from token_saliency.auditing.spans.patterns import pattern
from token_saliency.errors import AuditError


def test_named_groups_are_found_and_name_what_they_find() -> None:
    find = Find("pattern", (), {"regex": r"(?P<a_mark>\*)\w+(?P<a_mark>\*)|(?P<a_tag><\w>)"})
    found = [(match.start, match.end, match.item) for match in pattern("a *b* <c>", find)]
    assert found == [(2, 3, "a mark"), (4, 5, "a mark"), (6, 9, "a tag")]


def test_an_expression_that_backtracks_without_end_is_an_error_and_no_hanging_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(patterns, "SECONDS", 0.05)
    with pytest.raises(
        AuditError, match=r"more than 0\.05 seconds on a text of 61 characters: it backtracks"
    ) as caught:
        pattern("a" * 60 + "b", Find("pattern", (), {"regex": r"(a|aa)+$"}))
    assert "\n" not in str(caught.value)
