"""Reports in the real MLflow and Weights & Biases (offline), and in a model card that the hub reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import ModelCard

from tests import make_report
from token_saliency import DataError, ModelError, OptionError, log_to_mlflow, log_to_wandb, write_model_card
from token_saliency.integrations.trackers import effects_of

pytestmark = pytest.mark.filterwarnings("ignore")


def test_the_effect_of_each_audit_is_a_metric() -> None:
    effects = effects_of(make_report.failing())

    assert effects["token_saliency/names"] == pytest.approx(0.132)
    assert effects["token_saliency/punctuation"] == pytest.approx(0.252)
    assert effects["token_saliency/exit_code"] == 1.0
    assert "token_saliency/numbers" not in effects_of(make_report.error())


def test_mlflow_keeps_effects_verdict_and_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    mlflow: Any = pytest.importorskip("mlflow", reason="mlflow is not installed")
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri((tmp_path / "runs").as_uri())
    mlflow.set_experiment("tests")
    report = make_report.failing()
    try:
        with mlflow.start_run() as run:
            log_to_mlflow(report, step=7)
        found = mlflow.get_run(run.info.run_id)
        client = mlflow.MlflowClient()
        (measured,) = client.get_metric_history(run.info.run_id, "token_saliency/names")
        artifacts = [one.path for one in client.list_artifacts(run.info.run_id, "token-saliency/step-7")]
        folder = Path(client.download_artifacts(run.info.run_id, "token-saliency/step-7", str(tmp_path)))
    finally:
        mlflow.set_tracking_uri(before)

    assert found.data.metrics == pytest.approx(effects_of(report))
    assert (measured.step, found.data.tags["token_saliency.verdict"]) == (7, "FAIL")
    assert [path.rpartition("/")[2] for path in artifacts] == ["report.html", "report.json"]
    assert json.loads((folder / "report.json").read_text(encoding="utf-8"))["verdict"] == "FAIL"


def test_wandb_keeps_them_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_SILENT", "true")
    wandb: Any = pytest.importorskip("wandb", reason="wandb is not installed")
    report = make_report.failing()
    with wandb.init(mode="offline", project="tests", dir=tmp_path) as run:
        log_to_wandb(report)
        kept = {name: run.summary[name] for name in effects_of(report)}
        verdict = run.summary["token_saliency/verdict"]

    assert kept == pytest.approx(effects_of(report))
    assert verdict == "FAIL"
    assert list(tmp_path.rglob("*.wandb"))
    with pytest.raises(OptionError, match=r"wandb\.init"):
        log_to_wandb(report)


def test_a_missing_library_is_told_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, log in (("mlflow", log_to_mlflow), ("wandb", log_to_wandb)):
        monkeypatch.setitem(__import__("sys").modules, name, None)
        with pytest.raises(ModelError, match=f"pip install {name}"):
            log(make_report.failing())


# --- the model card ---------------------------------------------------------------------------------


def test_a_new_card_holds_the_audit_and_what_the_hub_reads(tmp_path: Path) -> None:
    place = write_model_card(make_report.failing(), tmp_path)
    card = ModelCard.load(place)

    assert place == tmp_path / "README.md"
    assert card.data.pipeline_tag == "text-classification"
    assert card.data.tags == ["token-saliency"]
    assert card.text.lstrip().startswith("# planted-minilm")
    assert "Reliance on tokens that should not matter" in card.text
    (result,) = card.data.eval_results
    assert (result.metric_type, result.metric_value) == ("accuracy", pytest.approx(0.905))


def test_a_card_that_is_there_keeps_its_own_and_an_earlier_audit_is_replaced(tmp_path: Path) -> None:
    own = "---\nlicense: mit\ntags:\n- reviews\n---\n# Mine\n\nWords of the owner.\n"
    (tmp_path / "README.md").write_text(own, encoding="utf-8")
    for report in (make_report.failing(), make_report.clean()):
        write_model_card(report, tmp_path)
    card = ModelCard.load(tmp_path / "README.md")

    assert (card.data.license, card.data.tags) == ("mit", ["reviews", "token-saliency"])
    assert "Words of the owner." in card.text
    assert card.text.count("token-saliency:start") == 1
    assert "Overall: **PASS**" in card.text
    assert len(card.data.eval_results) == 1


def test_metadata_that_nobody_can_read_is_refused_and_left(tmp_path: Path) -> None:
    broken = "---\ntags: [a\n---\n# Mine\n"
    (tmp_path / "README.md").write_text(broken, encoding="utf-8")
    with pytest.raises(DataError, match="metadata cannot be read"):
        write_model_card(make_report.failing(), tmp_path)
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == broken
