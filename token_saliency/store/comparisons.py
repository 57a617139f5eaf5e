"""Comparisons as files: `comparison.json`, its schema, and the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from token_saliency.errors import DataError
from token_saliency.reporters.comparison import adapter, render_json
from token_saliency.reporters.page.comparison_page import render_html
from token_saliency.results import SCHEMA_VERSION, Comparison
from token_saliency.store.files import written_together

COMPARISON_FILE, PAGE_FILE = "comparison.json", "comparison.html"


def save_comparison(comparison: Comparison, folder: Path | str) -> None:
    """Writes `comparison.json` and `comparison.html` into the folder, both or none."""
    place = Path(folder)
    written_together({place / COMPARISON_FILE: render_json(comparison), place / PAGE_FILE: render_html(comparison)})


def load_comparison(path: Path | str) -> Comparison:
    """The comparison of a folder or of a `comparison.json`. DataError where there is none, or not one of ours."""
    file = Path(path) / COMPARISON_FILE if Path(path).is_dir() else Path(path)
    try:
        return adapter().validate_python(json.loads(file.read_bytes()))
    except OSError as error:
        raise DataError(f"Cannot read {file}: {error.strerror}. Give the folder that compare --out wrote.") from error
    except (ValueError, RecursionError, ValidationError) as error:
        raise DataError(f"{file} is no comparison of this version: compare the runs again.") from error


def comparison_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of `comparison.json`, as shipped in `comparison.schema.json`."""
    schema = adapter().json_schema(mode="serialization", by_alias=True)
    schema["properties"]["schema_version"]["const"] = SCHEMA_VERSION
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema
