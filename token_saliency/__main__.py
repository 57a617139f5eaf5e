"""The way in from the shell, and the boundary where every error becomes one line and an exit code.

0 nothing found, 1 findings, 2 could not run, 5 nothing could be decided, 130 interrupted. An exception never
ends in 1: a check that crashed must not look like a finding.
"""

from __future__ import annotations

import errno
import io
import mmap
import os
import sys
import traceback
import warnings
from collections.abc import Sequence

import typer

from token_saliency.cli.app import app
from token_saliency.cli.console import hush, say_error
from token_saliency.cli.running.stopping import Stopped, heard
from token_saliency.errors import TokenSaliencyError, command_line

DEBUG = "TOKEN_SALIENCY_DEBUG"
COULD_NOT_RUN = 2
EXTRAS = {"PIL": "image", "matplotlib": "image", "peft": "peft", "openai": "endpoint", "gradio": "live"}
"""Which optional part of the package brings a library."""
INTERRUPTED = 130
ROOM = 64 * 2**20
"""Bytes that a library may want at once."""


def main() -> None:
    """The console script."""
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a character that the terminal does not have is no reason to fail
            stream.reconfigure(errors="backslashreplace")
    with heard():
        code = run(sys.argv[1:])
    sys.exit(code)


def _open_closed_streams() -> None:
    """`>&-` closes a stream; writing to none would raise, and an error while an error is told would end in 1."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115, PTH123 - open until the interpreter ends


def run(arguments: Sequence[str]) -> int:
    """The exit code of one command line. No exception leaves it, and none becomes 1."""
    try:
        with warnings.catch_warnings():
            if not os.environ.get(DEBUG):
                warnings.simplefilter("ignore")  # the libraries' advice to programmers, not to users
            with command_line():
                return _dispatch(list(arguments))
    except BrokenPipeError:  # the reader of our output went away, as in `... | head`
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - the interpreter flushes it once more on its way out
        return COULD_NOT_RUN
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except Stopped as stopped:
        say_error(str(stopped))
        return INTERRUPTED
    except Exception as error:
        return _failed(error)
    finally:
        hush()


def _dispatch(arguments: list[str]) -> int:
    try:
        code = app(arguments or ["--help"], prog_name="token-saliency", obj=tuple(arguments), standalone_mode=False)
    except SystemExit as left:
        # typer ends with 1 where the reader of our output went away, and here 1 means findings
        went = left.__context__ if isinstance(left.__context__, BrokenPipeError) else None
        raise went or RuntimeError(f"something that was loaded ended the program with {left.code}") from left
    sys.stdout.flush()
    if code == INTERRUPTED:  # typer turns Ctrl-C into this code
        return _interrupted()
    return int(code or 0) if arguments else COULD_NOT_RUN


def _interrupted() -> int:
    say_error("interrupted; nothing was written.")
    return INTERRUPTED


def _failed(error: Exception) -> int:
    if os.environ.get(DEBUG):
        traceback.print_exc()
    say_error(_message(error))
    return COULD_NOT_RUN


def _message(error: Exception) -> str:
    if isinstance(error, TokenSaliencyError):
        return str(error)
    if isinstance(error, typer.TyperException):
        said = error.format_message().replace("Value error, ", "").rstrip(".")  # what validates values puts it there
        return f"{said}{'' if said.endswith('?') else '.'} Try '{_command_path(error)} --help'."
    if isinstance(error, ModuleNotFoundError) and (extra := EXTRAS.get((error.name or "").partition(".")[0])):
        return f"{error.name} is not installed, and this needs it: pip install 'token-saliency[{extra}]'."
    if _short_of_memory(error):
        return "There is not enough memory. Give fewer --rows, a smaller --batch-tokens, or a machine with more of it."
    if isinstance(error, OSError) and error.filename is not None:
        return f"Cannot use {str(error.filename)!r}: {error.strerror}."
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "There is no space left to write to. Free some, or write elsewhere."
    if isinstance(error, OSError) and error.errno:
        return f"The system refuses a file: {os.strerror(error.errno)}."
    return f"unexpected {type(error).__name__}: {error}. Set {DEBUG}=1 to see where it comes from."


def _short_of_memory(error: Exception) -> bool:
    said = str(error)
    told = "allocate memory" in said or said.endswith("failed to map segment from shared object")
    return told or isinstance(error, MemoryError) or not (isinstance(error, OSError) or _room())


def _room() -> bool:
    """Whether the system still gives memory: where it does not, libraries fail in words of their own (a module
    without its parts, a call that ends without an error)."""
    try:
        mmap.mmap(-1, ROOM).close()
    except OSError:
        return False
    return True


def _command_path(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)  # only usage errors know their command
    return context.command_path if context else "token-saliency"


if __name__ == "__main__":
    main()
