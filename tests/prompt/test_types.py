"""Types of language models behind a prompt: a sample of those that `python -m tests.prompt.sweep` goes through."""

from __future__ import annotations

import pytest

from tests.prompt.sweep import SAMPLE, Outcome, measured


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in SAMPLE.items() for name in names])
def test_a_type_answers_as_a_plain_loop_with_and_without_its_head_read_once(kind: str, name: str) -> None:
    assert measured(kind, name) == Outcome("", None if kind == "seq2seq" else name != "mamba")
