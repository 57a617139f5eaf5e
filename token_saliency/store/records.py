"""Reports as files: written in any format, and read back from `report.json`."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from pydantic import ValidationError

from token_saliency.errors import DataError, OptionError
from token_saliency.reporters import FILES, REPORTERS, format_name, json_, model_card
from token_saliency.results import READABLE, SCHEMA_VERSION, Edit, RunRecord, ScoredRow
from token_saliency.store.files import Writer, replaced, written_together
from token_saliency.store.parquet import EDITS_FILE, ROWS_FILE, write_edits, write_rows

RECORD = FILES["json"]


def dump_report(report: RunRecord) -> str:
    """The canonical JSON of a report. DataError names a number that is not finite."""
    return json_.render(report)


def save_report(report: RunRecord, folder: Path | str, formats: Iterable[str] = ("json", "html")) -> None:
    """Writes the report in the formats, all of them or none; `report.json` always, the others are made from it.

    OptionError where the folder holds the rows and edits of another run: they would pass for those of this report.
    """
    place = Path(folder)
    _require_no_other(report, place)
    written_together(_reports(report, place, formats))


def save_run(
    report: RunRecord,
    rows: Iterable[ScoredRow],
    edits: Iterable[Edit],
    folder: Path | str,
    formats: Iterable[str] = ("json", "html"),
) -> None:
    """Writes a whole run directory, all of its files or none; `report.json` comes last and says that it is whole."""
    place = Path(folder)
    tables: dict[Path, str | Writer] = {
        place / ROWS_FILE: partial(write_rows, rows),
        place / EDITS_FILE: partial(write_edits, edits),
    }
    written_together(_reports(report, place, formats) | tables)


def save_again(
    report: RunRecord, run: Path | str, folder: Path | str, formats: Iterable[str] = ("json", "html")
) -> None:
    """Writes another report of a finished run, with copies of its rows and edits where the folder is another one."""
    place = Path(folder)
    tables: dict[Path, str | Writer] = {
        place / name: partial(shutil.copyfile, Path(run) / name)
        for name in (ROWS_FILE, EDITS_FILE)
        if place.resolve() != Path(run).resolve()
    }
    written_together(_reports(report, place, formats) | tables)


def _reports(report: RunRecord, folder: Path, formats: Iterable[str]) -> dict[Path, str | Writer]:
    names = dict.fromkeys(["json", *map(format_name, formats)])
    return {folder / FILES[name]: REPORTERS[name](report) for name in names}


def render_to(report: RunRecord, format: str, file: Path | str | None = None) -> str:
    """The report in a format, also written to `file` where one is given.

    A model card that exists keeps everything but an earlier fragment of ours. DataError where it is not readable.
    """
    name = format_name(format)
    text = REPORTERS[name](report)
    if file is not None:
        written = _into_card(Path(file), text) if name == "model_card" else text
        with replaced(Path(file)) as part:
            part.write_text(written, encoding="utf-8", errors="replace", newline="\n")
    return text


def _into_card(file: Path, fragment: str) -> str:
    if not file.is_file():
        return fragment
    try:
        return model_card.merged(file.read_text(encoding="utf-8"), fragment)
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{file} is there and cannot be read as UTF-8 text ({_brief(error)}): mend or move it."
        ) from error


def read_record(path: Path | str) -> RunRecord:
    """The report of a run directory or of a `report.json`. DataError where there is none, or not one of ours."""
    file = _record_in(Path(path))
    record = _parsed(file)
    version = record.get("schema_version")
    if version not in READABLE:
        raise DataError(
            f"{file} has schema_version {version!r}, this version reads {' and '.join(map(str, READABLE))}: "
            "use the token-saliency that wrote it, or run the audit again."
        )
    try:
        return json_.adapter().validate_python(record)
    except ValidationError as error:
        _refuse(file, error)


def report_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of `report.json`, as shipped in `report.schema.json`."""
    schema = json_.adapter().json_schema(mode="serialization", by_alias=True)
    schema["properties"]["schema_version"]["const"] = SCHEMA_VERSION
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema


def _require_no_other(report: RunRecord, folder: Path) -> None:
    there = [name for name in (ROWS_FILE, EDITS_FILE) if (folder / name).is_file()]
    if not there or not (folder / RECORD).is_file():
        return
    earlier, own = _parsed(folder / RECORD), json.loads(dump_report(report))
    if any(earlier.get(name) != own[name] for name in ("model", "dataset")):
        raise OptionError(f"{folder} holds another run, with its {' and '.join(there)}: choose another folder.")


def _record_in(path: Path) -> Path:
    file = path / RECORD if path.is_dir() else path
    if not file.is_file():
        raise DataError(f"There is no {RECORD} at {path}: give the folder of a finished run, or the file itself.")
    return file


def _parsed(file: Path) -> Mapping[str, Any]:
    try:
        record = json.loads(file.read_bytes(), parse_constant=_no_number, parse_float=_number)
    except OSError as error:
        raise DataError(f"Cannot read {file}: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{file} is not readable as JSON ({_brief(error)}): run the audit again.") from error
    if not isinstance(record, dict):
        raise DataError(f"{file} holds no report: its top level is no object. Give the report.json of a run.")
    return record


def _number(digits: str) -> float:
    found = float(digits)
    return found if math.isfinite(found) else _no_number(digits)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _refuse(file: Path, error: ValidationError) -> NoReturn:
    first, *more = error.errors(include_url=False, include_input=False)
    place = ".".join(str(part) for part in first["loc"]) or "the top level"
    others = f" (and {len(more)} more)" if more else ""
    raise DataError(f"{file} is no valid report: {place}: {first['msg']}{others}. Run the audit again.") from error


def _brief(error: Exception) -> str:
    return " ".join(str(error).split())[:120]
