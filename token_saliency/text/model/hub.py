"""One short question to the model hub before anything is downloaded: its own client retries for half a minute."""

from __future__ import annotations

import difflib
from pathlib import Path

from huggingface_hub import constants, hf_hub_url, try_to_load_from_cache
from huggingface_hub.errors import HFValidationError, HTTPError  # HTTPError: of whatever HTTP client the hub uses
from huggingface_hub.utils import build_hf_headers, get_session, validate_repo_id

from token_saliency.errors import ModelError

_SECONDS = 10


def _missing(name: str) -> str:
    """That there is no such folder, and which folder here holds a model and has much the same name."""
    there = [folder.parent.name for folder in Path().glob("*/config.json")]
    near = difflib.get_close_matches(name, there, n=1)
    return f"There is no folder {name!r}" + (f" (did you mean {near[0]!r}?)" if near else "")


def reachable_or_cached(repo: str, revision: str | None) -> bool:
    """Whether the copy on this machine must be used; ModelError where there is neither a copy nor the hub."""
    try:
        validate_repo_id(repo)
    except HFValidationError:
        raise ModelError(f"{_missing(repo)}, and it is no hub id either; a hub id is owner/name.") from None
    cached = isinstance(try_to_load_from_cache(repo, "config.json", revision=revision), str)
    status = None if constants.HF_HUB_OFFLINE else _status(repo, revision)
    if cached:
        return status != 200
    if status is None:
        raise ModelError(f"{_missing(repo)}, and the model hub cannot be reached; check the name or the network.")
    if status in (401, 403, 404):
        raise ModelError(f"{_missing(repo)}, and the model hub has no such model that you may read ({status}).")
    if status >= 400:
        raise ModelError(f"The model hub answers {status} for {repo!r}; try again later or give a folder.")
    return False


def commit(repo: str, revision: str | None) -> str | None:
    """The commit whose copy is on this machine: the name of its snapshot folder."""
    copy = try_to_load_from_cache(repo, "config.json", revision=revision)
    return Path(copy).parent.name if isinstance(copy, str) else None


def _status(repo: str, revision: str | None) -> int | None:
    """The answer of the hub, None where there is none."""
    url = hf_hub_url(repo, "config.json", revision=revision)
    try:
        answer = get_session().head(url, headers=build_hf_headers(), timeout=_SECONDS, follow_redirects=True)
    except (HTTPError, OSError):
        return None
    return int(answer.status_code)
