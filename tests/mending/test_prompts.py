from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from token_saliency.mending.preprocessing import Normaliser
from token_saliency.mending.prompts import prompt_toml
from token_saliency.mending.wrap import wrapper_file
from token_saliency.text.prompt.prompt import read_prompt

PLAIN = {"template": "Is it good?\n{text}", "labels": {"good": [" good"], "bad": [" bad", " poor"]}}


@pytest.mark.parametrize(
    "parts",
    [
        {
            "template": "\U0001f600 Is it good? {text}",
            "labels": {"\U0001f44d": ["\U0001f44d"], "\U0001f44e": ["\U0001f44e"]},
        },
        {"examples": [{"text": "", "label": "good"}, {"text": "Dull.", "label": "bad"}]},
        {"system": "你好 \u202e\x85\u2028\x00\x1f\x7f", "answer": "C:\\new \"''' \ttab\r\n"},
        {"labels": {'a.b "c" = #': [" a"], "[x]": [" x"]}, "kind": "causal", "chat": True, "score": "mean"},
    ],
)
def test_a_mended_prompt_is_read_as_it_was_written(parts: dict[str, Any], tmp_path: Path) -> None:
    prompt, file = read_prompt(PLAIN | parts), tmp_path / "mended.prompt.toml"
    file.write_text(prompt_toml(prompt), encoding="utf-8")

    assert read_prompt(file) == prompt


def test_a_preprocessing_holds_the_items_as_they_are() -> None:
    steps: dict[str, Any] = {"punctuation": ["\U0001f600", "'\"\\"], "names": ["Zoë", "明"]}
    found: dict[str, Any] = {}
    exec(wrapper_file(Normaliser(steps)), found)

    assert found["NORMALISER"].steps == steps
