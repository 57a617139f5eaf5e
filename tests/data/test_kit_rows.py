"""The real rows of the kit: every everyday table loads as it is."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from token_saliency.data import load_rows
from token_saliency.errors import DataError

KIT = Path(os.environ.get("TOKEN_SALIENCY_KIT", Path(__file__).parents[3] / "shared")) / "data"
pytestmark = [pytest.mark.kit, pytest.mark.skipif(not KIT.is_dir(), reason="the kit is not beside the repository")]

TWO = ["negative", "positive"]
TABLES: dict[str, tuple[list[str], str, int]] = {
    "ag_news/ag_news.csv": (["World", "Sports", "Business", "Sci/Tech"], "test", 1140),
    "eec/eec.csv": (["anger", "fear", "joy", "sadness", "none"], "test", 8640),
    "emotion/emotion.csv": (["sadness", "joy", "love", "anger", "fear", "surprise"], "test", 2000),
    "hatexplain/hatexplain.jsonl": (["hatespeech", "normal", "offensive"], "test", 1924),
    "imdb_counterfactual/imdb_contrast_sets.csv": (TWO, "test", 976),
    "imdb_counterfactual/imdb_counterfactual.csv": (TWO, "test", 976),
    "jigsaw_madlibs/madlibs.csv": (["non_toxic", "toxic"], "test", 30250),
    "jigsaw_madlibs/wiki_toxicity_identity_fuzzed.csv": (["non_toxic", "toxic"], "test", 2984),
    "planted/planted.csv": (TWO, "test", 1066),
    "rt_polarity/rt_polarity.csv": (TWO, "test", 1066),
    "sms_spam/sms_spam.csv": (["ham", "spam"], "test", 836),
    "sst/sst2_lower.csv": (TWO, "test", 1821),
    "sst/sst_cased.csv": ([*TWO, "neutral"], "test", 2210),
}


@pytest.mark.parametrize("name", TABLES)
def test_an_everyday_table_loads_as_it_is(name: str) -> None:
    labels, split, count = TABLES[name]
    rows = load_rows(KIT / name, labels=labels)
    assert (rows.split, rows.seen, len(rows.examples)) == (split, count, count)
    assert all(example.label for example in rows.examples)
    assert len({example.id for example in rows.examples}) == count
    assert all(example.text for example in rows.examples)


@pytest.mark.parametrize("path", sorted(KIT.glob("*/*.csv")), ids=lambda path: str(path.relative_to(KIT)))
def test_no_table_needs_more_than_a_text_column(path: Path) -> None:
    header = path.read_text(encoding="utf-8").partition("\n")[0].split(",")
    text = "text" if "text" in header else header[0]
    rows = load_rows(path, labels=TWO, label="", split="all", text=text)
    assert len(rows.examples) == rows.seen > 0


def test_a_third_class_is_refused_and_its_proposal_mends_it() -> None:
    path = KIT / "sst" / "sst_cased.csv"
    with pytest.raises(DataError, match=r"'neutral' \(389\).*--label-map neutral= "):
        load_rows(path, labels=TWO)
    rows = load_rows(path, labels=TWO, label_map={"neutral": ""})
    assert (rows.seen, len(rows.examples)) == (2210, 1821)
    assert Counter(example.label for example in rows.examples) == {"negative": 912, "positive": 909}


def test_a_surname_called_null_stays() -> None:
    rows = load_rows(KIT / "names" / "surnames_race_us2010.csv", labels=TWO, text="surname")
    assert "Null" in {example.text for example in rows.examples}
