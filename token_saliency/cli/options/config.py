"""`token-saliency.toml`, or `[tool.token-saliency]` in `pyproject.toml`: options of `audit` that need no typing.

Read from the current folder, else from the nearest folder above it up to the root of the repository (the folder
with `.git`; without one only the current folder counts). Keys are the long options of `audit` with underscores;
what stands on the command line wins; paths are relative to the file. `explain`, `counterfactual`,
`validate` and `check` take from it what concerns model and machine, and `redact` where they have it.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from token_saliency.auditing.definitions.reader import configured, load_audits
from token_saliency.auditing.definitions.region_audits import load_image_audits
from token_saliency.errors import OptionError, TokenSaliencyError

OWN_FILE = "token-saliency.toml"
SHARED_FILE = "pyproject.toml"
TABLE = "token-saliency"
AUDITS = "audit"
"""The key under which each audit has a table of its own."""

MACHINE = (
    "device",
    "dtype",
    "batch_tokens",
    "workers",
    "engine",
    "ray_address",
    "max_length",
    "long",
    "trust_remote_code",
)
"""What the other commands take from the file: the rest says how rows are audited."""

PICTURES = (*MACHINE, *("rows", "split", "seed", "format", "fail_on", "allow_inconclusive", "known", "redact"))
"""What `image audit` takes from the file: what means the same for pictures."""

_HARMLESS = {"trust_remote_code": (False,), "ray_address": ("auto",)}
"""What a file may set of options that hand this machine to others: a file may have come with the rows or the code."""

_TABLES = "token_saliency.audits"
_SOURCE = "token_saliency.source"
_KINDS = {
    bool: ((bool,), "true or false"),
    int: ((int,), "a whole number"),
    float: ((float, int), "a number"),
}


@dataclass(frozen=True, slots=True)
class ConfigSource:
    """One configuration file: its options, and the text that tells on which line a key stands."""

    path: Path
    values: Mapping[str, Any]
    text: str

    def error(self, key: str, problem: str) -> OptionError:
        """An OptionError about one key, with file and line."""
        line = self._line(key.rpartition(".")[2])
        return OptionError(f"{self.path.name}{f', line {line}' if line else ''}: `{key}` {problem}")

    def table_line(self, audit: str) -> int | None:
        """Where the table of an audit begins."""
        hit = re.search(rf"^[ \t]*\[[^\]\n]*\b{AUDITS}\.[\"']?{re.escape(audit)}[\"']?\]", self.text, re.MULTILINE)
        return self.text.count("\n", 0, hit.start()) + 1 if hit else self._line(audit)

    def _line(self, key: str) -> int | None:
        """Where the key is set first; in `pyproject.toml` behind the header of our table."""
        begin = self.text.find(f"[tool.{TABLE}") if self.path.name == SHARED_FILE else 0
        hit = re.compile(rf"^[ \t]*(?:\[[^\]\n]*\b)?[\"']?{re.escape(key)}[\"']?[ \t]*[=\]]", re.MULTILINE)
        found = hit.search(self.text, max(begin, 0))
        return self.text.count("\n", 0, found.start()) + 1 if found else None


def configure(context: typer.Context, path: Path | None) -> Path | None:
    """The callback of `--config`: makes the file's options the defaults of the command, before any is read."""
    source = read_source(path) if path else find_source(Path.cwd())
    if source is None:
        return None
    values = {key: value for key, value in source.values.items() if key != AUDITS}
    options = _options(context.find_root().command.commands["audit"])  # type: ignore[attr-defined]
    for key in values:
        if key not in options:
            raise source.error(key, f"is no option of the configuration.{_nearest(key, [*options, AUDITS])}")
        if values[key] not in _HARMLESS.get(key, (values[key],)):
            typed = f"--{key.replace('_', '-')}"
            raise source.error(key, f"would let others run code here, which no file may allow: type {typed} yourself.")
    wanted = _options(context.command)
    taken = {key for key in values if key in wanted and _takes(context, key)}
    checked = {key: _value(source, key, values[key], options[key], context) for key in values}
    context.default_map = {wanted[key].name: checked[key] for key in taken}
    context.meta[_TABLES] = _audit_tables(source, checked.get("audits_dir"))
    context.meta[_SOURCE] = source
    return source.path


def _takes(context: typer.Context, key: str) -> bool:
    if _of_pictures(context):
        return key in PICTURES
    return context.command.name == "audit" or key in (*MACHINE, "redact")


def _of_pictures(context: typer.Context) -> bool:
    return context.parent is not None and context.parent.command.name == "image"


def audit_options(context: typer.Context, every: bool = False) -> dict[str, dict[str, Any]]:
    """The options of audits (`margin`, `level` ...) by the name of the audit, as the configuration file has them.

    One file may serve audits of texts and of pictures: a command gets the tables of its own kind, unless `every`.
    """
    tables: dict[str, dict[str, Any]] = context.meta.get(_TABLES, {})
    pictures = load_image_audits() if tables else {}
    of_own_kind = {name: table for name, table in tables.items() if (name in pictures) is _of_pictures(context)}
    return tables if every else of_own_kind


def anchor(context: typer.Context, data: str | None) -> dict[str, Any]:
    """The file and the lines that findings are pinned to: the configuration, or without one the rows.

    Code scanning shows a finding only at a line of a file of the repository.
    """
    source: ConfigSource | None = context.meta.get(_SOURCE)
    if source is None:  # os.path.exists: a name that no system takes is no error here, it has one of its own
        return {"file": _relative(Path(data)), "audits": {}} if data and os.path.exists(data) else {}  # noqa: PTH110
    lines = {name: source.table_line(name) for name in source.values.get(AUDITS, {})}
    return {"file": _relative(source.path), "audits": {name: line for name, line in lines.items() if line}}


def _relative(path: Path) -> str:
    """From the working folder; of a file that lies elsewhere its name alone."""
    place, here = path.resolve(), Path.cwd().resolve()
    return place.relative_to(here).as_posix() if place.is_relative_to(here) else place.name


# --- finding and reading ----------------------------------------------------------------------------


def find_source(folder: Path) -> ConfigSource | None:
    """The nearest configuration, in this folder or above it in the same repository."""
    for place in _places(folder):
        if (place / OWN_FILE).is_file():
            return read_source(place / OWN_FILE)
        if (place / SHARED_FILE).is_file() and (source := _read(place / SHARED_FILE, asked=False)):
            return source
    return None


def _places(folder: Path) -> Iterator[Path]:
    places = [folder, *folder.parents]
    root = next((i for i, place in enumerate(places) if (place / ".git").exists()), 0)
    yield from places[: root + 1]


def read_source(path: Path) -> ConfigSource:
    """The options of one file; of a `pyproject.toml` those of its table. Raises OptionError."""
    source = _read(path, asked=True)
    if source is None:
        raise OptionError(f"{path.name}: holds no table [tool.{TABLE}]. Add it, or choose another file with --config.")
    return source


def _read(path: Path, asked: bool) -> ConfigSource | None:
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.name == SHARED_FILE and TABLE not in text and not asked:
            return None  # somebody else's file: whether it is valid is not ours to say
        values = tomllib.loads(text)
    except OSError as error:
        raise OptionError(f"{path}: the configuration cannot be read ({error.strerror}). Check the path.") from error
    except (ValueError, RecursionError) as error:
        raise OptionError(f"{path.name}: is not valid TOML in UTF-8 ({error}). Mend the file.") from error
    if path.name == SHARED_FILE:
        tools = values.get("tool")
        if not isinstance(tools, dict) or tools.get(TABLE) is None:
            return None
        values = tools[TABLE]
    if not isinstance(values, dict):
        raise OptionError(f"{path.name}: [tool.{TABLE}] must be a table.")
    return ConfigSource(path, values, text)


# --- checking ---------------------------------------------------------------------------------------


def _options(command: Any) -> dict[str, Any]:
    """The options of a command by the key that the file gives them: `--label-map` is `label_map`."""
    found = {}
    for option in command.params:
        long = [name for name in option.opts if name.startswith("--")]
        if long and option.name not in ("config", "help"):
            found[long[0].removeprefix("--").replace("-", "_")] = option
    return found


def _value(source: ConfigSource, key: str, value: Any, option: Any, context: typer.Context) -> Any:
    """The value as the command line would have given it; a wrong type or range is an OptionError."""
    kind = option.type_descriptor.annotation
    value = _typed(source, key, value, *_KINDS[kind]) if kind in _KINDS else _written(source, key, value, option)
    try:
        option.process_value(context, value)
    except typer.TyperException as error:
        raise source.error(key, f"is {value!r}: {_sentence(error)}.") from error
    return str(source.path.parent / value) if kind is Path else value


def _sentence(error: typer.TyperException) -> str:
    return " ".join(error.message.split()).rstrip(".")


def _typed(source: ConfigSource, key: str, value: Any, kinds: tuple[type, ...], words: str) -> Any:
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        raise source.error(key, f"must be {words}, not {value!r}.")
    return value


def _written(source: ConfigSource, key: str, value: Any, option: Any) -> str:
    """A string; a number where digits are meant; a list or table where the command line takes `a,b` or `a=b,...`."""
    several = str(option.metavar or "").endswith("...")
    pairs = several and "=" in option.metavar
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if several and not pairs and isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ",".join(value)
    if pairs and isinstance(value, dict) and all(isinstance(one, str) for one in value.values()):
        return ",".join(f"{name}={one}" for name, one in value.items())
    words = "a string or a list of strings" if several and not pairs else "a string or a table" if pairs else "a string"
    raise source.error(key, f"must be {words}, not {value!r}.")


_OF_AN_AUDIT = ("level", "margin", "min_rows", "gate", "flips")


def _audit_tables(source: ConfigSource, audits_dir: str | None) -> dict[str, dict[str, Any]]:
    """`[audit.NAME]`, each with keys and values that an audit may have."""
    tables = source.values.get(AUDITS, {})
    if not isinstance(tables, dict):
        raise source.error(AUDITS, f"must hold a table for each audit: [{AUDITS}.names].")
    known = load_image_audits() | load_audits(None, audits_dir) if tables else {}
    for name, options in tables.items():
        if name not in known:
            raise source.error(f"{AUDITS}.{name}", f"is no audit.{_nearest(name, known)}")
        if not isinstance(options, dict):
            raise source.error(f"{AUDITS}.{name}", f"must be a table, not {options!r}.")
        for key in options:
            if key not in _OF_AN_AUDIT:
                problem = f"is no option of an audit.{_nearest(key, _OF_AN_AUDIT)}"
                raise source.error(f"{AUDITS}.{name}.{key}", problem)
            try:
                configured(known[name], {key: options[key]})
            except TokenSaliencyError as error:
                raise source.error(f"{AUDITS}.{name}.{key}", _problem(error)) from error
    return dict(tables)


def _problem(error: TokenSaliencyError) -> str:
    """What `configured` says about a value, without its own name for the place."""
    return re.sub(r"^[^`]*`[^`]*` ", "", str(error))


def _nearest(name: str, known: Any) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    hint = f" Did you mean `{near[0]}`?" if near else ""
    return f"{hint} Known: {', '.join(sorted(known))}."
