from __future__ import annotations

import itertools
import random
from typing import Any

import numpy as np
import pytest

from token_saliency import TextClassifier, run_audits
from token_saliency.errors import DataError, ModelError, OptionError
from token_saliency.report import Report
from token_saliency.text.function.classifier_of import FunctionClassifier


def sentiment(texts: list[Any]) -> Any:
    """`good` and `bad` count, and nothing else."""
    odds = np.array([2.0 * str(text).count("good") - 2.0 * str(text).count("bad") for text in texts])
    p = 1 / (1 + np.exp(-odds))
    return np.stack([1 - p, p], axis=1)


def classifier(predict: Any = sentiment, **options: Any) -> FunctionClassifier:
    return TextClassifier.from_function(predict, ["negative", "positive"], name="sentiment", **options)


def p_of(text: str) -> float:
    return float(sentiment([text])[0, 1])


def test_predictions_are_those_of_the_function() -> None:
    texts = ["a good day", "a bad day", ""]
    found = classifier().predict(texts)
    np.testing.assert_allclose(found.probabilities, sentiment(texts))
    np.testing.assert_allclose(np.exp(found.logits), sentiment(texts))
    assert found.labels == ["positive", "negative", "negative"]
    assert classifier().predict([]).probabilities.shape == (0, 2)


def test_the_score_of_a_word_is_what_is_lost_without_it() -> None:
    [found] = classifier().explain(["a good day !"])
    expected = [0.0, p_of("a good day !") - p_of("a day !"), 0.0, 0.0]
    np.testing.assert_allclose(found.scores, expected, atol=1e-12)
    assert [(word.text, word.start) for word in found.words] == [("a", 0), ("good", 2), ("day", 7), ("!", 11)]
    assert [token.score for token in found.tokens] == [word.score for word in found.words]
    assert (found.method, found.output, found.baseline, found.evaluations) == ("occlusion", "probability", "delete", 5)
    assert found.output_value == pytest.approx(p_of("good"))


def test_a_mask_may_stand_in_for_a_word() -> None:
    asked: list[str] = []

    def noted(texts: list[Any]) -> Any:
        asked.extend(texts)
        return sentiment(texts)

    [found] = classifier(noted, mask="_").explain(["a good day"])
    assert found.baseline == "mask"
    assert {"_ good day", "a _ day", "a good _"} <= set(asked)
    assert classifier(noted, mask="_").explain(["a good day"], baseline="delete")[0].baseline == "delete"
    with pytest.raises(OptionError, match=r"mask needs from_function\(..., mask=...\)"):
        classifier().explain(["a"], baseline="mask")


def test_a_window_takes_words_together() -> None:
    text = "so good good day"
    [one], [two] = classifier().explain([text]), classifier().explain([text], options={"window": 2})
    assert one.scores[1] < two.scores[1]
    np.testing.assert_allclose(two.scores[1] * 4, 2 * p_of(text) - p_of("good") - p_of(""))


@pytest.mark.parametrize(
    ("output", "value", "empty"),
    [
        ("probability", p_of("good"), 0.5),
        ("log_probability", np.log(p_of("good")), np.log(0.5)),
        ("loss", -np.log(p_of("good")), -np.log(0.5)),
        ("margin", 2.0, 0.0),
    ],
)
def test_outputs_are_of_probabilities(output: str, value: float, empty: float) -> None:
    [found] = classifier().explain(["good"], target="positive", output=output)
    assert found.output_value == pytest.approx(value)
    assert found.scores[0] == pytest.approx(value - empty)


def test_a_certain_function_still_has_finite_scores() -> None:
    certain = classifier(lambda texts: [[0, 1] if "good" in text else [1, 0] for text in texts])
    for output in ("log_probability", "margin", "loss"):
        assert np.isfinite(certain.explain(["good day"], output=output)[0].scores).all()


def test_what_a_function_cannot_give_is_refused() -> None:
    for method in ("integrated_gradients", "gradient", "gradient_x_input", "smoothgrad"):
        with pytest.raises(ModelError, match=r"no gradient.*occlusion"):
            classifier().explain(["good", ""], method)
    with pytest.raises(OptionError, match="Unknown output of a function 'logit'"):
        classifier().explain(["good"], output="logit")


def test_noise_is_the_floor_here_too() -> None:
    [found] = classifier().explain(["a good day"], "random", seed=3)
    assert len(set(found.scores)) == 3


def test_neighbours_and_order_do_not_matter() -> None:
    texts = [" ".join(words) for words in itertools.permutations(["good", "bad", "day", "."], 3)]
    for options in ({}, {"shuffle": 2}, {"window": 2}):
        found = classifier().explain(texts, options=options)
        turned = classifier(batch_size=1).explain(texts[::-1], options=options)[::-1]
        assert [one.scores.tolist() for one in found] == [one.scores.tolist() for one in turned]


def test_progress_counts_texts() -> None:
    done: list[int] = []
    classifier().explain(["a good day"] * 9, progress=done.append)
    classifier().explain_all(["a good day"] * 9, progress=done.append)
    assert sum(done) == 18


def test_all_classes_of_a_text_ask_each_variant_once() -> None:
    explainer = classifier()
    explainer.explain(["a good day"])
    one_class = explainer.meter.forward
    [found] = explainer.explain_all(["a good day"])
    assert explainer.meter.forward == 2 * one_class
    assert list(found) == ["negative", "positive"]
    np.testing.assert_allclose(found["negative"].scores, -found["positive"].scores)
    assert [one.target for one in found.values()] == ["negative", "positive"]


def test_pairs_are_for_functions_that_take_them() -> None:
    with pytest.raises(DataError, match=r"Text 1 is a pair.*pairs=True"):
        classifier().predict(["a", ("b", "c")])
    seen: list[Any] = []

    def paired(texts: list[Any]) -> Any:
        seen.extend(texts)
        return sentiment(texts)

    [found] = classifier(paired, pairs=True).explain([("a day", "good day")])
    assert ("a day", "day") in seen
    assert [(word.text, word.segment) for word in found.words if word.score] == [("good", 1)]
    assert classifier(paired, pairs=True).count_tokens([("a day", "good"), "x"]) == [3, 1]


def test_labels_that_do_not_exclude_each_other() -> None:
    labels = classifier(lambda texts: [["good" in text, "day" in text] for text in texts], multi_label=True)
    assert labels.predict(["good day"]).probabilities.tolist() == [[1, 1]]
    by_class = labels.explain_all(["good day"], output="probability")[0]
    assert by_class["negative"].scores.tolist() == pytest.approx([1, 0])
    assert by_class["positive"].scores.tolist() == pytest.approx([0, 1])
    assert "likeliest label" in " ".join(labels.self_test.notes)


def test_a_function_that_varies_is_told() -> None:
    draw = random.Random(0)
    test = classifier(lambda texts: [[p := draw.random(), 1 - p] for _ in texts]).self_test
    assert not test.deterministic
    assert "no number of this function can be repeated" in " ".join(test.notes)
    assert classifier().self_test.deterministic


def test_a_function_that_minds_company_is_asked_one_text_at_a_time() -> None:
    sizes: list[int] = []

    def normalised(texts: list[Any]) -> Any:
        sizes.append(len(texts))
        return [[1 / len(texts), 1 - 1 / len(texts)] for _ in texts]

    explainer = classifier(normalised)
    assert not explainer.self_test.padding_invariant
    sizes.clear()
    assert explainer.predict(["a", "b", "c"]).probabilities[:, 0].tolist() == [1, 1, 1]
    assert sizes == [1, 1, 1]


def test_a_probe_that_fails_is_no_text_of_the_caller() -> None:
    with pytest.raises(ModelError, match="KeyError on the self-test's probe 0"):
        classifier(lambda texts: {}[texts[0]]).predict(["a"])


def test_what_it_is_can_be_read() -> None:
    info = classifier(revision="7").info
    assert (info.id, info.revision, info.architecture, info.labels) == (
        "sentiment", "7", "sentiment", ["negative", "positive"],
    )  # fmt: skip
    assert info.self_test is not None
    assert info.self_test.route == "function"


def reviews(count: int) -> list[dict[str, str]]:
    draw = random.Random(0)
    rows = []
    for i in range(count):
        label = ("negative", "positive")[i % 2]
        word = draw.choice({"negative": ("dull", "boring", "bad"), "positive": ("good", "bright", "fine")}[label])
        name = draw.choice("Linda Susan Karen Kevin Brian Edward".split())
        thing = draw.choice(("film", "book", "meal"))
        rows.append({"text": f"{name} found the {thing} {word}, day {i}{'!' if i % 2 else '.'}", "label": label})
    return rows


@pytest.fixture(scope="module")
def report() -> Report:
    """Of a pipeline of scikit-learn that reads single characters too, so the planted final `!` counts for it."""
    text = pytest.importorskip("sklearn.feature_extraction.text")
    linear, pipeline = pytest.importorskip("sklearn.linear_model"), pytest.importorskip("sklearn.pipeline")
    rows = reviews(300)
    model = pipeline.make_pipeline(text.TfidfVectorizer(token_pattern=r"\w+|[!.]"), linear.LogisticRegression(C=10))
    model.fit([row["text"] for row in rows], [row["label"] for row in rows])
    wrapped = TextClassifier.from_function(model.predict_proba, model.classes_, name="tf-idf")
    return run_audits(wrapped, rows, ["names", "punctuation"], edits=600)


def test_a_pipeline_is_audited_end_to_end(report: Report) -> None:
    assert report.audits["punctuation"].verdict == "FAIL"
    assert report.audits["names"].verdict not in ("FAIL", "ERROR")
    assert report.settings["method"] == "occlusion"
    assert report.settings["baseline"] == "delete"
    assert report.model.labels == ["negative", "positive"]
    assert report.cost.backward == 0
    share = report.audits["punctuation"].attribution
    assert share is not None
    assert share.lift > 1


def test_the_page_of_a_function_says_what_it_is(report: Report) -> None:
    page = report.to_html()
    assert "a function of texts" in page
    assert "Putting back the same embedding" not in page


def test_noise_is_told_from_company_and_costs_no_call_a_text() -> None:
    draw, calls = np.random.default_rng(0), list[int]()

    def noisy(texts: list[str]) -> Any:
        calls.append(len(texts))
        p = np.clip([0.5 + 0.2 * ("good" in text) for text in texts] + 0.02 * draw.normal(size=len(texts)), 0, 1)
        return np.stack([1 - p, p], axis=1)

    rows = [
        f"The {thing} was {how}{end}"
        for thing in ("lamp", "door", "sign", "desk")
        for how in "good poor fine weak".split()
        for end in ".!"
    ]
    classifier = TextClassifier.from_function(noisy, ["no", "yes"])
    report = run_audits(
        classifier, [f"{row} {n}" for n in range(4) for row in rows], audits=["punctuation"], discovery=False
    )

    assert not classifier.self_test.deterministic
    assert classifier.self_test.padding_invariant
    assert len(calls) < 0.2 * sum(calls)
    assert any("cannot be repeated" in doubt for doubt in report.doubts)


@pytest.mark.parametrize("samples", [0, -1, 2.5, True])
def test_samples_are_a_number_of_calls(samples: Any) -> None:
    with pytest.raises(OptionError, match="samples is how often each text is asked"):
        classifier(samples=samples)


def test_the_mean_of_samples_is_the_answer() -> None:
    answers, calls = itertools.cycle([0.2, 0.4, 0.9]), list[list[str]]()

    def noisy(texts: list[str]) -> Any:
        calls.append(texts)
        return np.tile([1 - (p := next(answers)), p], (len(texts), 1))

    thrice = TextClassifier.from_function(noisy, ["no", "yes"], samples=3)
    assert thrice.self_test.deterministic
    assert "Every text is asked 3 times; the mean counts." in thrice.self_test.notes
    before = len(calls)
    found = thrice.predict(["a", "b", "a"])
    assert found.probabilities[:, 1] == pytest.approx([0.5] * 3)
    assert calls[before:] == [["a", "b"]] * 3


def test_a_text_that_one_sample_does_not_answer_has_no_answer() -> None:
    calls = itertools.count()

    def mute(texts: list[str]) -> Any:
        silent = next(calls) % 2
        return [None if silent and text == "b" else [0.5, 0.5] for text in texts]

    found = TextClassifier.from_function(mute, ["no", "yes"], samples=2).predict(["a", "b"])
    assert np.isfinite(found.probabilities[0]).all()
    assert np.isnan(found.probabilities[1]).all()


def test_company_that_moves_a_noisy_answer_is_found() -> None:
    draw = np.random.default_rng(0)

    def moved(texts: list[str]) -> Any:
        p = np.full(len(texts), 0.4 if len(texts) == 1 else 0.6) + 0.01 * draw.normal(size=len(texts))
        return np.stack([1 - p, p], axis=1)

    assert not TextClassifier.from_function(moved, ["no", "yes"]).self_test.padding_invariant


def test_a_function_of_pairs_is_probed_with_pairs_and_a_failing_probe_is_no_row() -> None:
    def unpacks(pairs: list[tuple[str, str]]) -> list[list[float]]:
        return [[0.25, 0.75] for _, _ in pairs]

    rows = [{"text": f"first {n}", "text_pair": f"second {n}"} for n in range(3)]
    classifier = TextClassifier.from_function(unpacks, ["a", "b"], pairs=True)
    assert classifier.self_test.deterministic
    report = run_audits(classifier, rows, ["segments"], method="random", discovery=False, progress=False)
    assert report.audits["segments"].verdict == "INCONCLUSIVE"

    strict = TextClassifier.from_function(
        lambda texts: [[0.25, 0.75] if t[:5] == "first" else 1 / 0 for t in texts], ["a", "b"]
    )
    with pytest.raises(ModelError, match="self-test's probe 0"):
        run_audits(strict, [{"text": row["text"]} for row in rows], ["casing"], progress=False)
