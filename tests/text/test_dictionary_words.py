"""Words of scripts without spaces by the dictionaries of ICU (extra `words`)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from token_saliency import TextClassifier
from token_saliency.drawing.word_spans import by_dictionary, word_spans

pytest.importorskip("icu4py", reason="the extra `words` is not installed")


@pytest.fixture(autouse=True)
def read_anew() -> Iterator[None]:
    by_dictionary.cache_clear()
    yield
    by_dictionary.cache_clear()


def words(text: str) -> list[str]:
    return [text[start:end] for start, end in word_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("这部电影非常好看😀，我很失望。", "这 部 电影 非常 好看 😀 ， 我 很 失望 。"),
        ("食べるホテルはWi-Fi良い！", "食べる ホテル は Wi-Fi 良い ！"),
        ("ภาพยนตร์เรื่องนี้ดีมาก good", "ภาพยนตร์ เรื่อง นี้ ดี มาก good"),
        ("ຂ້ອຍຮັກເຈົ້າ", "ຂ້ອຍ ຮັກ ເຈົ້າ"),
        ("ខ្ញុំស្រឡាញ់អ្នក", "ខ្ញុំ ស្រឡាញ់ អ្នក"),
        ("ငါမင်းကိုချစ်တယ်", "ငါ မင်း ကို ချစ် တယ်"),
        ("plain text, it's 3.5!", "plain text , it's 3.5 !"),
        ("", ""),
    ],
)
def test_words_are_those_of_the_dictionary_and_nothing_else_changes(text: str, expected: str) -> None:
    assert words(text) == expected.split()


def test_characters_beyond_the_basic_plane_shift_nothing() -> None:
    assert words("𠀀𠀁电影😀电影") == ["𠀀", "𠀁", "电影", "😀", "电影"]


def test_occlusion_of_a_function_removes_a_word_at_once() -> None:
    classifier = TextClassifier.from_function(
        lambda texts: [[0.1, 0.9] if "失望" in text else [0.9, 0.1] for text in texts], labels=["good", "bad"]
    )
    tokens = classifier.explain("我很失望。", method="occlusion", target="bad")[0].tokens
    assert {token.text: round(token.score, 6) for token in tokens}["失望"] == pytest.approx(0.8)
    assert sum(abs(token.score) > 1e-9 for token in tokens) == 1
