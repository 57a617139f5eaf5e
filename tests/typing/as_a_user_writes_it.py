"""Never run: mypy reads it in strict mode and holds the public names to what users write.

A `type: ignore` marks what must be refused; where it no longer is, mypy reports the unused comment.
"""

from __future__ import annotations

from pathlib import Path
from typing import assert_type

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from token_saliency import (
    Attribution,
    Attributions,
    DataError,
    OptionError,
    Report,
    TextClassifier,
    Token,
    TokenSaliencyError,
    Word,
    load_audits,
    load_report,
    run_audits,
)


def explain_texts(classifier: TextClassifier) -> None:
    probabilities: NDArray[np.float64] = classifier.predict(["one", ("two", "its pair")]).probabilities
    names: list[str | None] = classifier.predict(["one"]).labels
    print(probabilities.shape, names)

    attributions = classifier.explain(["one", "two"], method="integrated_gradients", target="predicted")
    assert_type(attributions, Attributions)
    as_a_list: list[Attribution] = attributions
    print(as_a_list, attributions.to_frame(), attributions.to_html())
    classifier.explain(["one"], "gradient", ["positive"], output="margin", baseline="mask", seed=1)
    classifier.explain(["one"], target="label", labels=["positive"], options={"reduce": "l1"})
    for attribution in attributions:
        assert_type(attribution.tokens, list[Token])
        assert_type(attribution.words, list[Word])
        assert_type(attribution.scores, NDArray[np.float64])
        assert_type(attribution.completeness_error, float | None)
        frame: pd.DataFrame = attribution.to_frame()
        print(frame, attribution.to_html())


def explain_every_class(classifier: TextClassifier) -> None:
    assert_type(classifier.explain_all(["one", ("two", "its pair")]), list[dict[str, Attribution]])


def probabilities_of(texts: list[str]) -> NDArray[np.float64]:
    return np.full((len(texts), 2), 0.5)


def audit_a_function() -> Report:
    classifier = TextClassifier.from_function(probabilities_of, ["negative", "positive"], name="even")
    assert_type(classifier.explain(["one"], "occlusion", options={"window": 2}), Attributions)
    return run_audits(classifier, ["one text", "another"])


def audit_rows(classifier: TextClassifier, folder: Path) -> int:
    rows = [{"text": "one", "label": "positive"}]
    report = run_audits(classifier, rows, audits=["names", "punctuation"], rows_limit=1000, seed=0)
    assert_type(report, Report)
    run_audits(classifier, pd.DataFrame(rows), rows_limit=None, fail_on="warn")
    run_audits(classifier, "rows.csv", "names", text="body", label="y", label_map={"0": "negative"}, split="test")
    classifier.predict(pd.DataFrame(rows)), classifier.explain("one"), classifier.explain_all(pd.Series(["one"]))
    run_audits(classifier, ["one text", "another"], audits=list(load_audits()))
    print(report.verdict, report.audits["names"].verdict, report.to_frame())
    report.save("run")
    report.to_html("report.html")
    return load_report(folder).exit_code


def errors_are_one_tree() -> None:
    try:
        TextClassifier.from_pretrained("owner/name", device="auto", dtype="float32", revision=None)
    except (DataError, OptionError) as error:
        one: TokenSaliencyError = error
        print(one)


def refused(classifier: TextClassifier) -> None:
    classifier.explain(["one"], no_such_option=1)  # type: ignore[call-arg]
    run_audits(classifier, ["one"], rows_limit="all")  # type: ignore[arg-type]
