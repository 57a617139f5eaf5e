"""A desk on the tiny classifier that leans on a final `!`, and a finished run of three rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from token_saliency import TextClassifier, run_audits
from token_saliency.auditing.definitions.selection import chosen_audits
from token_saliency.live.desk import Desk
from token_saliency.live.space import rows_of

HOSTILE = '<script>alert(1)</script> <img src=x onerror="alert(2)"> {{7*7}} ${alert(3)} \u202egnp.exe "film" `x`'
TEXT = "Laura said the film was long, number 7!"


@pytest.fixture(scope="session")
def finished(leaning: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run directory whose rows have the ids `first`, `<b>` and `last`."""
    folder = tmp_path_factory.mktemp("finished") / "run"
    classifier = TextClassifier.from_pretrained(str(leaning / "my-model"))
    texts = {"first": "Karen said the book was old.", "<b>": HOSTILE, "last": "Brian said the song was new!"}
    rows = [{"id": name, "text": text} for name, text in texts.items()]
    run_audits(classifier, rows, audits="names", discovery=False).save(str(folder))
    return folder


@pytest.fixture(scope="session")
def desk(leaning: Path, finished: Path) -> Desk:
    """What all visitors share."""
    classifier = TextClassifier.from_pretrained(str(leaning / "my-model"))
    return Desk(classifier, chosen_audits(None, None, {})[0], rows_of(finished))
