"""A pipeline of scikit-learn on real rows, audited end to end; skipped where the kit is missing."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from token_saliency import TextClassifier, run_audits

pytestmark = pytest.mark.kit


def test_a_pipeline_trained_on_real_rows_is_audited_end_to_end(kit: Path, tmp_path: Path) -> None:
    text = pytest.importorskip("sklearn.feature_extraction.text")
    linear, pipeline = pytest.importorskip("sklearn.linear_model"), pytest.importorskip("sklearn.pipeline")
    rows = pd.read_csv(kit / "data" / "sst" / "sst_cased.csv", keep_default_na=False)
    rows = rows[rows["label"].isin(["negative", "positive"])]
    train, test = rows[rows["split"] == "train"], rows[rows["split"] == "test"]
    model = pipeline.make_pipeline(text.TfidfVectorizer(min_df=2), linear.LogisticRegression(C=4, max_iter=500))
    model.fit(train["text"], train["label"])

    classifier = TextClassifier.from_function(model.predict_proba, model.classes_, name="tf-idf of sst")
    report = run_audits(classifier, test[["text", "label"]], ["names", "punctuation"], rows_limit=400, edits=3000)

    # the vectorizer drops every mark: no edit of one can move the pipeline
    assert report.audits["punctuation"].verdict == "PASS"
    assert report.audits["names"].verdict != "ERROR"
    found = report.audits["punctuation"].intervention
    assert all(abs(finding.effect) < 1e-6 for finding in found if finding.claim == "shift")
    assert all(finding.effect < 1e-6 for finding in found)  # a control that takes a word away does move it
    assert (report.settings["method"], report.cost.backward) == ("occlusion", 0)
    assert report.dataset.rows_used == 400
    report.save(str(tmp_path / "run"))
    assert "tf-idf of sst" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
