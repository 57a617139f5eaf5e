"""`--redact` and errors: a library says whatever it likes of a row, and an error ends on a screen or in a log."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from token_saliency.cli.running.stopping import Stopped
from token_saliency.errors import WITHHELD, ModelError, TokenSaliencyError, withholding


@contextmanager
def unquoting(wanted: bool) -> Iterator[None]:
    """Inside the block, where it is wanted, no error quotes the rows: those that are not ours lose their message."""
    with withholding(wanted):
        try:
            yield
        except (TokenSaliencyError, Stopped, BrokenPipeError) as error:
            if wanted:
                raise error from None
            raise
        except Exception as error:
            if not wanted:
                raise
            raise ModelError(_kind(error)) from None


def _kind(error: Exception) -> str:
    """What may be told of any error: what it is, where it was raised, and what the system says of a file."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    said = f" ({os.strerror(error.errno)})" if isinstance(error, OSError) and error.errno else ""
    return f"unexpected {type(error).__name__}{said} in {Path(last.filename).name}, line {last.lineno}; {WITHHELD}."
