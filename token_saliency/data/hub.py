"""Data sets of the `datasets` library: in memory, as a folder on disk, or on the hub.

The library is imported only when it is needed (0.7 s), and never decodes an image or a sound here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from token_saliency.data.cells import one_line, quoted
from token_saliency.data.formats.draw import CHUNK, RowsDraw, drawn
from token_saliency.data.splits import EVERYTHING, choose_split, take_split
from token_saliency.data.table import Table, named, tidy
from token_saliency.errors import DataError
from token_saliency.stats.sampling import LARGE_ROWS

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

_PROBE_SECONDS = 10.0


def is_dataset(source: object) -> bool:
    """Whether this is a Dataset, DatasetDict or a streamed one; `datasets` is not imported to find out."""
    library = sys.modules.get("datasets")
    names = ("Dataset", "DatasetDict", "IterableDataset", "IterableDatasetDict")
    return library is not None and isinstance(source, tuple(getattr(library, name) for name in names))


def read_dataset(
    source: Dataset | DatasetDict, split: str | None, draw: RowsDraw | None = None, *, id: str = "",
    where: str = "The data set",
) -> Table:  # fmt: skip
    """The rows of one split. A lone Dataset is taken whole unless a `split` is asked for."""
    import datasets

    if isinstance(source, datasets.DatasetDict):
        return _read_splits(source, split, id or "DatasetDict", where, draw)
    if not isinstance(source, datasets.Dataset):
        raise DataError(
            f"{where} is streamed ({type(source).__name__}): load it without streaming, or pass list(data.take(1000))."
        )
    own = str(source.split) if source.split is not None else None
    table = _table(source, id or "Dataset", where, draw if split in (None, own) else None)
    return replace(named(table), split=own) if split in (None, own) else take_split(named(table), split)


def read_folder(folder: Path, config: str | None, split: str | None, draw: RowsDraw | None = None) -> Table:
    """What `save_to_disk` wrote, else a folder of data files as on the hub."""
    from datasets import load_from_disk

    where = quoted(folder, 200)
    saved = any((folder / name).is_file() for name in ("state.json", "dataset_dict.json"))
    loaded = _loaded(load_from_disk, where, str(folder)) if saved else _load(str(folder), config, where)
    return _one_split(loaded, split, folder.name, where, draw)


def read_hub(name: str, config: str | None, split: str | None, draw: RowsDraw | None = None) -> Table:
    """A data set of the hub; one that was used before is taken from the cache when the hub is out of reach."""
    id = f"{name}:{config}" if config else name
    if not _cached(name):
        _probe(name)
    return _one_split(_load(name, config, quoted(id)), split, id, quoted(id), draw)


# --- loading --------------------------------------------------------------------------------------


def _one_split(loaded: Any, split: str | None, id: str, where: str, draw: RowsDraw | None) -> Table:
    table = read_dataset(loaded, split, draw, id=id, where=where) if is_dataset(loaded) else None
    if table is None:
        raise DataError(f"{where} holds no data set that can be read (a {type(loaded).__name__}).")
    return table


def _load(name: str, config: str | None, where: str) -> Any:
    from datasets import load_dataset

    return _loaded(load_dataset, where, name, config)


def _loaded(load: Any, where: str, *arguments: str | None) -> Any:
    """What the library loads; whatever it says against that, on one line."""
    from datasets.exceptions import DatasetsError
    from huggingface_hub.errors import HfHubHTTPError

    try:
        with _no_bars():
            return load(*arguments)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, DatasetsError, HfHubHTTPError) as error:
        raise DataError(
            f"{where} cannot be loaded as a data set ({one_line(error)}). "
            "Give a file, a folder written by `datasets`, or a hub id."
        ) from error


@contextmanager
def _no_bars() -> Iterator[None]:
    """Inside the block `datasets` draws no bars into a log."""
    from datasets import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    drawn = not are_progress_bars_disabled() and not sys.stderr.isatty()
    if drawn:
        disable_progress_bars()
    try:
        yield
    finally:
        if drawn:
            enable_progress_bars()


def _cached(name: str) -> bool:
    from datasets import config

    return (Path(config.HF_DATASETS_CACHE) / name.replace("/", "___")).is_dir()


def _probe(name: str) -> None:
    """One question to the hub: without it `datasets` asks a hub out of reach six times, for 23 seconds."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    try:
        HfApi().dataset_info(name, timeout=_PROBE_SECONDS)
    except HfHubHTTPError:
        return  # the hub answered: `datasets` explains it better (gated, private, missing)
    except OfflineModeIsEnabled:
        reason = "the hub is switched off (HF_HUB_OFFLINE)"
    except Exception as error:  # the transport errors of whichever HTTP library the hub's client was built on
        reason = f"the hub is out of reach ({one_line(error, 80)})"
    else:
        return
    raise DataError(f"{quoted(name)} is no file or folder here, and {reason}: give a local file, or go online once.")


# --- reading --------------------------------------------------------------------------------------


def _read_splits(splits: DatasetDict, asked: str | None, id: str, where: str, draw: RowsDraw | None) -> Table:
    sizes = {str(name): len(part) for name, part in splits.items()}
    if not sizes:
        raise DataError(f"{where} has no splits: it has no rows at all.")
    chosen, notes = choose_split(sizes, asked, where)
    names = list(sizes) if chosen == EVERYTHING and EVERYTHING not in sizes else [chosen]
    draw = draw if len(names) == 1 else None
    tables = [_marked(_table(splits[name], id, where, draw), name) for name in names]
    frame = pd.concat([table.frame for table in tables])
    return replace(named(replace(tables[0], frame=frame)), split=chosen).noted(*notes)


def _marked(table: Table, split: str) -> Table:
    """Rows called "test-1", with their split as a column."""
    frame = table.frame.set_axis([f"{split}-{row}" for row in table.frame.index], axis="index")
    return replace(table, frame=frame.assign(split=split))


def _table(dataset: Dataset, id: str, where: str, draw: RowsDraw | None) -> Table:
    light = dataset.select_columns([name for name, feature in dataset.features.items() if _is_light(feature)])
    classes = {name: list(f.names) for name, f in light.features.items() if type(f).__name__ == "ClassLabel"}
    if draw is not None and len(light) > max(LARGE_ROWS, draw.limit):
        empty = Table(pd.DataFrame(columns=light.column_names), id, where, classes=classes)
        some = drawn(lambda: light.with_format("arrow").iter(CHUNK), empty, draw, None)
        if some is not None:
            return some
    return Table(tidy(light.to_pandas(), where), id, where, classes=classes)


def _is_light(feature: Any) -> bool:
    """Text, numbers and lists of them; no media, no nested records, no embeddings."""
    inner = getattr(feature, "feature", feature[0] if isinstance(feature, list) else feature)
    dtype = str(getattr(inner, "dtype", ""))
    if isinstance(inner, Mapping) or type(inner).__name__ not in ("Value", "ClassLabel") or "binary" in dtype:
        return False
    return inner is feature or not dtype.startswith("float")
