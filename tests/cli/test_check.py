from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from token_saliency.cli.check import _handled, checks_of
from token_saliency.results import SelfTest

Command = Callable[..., Any]

SOUND = SelfTest(
    embedding="bert.embeddings.word_embeddings",
    route="hook",
    eval_mode=True,
    hook_identity=True,
    embedding_hits=1,
    padding_invariant=True,
    deterministic=True,
    fast_tokenizer=True,
    max_difference=1e-7,
    notes=[],
)


def test_a_sound_model_passes_every_check(command: Command, leaning: Path) -> None:
    ended = command("check", leaning / "my-model")

    assert ended.code == 0, ended.err
    assert "bert.embeddings.word_embeddings" in ended.out
    assert "FAILED" not in ended.out
    assert ended.out.count(" holds\n") == len(checks_of(SOUND)) + 2


@pytest.mark.parametrize(
    "broken",
    [
        {"eval_mode": False},
        {"hook_identity": False},
        {"vectors_decide": False},
        {"gradient_agrees": False},
        {"embedding_hits": 2},
        {"deterministic": False},
        {"fast_tokenizer": False},
    ],
)
def test_each_property_that_does_not_hold_is_a_failed_check(broken: dict[str, Any]) -> None:
    assert all(checks_of(SOUND).values())
    assert list(checks_of(replace(SOUND, **broken)).values()).count(False) == 1


def test_a_model_that_sees_its_padding_is_dealt_with_and_no_failure() -> None:
    sees = replace(SOUND, padding_invariant=False)
    assert all(checks_of(sees).values())
    assert "never share a batch" in next(iter(_handled(sees).values()))


def test_a_model_that_cannot_be_loaded_is_no_failed_check(command: Command, tmp_path: Path) -> None:
    (tmp_path / "no-model").mkdir()

    ended = command("check", "no-model")

    assert ended.code == 2
    assert "no-model" in ended.error


def test_an_interrupt_inside_a_command_is_130(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("token_saliency.text.classifier.TextClassifier.from_pretrained", interrupted)

    ended = command("check", "my-model")

    assert (ended.code, ended.error) == (130, "error: interrupted; nothing was written.")
