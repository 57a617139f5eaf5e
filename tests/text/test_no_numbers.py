"""Logits that are nan or infinite: no class, no score, no harm to a neighbour, and no run that ends on them."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from token_saliency import TextClassifier, run_audits, validate
from token_saliency.counterfactual import counterfactuals, flip_curve
from token_saliency.errors import ModelError

if TYPE_CHECKING:
    from tests.text.conftest import Build, Tiny

HARMED, SOUND = "the lazy dog", "the film is not bad at all"


class Spreading(torch.nn.Module):
    """One row without numbers takes them from every row beside it."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.inner, self.config = model, model.config

    def forward(self, input_ids: Any, attention_mask: Any = None, token_type_ids: Any = None) -> Any:
        logits = self.inner(input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).logits
        return SimpleNamespace(logits=logits + 0 * logits.sum())


def harm(tiny: Tiny) -> None:
    with torch.no_grad():
        tiny.model.bert.embeddings.word_embeddings.weight[tiny.tokenizer.convert_tokens_to_ids("lazy")] = torch.nan


@pytest.mark.parametrize("spreads", [False, True])
@pytest.mark.parametrize("method", ["integrated_gradients", "gradient", "occlusion"])
def test_a_row_without_numbers_has_no_class_and_harms_no_neighbour(bert: Tiny, method: str, spreads: bool) -> None:
    harm(bert)
    own = TextClassifier(Spreading(bert.model) if spreads else bert.model, bert.tokenizer)
    alone_predicted, alone = own.predict([SOUND]), own.explain([SOUND], method)[0]
    seen, found = own.predict([HARMED, SOUND]), own.explain([HARMED, SOUND, HARMED], method)
    assert seen.labels == [None, *alone_predicted.labels]
    assert np.isnan(seen.probabilities[0]).all()
    np.testing.assert_allclose(seen.logits[1], alone_predicted.logits[0], atol=1e-5)
    np.testing.assert_allclose(found[1].scores, alone.scores, atol=1e-5)
    assert found[1].converged == alone.converged
    for one in (found[0], found[2]):
        assert (one.predicted, one.target, one.converged, one.completeness_error) == (None, None, False, None)
        assert np.isnan([token.score for token in one.tokens if not token.special]).all()


def test_a_named_class_stays_named_and_every_class_is_answered(bert: Tiny) -> None:
    harm(bert)
    own = TextClassifier(bert.model, bert.tokenizer)
    (found,) = own.explain([HARMED], target=1)
    assert (found.predicted, found.target, found.target_index, found.converged) == (None, "LABEL_1", 1, False)
    bad, good = own.explain_all([HARMED, SOUND], "gradient")
    assert [one.predicted for one in bad.values()] == [None] * 3
    assert all(np.isfinite(one.scores).all() for one in good.values())


def test_scores_that_overflow_are_not_converged(bert: Tiny) -> None:
    class Steep(Spreading):
        def forward(self, input_ids: Any, attention_mask: Any = None, token_type_ids: Any = None) -> Any:
            logits = self.inner(input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).logits
            return SimpleNamespace(logits=(logits - logits.detach()).abs().sqrt() + logits.detach())

    (found,) = TextClassifier(Steep(bert.model), bert.tokenizer).explain([SOUND], "gradient_x_input")
    assert found.predicted is not None
    assert not np.isfinite(found.scores).all()
    assert not found.converged


class Masked(Spreading):
    """The last class is ruled out."""

    def forward(self, input_ids: Any, attention_mask: Any = None, token_type_ids: Any = None) -> Any:
        logits = self.inner(input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).logits
        return SimpleNamespace(logits=logits.masked_fill(torch.tensor([False, False, True]), -torch.inf))


def test_a_class_that_is_ruled_out_makes_no_tolerance_infinite(bert: Tiny) -> None:
    own = TextClassifier(Masked(bert.model), bert.tokenizer)
    seen = own.predict([SOUND])
    assert seen.labels[0] in ("LABEL_0", "LABEL_1")
    assert seen.probabilities[0, 2] == 0
    assert np.isfinite(own.self_test.max_difference)
    own.model.train()
    assert own.self_test.hook_identity
    assert own.explain([SOUND])[0].converged
    assert not own.explain([SOUND], target=2)[0].converged
    torch.manual_seed(0)

    class Loose(Masked):
        def forward(self, input_ids: Any, attention_mask: Any = None, token_type_ids: Any = None) -> Any:
            out = super().forward(input_ids, attention_mask, token_type_ids)
            return SimpleNamespace(logits=out.logits + torch.rand(1))

    assert not TextClassifier(Loose(bert.model), bert.tokenizer).self_test.deterministic


def rows() -> list[dict[str, str]]:
    draw = np.random.default_rng(0)
    words = "good day city film bad dull wonderful long fox dog quick brown".split()
    texts = [" ".join(draw.choice(words, 5)) + str(draw.choice([" !", " ."])) for _ in range(120)]
    texts[7] += " lazy"
    return [{"text": text, "label": f"LABEL_{i % 2}"} for i, text in enumerate(texts)]


def test_an_audit_leaves_out_what_has_no_numbers_and_says_so(build_tiny: Build, tmp_path: Path) -> None:
    tiny = build_tiny("bert", classes=2)
    harm(tiny)
    told: list[Any] = []
    report = run_audits(
        TextClassifier(tiny.model, tiny.tokenizer), rows(), ["punctuation"], edits=100, on_plan=told.append
    )
    assert report.dataset.rows_used == 119
    assert report.verdict != "ERROR"
    assert [line for line in report.warnings if "1 of 120 rows" in line and "left out" in line] == [*told[0].left_out]
    report.save(str(tmp_path))
    assert json.loads((tmp_path / "report.json").read_text())["dataset"]["rows_used"] == 119


def test_nothing_is_audited_where_no_row_has_numbers(build_tiny: Build) -> None:
    tiny = build_tiny("bert", classes=2)
    with torch.no_grad():
        tiny.model.classifier.weight[0] = torch.inf
    with pytest.raises(ModelError, match="nan or infinite for every one of 120 rows"):
        run_audits(TextClassifier(tiny.model, tiny.tokenizer), rows(), ["punctuation"], edits=100)


def test_counterfactuals_and_their_curve_know_rows_without_a_class(bert: Tiny) -> None:
    harm(bert)
    own = TextClassifier(bert.model, bert.tokenizer)
    bad, good = counterfactuals(own, [HARMED, SOUND])
    assert (bad.before, bad.after, bad.flipped, bad.removed) == (None, None, False, [])
    assert good.before is not None
    assert flip_curve(own, [HARMED, SOUND]).rows == 1


def test_validation_leaves_rows_without_numbers_out(bert: Tiny) -> None:
    harm(bert)
    own = TextClassifier(bert.model, bert.tokenizer)
    some = [{"text": row["text"]} for row in rows()[:12]]
    found = validate(own, some, method="gradient", checks=["repetition"])
    assert found.dataset.rows_used == 11
    assert any("1 of 12 rows are left out" in line for line in found.warnings)


def lazy_is_nan(texts: list[str]) -> list[list[float]]:
    """A function that gives up on some texts."""
    sure = [1 / (1 + np.exp(0.4 * text.count("bad") - 0.3 * text.count("good"))) for text in texts]
    return [[np.nan, np.nan] if "lazy" in text else [1 - p, p] for text, p in zip(texts, sure, strict=True)]


def test_a_function_that_gives_nan_for_a_row_ends_nothing() -> None:
    own = TextClassifier.from_function(lazy_is_nan, ["LABEL_0", "LABEL_1"])
    some = rows()[:60]
    texts = [row["text"] for row in some[6:9]]
    assert [label is None for label in own.predict(texts).labels] == [False, True, False]
    before, bad, after = own.explain(texts)
    assert bad.predicted is None
    assert not bad.converged
    assert np.isnan(bad.scores).all()
    np.testing.assert_array_equal(before.scores, own.explain(texts[:1])[0].scores)
    np.testing.assert_array_equal(after.scores, own.explain(texts[2:])[0].scores)
    assert [one.before is None for one in counterfactuals(own, texts)] == [False, True, False]
    report = run_audits(own, some, ["punctuation"], edits=100)
    assert report.dataset.rows_used == 59
    assert any("1 of 60 rows (8) is left out" in line for line in report.warnings)
    found = validate(own, [{"text": row["text"]} for row in some], checks=["repetition"])
    assert found.dataset.rows_used == 59


def test_a_word_whose_variant_has_no_numbers_is_never_converged() -> None:
    own = TextClassifier.from_function(lazy_is_nan, ["LABEL_0", "LABEL_1"], mask="lazy")
    (one,) = own.explain(["a bad day"])
    assert (one.predicted, one.converged) == ("LABEL_0", False)
