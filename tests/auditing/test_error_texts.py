"""What is said of wrong audits and wrong files of accepted findings, word for word.

`wrong_definitions.json` holds the files and the texts; where a file has two errors, the text shows which is told first.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from token_saliency.auditing.definitions.reader import read_audit
from token_saliency.auditing.known_file import read_known
from token_saliency.errors import AuditError

WRONG: dict[str, Any] = json.loads(Path(__file__).with_name("wrong_definitions.json").read_text(encoding="utf-8"))
CASES = [(kind, name) for kind in ("audits", "known") for name in WRONG[kind]]


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_a_wrong_definition_is_told_in_these_words(tmp_path: Path, kind: str, name: str) -> None:
    (tmp_path / "words.csv").write_text(WRONG["words"], encoding="utf-8")
    (tmp_path / "colours.toml").write_text(WRONG[kind][name]["toml"], encoding="utf-8")

    with pytest.raises(AuditError) as caught:
        (read_audit if kind == "audits" else read_known)(tmp_path / "colours.toml")

    assert str(caught.value).replace(str(tmp_path), "FOLDER") == WRONG[kind][name]["says"]
