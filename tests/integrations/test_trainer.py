"""The callback in a real Trainer: when it audits, what it leaves behind, and that it leaves the training alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import datasets
import pandas as pd
import pytest
import torch
import transformers as hf

from token_saliency import AuditCallback, DataError, ModelError, OptionError, TokenSaliencyError, load_report

pytest.importorskip("accelerate", reason="Trainer needs accelerate")
pytestmark = pytest.mark.filterwarnings("ignore")
FEW: dict[str, Any] = {"rows_limit": 40, "edits": 100}


def trained(leaning: Path, folder: Path, *callbacks: Any, tokenizer: bool = True, evaluates: int = 4) -> Any:
    """A Trainer after eight steps on the rows of `leaning`, from the same start each time."""
    hf.set_seed(0)
    reader = hf.AutoTokenizer.from_pretrained(leaning / "my-model")
    model = hf.AutoModelForSequenceClassification.from_pretrained(leaning / "my-model")
    frame = pd.read_csv(leaning / "held_out.csv").head(32)
    ids = [model.config.label2id[name] for name in frame["label"]]
    rows = datasets.Dataset.from_dict({**reader(frame["text"].tolist()), "labels": ids})
    arguments = hf.TrainingArguments(
        output_dir=str(folder),
        max_steps=8,
        per_device_train_batch_size=4,
        eval_strategy="steps",
        eval_steps=evaluates,
        report_to=[],
        use_cpu=True,
        save_strategy="no",
        disable_tqdm=True,
        logging_steps=4,
        dataloader_pin_memory=False,
    )
    trainer = hf.Trainer(
        model,
        arguments,
        train_dataset=rows,
        eval_dataset=rows,
        processing_class=reader if tokenizer else None,
        data_collator=hf.DataCollatorWithPadding(reader),
        callbacks=list(callbacks),
    )
    trainer.train()
    return trainer


@pytest.mark.parametrize(("every", "steps"), [(None, [4, 8]), (3, [3, 6])])
def test_it_audits_at_each_evaluation_or_every_so_many_steps(
    leaning: Path, tmp_path: Path, every: int | None, steps: list[int]
) -> None:
    audit = AuditCallback(
        leaning / "held_out.csv", "punctuation", every=every, folder=tmp_path / "audits", text="text", **FEW
    )
    trainer = trained(leaning, tmp_path, audit)

    assert list(audit.reports) == steps
    logged = [one for one in trainer.state.log_history if "token_saliency/report" in one]
    assert [one["step"] for one in logged] == steps
    for one, report in zip(logged, audit.reports.values(), strict=True):
        saved = load_report(one["token_saliency/report"])
        assert saved.verdict == report.verdict == one["token_saliency/verdict"]
        assert report.model.id.endswith(f"(step {one['step']})")
        assert one["token_saliency/punctuation"] == pytest.approx(report.audits["punctuation"].intervention[0].effect)


def test_the_training_goes_on_as_it_would_have_without(leaning: Path, tmp_path: Path) -> None:
    audit = AuditCallback(leaning / "held_out.csv", "punctuation", every=2, folder=tmp_path / "audits", **FEW)
    with_it, without = trained(leaning, tmp_path, audit), trained(leaning, tmp_path)

    assert len(audit.reports) == 4
    for one, other in zip(with_it.model.parameters(), without.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_mistakes_are_told_before_the_first_step(leaning: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no column 'body' \(text\)"):
        trained(leaning, tmp_path, AuditCallback(leaning / "held_out.csv", text="body"))
    with pytest.raises(ModelError, match="processing_class"):
        trained(leaning, tmp_path, AuditCallback(leaning / "held_out.csv"), tokenizer=False)
    with pytest.raises(OptionError, match="above 0"):
        AuditCallback(leaning / "held_out.csv", every=0)


@pytest.mark.parametrize(
    ("audits", "options", "said"),
    [
        ("nmaes", {}, "Did you mean 'names'"),
        (None, {"row_limit": 5}, "Did you mean 'rows_limit'"),
        (None, {"edits": 5}, "edits must be at least 100"),
        (None, {"config": {"names": {"margin": "wide"}}}, "margin"),
    ],
)
def test_what_cannot_be_audited_is_told_before_the_training(audits: Any, options: dict[str, Any], said: str) -> None:
    with pytest.raises(TokenSaliencyError, match=said):
        AuditCallback("held_out.csv", audits, **options)
