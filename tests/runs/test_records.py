"""report.json: canonical, valid by its schema, read back unchanged, written whole or not at all."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import pytest

import token_saliency
from token_saliency.errors import DataError, OptionError
from token_saliency.report import load_report
from token_saliency.reporters import REPORTERS
from token_saliency.store import dump_report, render_to, report_schema, save_report

NAMES = ["failing", "clean", "mixed", "inconclusive", "error", "empty", "hostile"]
SHIPPED = Path(token_saliency.__file__).with_name("report.schema.json")


def names(listed: str) -> set[str]:
    return set(listed.split())


@pytest.fixture(params=NAMES)
def report(request: pytest.FixtureRequest, make: SimpleNamespace) -> Any:
    return make.REPORTS[request.param]()


def test_every_kind_of_report_is_tried(make: SimpleNamespace) -> None:
    assert list(make.REPORTS) == NAMES


def test_report_json_is_valid_by_the_shipped_schema(report: Any) -> None:
    schema = json.loads(SHIPPED.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(json.loads(dump_report(report)))


def test_shipped_schema_is_the_one_made_from_the_classes() -> None:
    assert json.loads(SHIPPED.read_text(encoding="utf-8")) == report_schema()
    jsonschema.Draft202012Validator.check_schema(report_schema())


def test_schema_refuses_another_schema_version(make: SimpleNamespace) -> None:
    record = json.loads(dump_report(make.clean())) | {"schema_version": 3}
    assert not jsonschema.Draft202012Validator(report_schema()).is_valid(record)


def test_a_report_of_the_first_version_is_read(make: SimpleNamespace, tmp_path: Path) -> None:
    record = json.loads(dump_report(make.failing())) | {"schema_version": 1}
    del record["performance"], record["doubts"]
    (tmp_path / "report.json").write_text(json.dumps(record), encoding="utf-8")
    read = load_report(tmp_path)
    assert (read.performance, read.doubts, read.verdict) == (None, [], "FAIL")
    assert "Accuracy is not known" in REPORTERS["terminal"](read)


def test_report_json_is_read_back_unchanged(report: Any, tmp_path: Path) -> None:
    save_report(report, tmp_path, ["json"])
    assert load_report(tmp_path) == report
    assert load_report(tmp_path / "report.json") == report


def test_dump_is_the_same_after_a_round_trip(report: Any, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text(dump_report(report), encoding="utf-8")
    assert dump_report(load_report(file)) == dump_report(report)


def test_names_of_the_public_face_stand_in_report_json(make: SimpleNamespace) -> None:
    record = json.loads(dump_report(make.failing()))
    top = (
        "schema_version tool created command model dataset settings verdict exit_code audits discovery calibration "
        "cost warnings"
    )
    audit = (
        "name code title why expectation items level verdict reason coverage attribution intervention association "
        "by_slice worst_items examples"
    )
    claim = (
        "claim between class operator judged effect control interval flip_rate placebo_flip_rate p p_adjusted rows "
        "items margin smallest_detectable verdict"
    )
    assert names(top) <= set(record)
    assert isinstance(record["audits"], list)
    assert [each["name"] for each in record["audits"]] == ["names", "punctuation"]
    assert names(audit) <= set(record["audits"][0])
    assert names(claim) <= set(record["audits"][0]["intervention"][0])
    assert names("share expected_share lift interval placebo_share") <= set(record["audits"][0]["attribution"])
    assert names("pooled_z interval by_class items") <= set(record["audits"][0]["association"])
    assert names("id revision architecture labels dtype device self_test") <= set(record["model"])
    assert names("id split rows_seen rows_used fingerprint") <= set(record["dataset"])
    assert names("forward backward tokens seconds") <= set(record["cost"])


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_not_finite_is_refused_with_its_place(make: SimpleNamespace, bad: float) -> None:
    audit = make.names_audit(intervention=[replace(make.finding("lean", 0.1, 0.1, "FAIL"), p=bad)])
    with pytest.raises(DataError, match=r"report\.audits\[0\]\.intervention\[0\]\.p is not a finite number"):
        dump_report(make.report([audit], "FAIL", 1))


def test_numpy_numbers_are_written_as_numbers(make: SimpleNamespace) -> None:
    import numpy as np

    settings = {"a": np.float64(0.5), "b": np.int64(3), "c": np.array([1.0, 2.0]), "d": np.bool_(True)}
    record = json.loads(dump_report(make.report([], "PASS", 0, settings=settings)))
    assert record["settings"] == {"a": 0.5, "b": 3, "c": [1.0, 2.0], "d": True}


def test_saving_writes_the_named_files_and_nothing_else(make: SimpleNamespace, tmp_path: Path) -> None:
    save_report(make.failing(), tmp_path / "deep" / "run")
    assert sorted(f.name for f in (tmp_path / "deep" / "run").iterdir()) == ["report.html", "report.json"]


def test_saving_another_format_writes_the_record_too(make: SimpleNamespace, tmp_path: Path) -> None:
    save_report(make.failing(), tmp_path, ["terminal"])
    assert sorted(f.name for f in tmp_path.iterdir()) == ["report.json", "report.txt"]


def test_saving_leaves_an_old_run_alone_when_a_format_is_unknown(make: SimpleNamespace, tmp_path: Path) -> None:
    save_report(make.clean(), tmp_path)
    before = (tmp_path / "report.json").read_bytes()
    with pytest.raises(OptionError, match=r"Unknown format 'htlm'\. Did you mean 'html'"):
        save_report(make.failing(), tmp_path, ["htlm"])
    assert (tmp_path / "report.json").read_bytes() == before


def test_saving_leaves_an_old_run_alone_when_one_format_cannot_be_made(make: SimpleNamespace, tmp_path: Path) -> None:
    save_report(make.clean(), tmp_path)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    bad = make.report([], "PASS", 0, settings={"x": float("nan")})
    with pytest.raises(DataError):
        save_report(bad, tmp_path)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_saving_to_a_place_that_cannot_be_written_is_one_clear_line(make: SimpleNamespace, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("here already", encoding="utf-8")
    with pytest.raises(OptionError, match=r"Cannot write .*Choose another place") as caught:
        save_report(make.clean(), blocked)
    assert "\n" not in str(caught.value)
    assert [f.name for f in tmp_path.iterdir()] == ["file"]


def test_saving_over_a_folder_leaves_no_half_run(make: SimpleNamespace, tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()
    with pytest.raises(OptionError, match=r"report\.html"):
        save_report(make.clean(), tmp_path)
    assert [f.name for f in tmp_path.iterdir()] == ["report.html"]


@pytest.mark.parametrize("format", sorted(REPORTERS))
def test_rendering_returns_and_writes_the_same_text(make: SimpleNamespace, tmp_path: Path, format: str) -> None:
    text = render_to(make.hostile(), format, tmp_path / "out" / "file")
    assert (tmp_path / "out" / "file").read_bytes() == text.encode("utf-8")
    assert text == render_to(make.hostile(), format.upper())


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is not readable as JSON"),
        (b"{", "is not readable as JSON"),
        (b"\xff\xfe\x00", "is not readable as JSON"),
        (b"[" * 100_000, "is not readable as JSON"),
        (b"[]", "its top level is no object"),
        (b"{}", "has schema_version None, this version reads 1"),
        (b'{"schema_version": 7}', "has schema_version 7, this version reads 1"),
        (b'{"schema_version": 1}', r"is no valid report: tool: Field required \(and \d+ more\)"),
    ],
)
def test_a_file_that_is_no_report_is_one_clear_line(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "report.json"
    file.write_bytes(content)
    with pytest.raises(DataError, match=says) as caught:
        load_report(file)
    assert "\n" not in str(caught.value)
    assert str(file) in str(caught.value)


def test_a_wrong_value_in_a_report_is_named_by_its_place(make: SimpleNamespace, tmp_path: Path) -> None:
    record = json.loads(dump_report(make.failing()))
    record["audits"][1]["intervention"][0]["effect"] = "much"
    (tmp_path / "report.json").write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(DataError, match=r"audits\.punctuation\.intervention\.0\.effect"):
        load_report(tmp_path)


@pytest.mark.parametrize("audit", [1, 2.5, None, [], {}, {"name": ["names"]}, {"name": {}}], ids=repr)
def test_an_audit_that_is_none_in_a_report_is_one_clear_line(make: SimpleNamespace, tmp_path: Path, audit: Any) -> None:
    record = json.loads(dump_report(make.failing()))
    record["audits"][0] = audit
    (tmp_path / "report.json").write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(DataError, match=r"is no valid report: audits"):
        load_report(tmp_path)


def test_a_folder_without_a_report_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"There is no report\.json at"):
        load_report(tmp_path)
    with pytest.raises(DataError, match=r"There is no report\.json at"):
        load_report(tmp_path / "missing")


def test_rendering_a_saved_run_imports_neither_torch_nor_transformers(make: SimpleNamespace, tmp_path: Path) -> None:
    save_report(make.failing(), tmp_path, ["json"])
    program = (
        "import sys; from token_saliency.report import load_report;"
        "from token_saliency.store import render_to, read_rows;"
        "from token_saliency.reporters import REPORTERS;"
        f"[render_to(load_report({str(tmp_path)!r}), name) for name in REPORTERS];"
        "print([m for m in ('torch', 'transformers', 'pandas', 'pyarrow', 'datasets') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
