"""A frame as a file, by its suffix: what the readers of this package read back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from token_saliency.data.cells import one_line
from token_saliency.data.formats.like import Origin, parquet_like, separated_like
from token_saliency.data.formats.readers import suffix_of
from token_saliency.errors import OptionError

WRITTEN = (".csv", ".tsv", ".jsonl", ".json", ".parquet")
"""Also .gz behind all but the last."""


def check_suffix(file: Path) -> str:
    """The suffix that says what is written. OptionError for one that is not known."""
    suffix, packed = suffix_of(file), file.suffix.lower() in (".gz", ".bz2", ".xz")
    if suffix not in WRITTEN or (packed and (file.suffix.lower() != ".gz" or suffix == ".parquet")):
        raise OptionError(f"{str(file)!r} cannot be written: give it the suffix {', '.join(WRITTEN)} (also .csv.gz).")
    return suffix


def writer(frame: pd.DataFrame, file: Path, origin: Origin | None = None) -> Callable[[Path], object]:
    """What writes the frame to a path, in the format that the name of `file` says; the index is left out.

    In the form of the `origin`, where that is of the same format.
    """
    suffix = check_suffix(file)
    packing: Any = "gzip" if file.suffix.lower() == ".gz" else None
    alike = origin if origin is not None and suffix_of(origin.path) == suffix else None
    if suffix in (".csv", ".tsv"):
        form: dict[str, Any] = {"sep": "," if suffix == ".csv" else "\t", "encoding": "utf-8", "lineterminator": "\n"}
        form |= {} if alike is None else separated_like(alike.path)
        return lambda path: frame.to_csv(path, index=False, compression=packing, **form)
    if suffix == ".parquet":
        return lambda path: _parquet(frame, path, alike)
    plain = frame.reset_index(drop=True)
    lines = suffix == ".jsonl"
    return lambda path: plain.to_json(
        path, orient="records", lines=lines, force_ascii=False, compression=packing, date_format="iso"
    )


def _parquet(frame: pd.DataFrame, path: Path, origin: Origin | None) -> None:
    try:
        if origin is None:
            frame.to_parquet(path, index=False)
        else:
            pq.write_table(parquet_like(frame, origin), path)
    except (pa.ArrowException, ValueError, TypeError) as error:
        raise OptionError(f"The rows do not fit into Parquet ({one_line(error)}): write them as .jsonl.") from None
