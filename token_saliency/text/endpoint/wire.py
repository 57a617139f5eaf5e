"""One request to an OpenAI-compatible server and what came back: tried again with pauses, the key told to nobody."""

from __future__ import annotations

import json
import math
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from token_saliency.errors import ModelError, OptionError, first_line
from token_saliency.text.function.retrying import passing, patiently

KEY = "OPENAI_API_KEY"
"""The variable of the environment with the key; it is read nowhere else and kept nowhere."""
TRIES = 8
TIMEOUT = 60.0
TOP, FEWER = 20, 5
"""Likeliest tokens that are asked for; some servers give five at most."""
_SHAPES = (("max_tokens", TOP), ("max_completion_tokens", TOP), ("max_tokens", FEWER), ("max_completion_tokens", FEWER))
"""How servers want to be asked: the first of these that is not refused."""
_REFUSED = (400, 422)
_ROUNDED = 0.01
"""How far above 0 a log-probability may be by rounding."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server said: the likeliest first tokens with log-probabilities (None: it gives none), texts, usage."""

    tops: dict[str, float] | None
    texts: list[str]
    prompt_tokens: int
    answer_tokens: int


@dataclass(slots=True)
class Wire:
    """A client of one server and model. `requests` and `retries` count what was sent, by all threads."""

    url: str
    client: Any
    model: str
    chat: bool
    extra: Mapping[str, Any]
    requests: int = 0
    retries: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)
    _shape: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, content: Any, samples: int | None = None, length: int = 1) -> Reply:
        """`content` is the messages, or the string of a completion. ModelError where the server will not answer."""
        import openai

        try:
            return patiently(
                lambda: self._ask(content, samples, length), self._may_pass, tries=TRIES, pause=self.stopped.wait
            )
        except (openai.OpenAIError, json.JSONDecodeError) as error:  # no JSON: an answer that was cut, or a web page
            raise self.unreachable(error) from None

    def _ask(self, content: Any, samples: int | None, length: int) -> Reply:
        import openai

        while not self.stopped.is_set():
            shape = self._shape
            with self._lock:
                self.requests += 1
            try:
                return _reply(self._sent(content, samples, length, *_SHAPES[shape]))
            except openai.APIStatusError as error:
                if passing(error):
                    raise
                if error.status_code not in _REFUSED or shape + 1 == len(_SHAPES):
                    raise ModelError(self._refusal(error)) from None
                self._shape = max(self._shape, shape + 1)
            except openai.OpenAIError as error:
                if passing(error):
                    raise
                raise ModelError(f"{self.url} cannot be asked: {self._safe(error)}.") from None

        raise ModelError("The run was stopped.")

    def _sent(self, content: Any, samples: int | None, length: int, longest: str, top: int) -> Any:
        how: dict[str, Any] = {longest: length, "model": self.model, "extra_body": dict(self.extra)}
        how |= {"temperature": 0} if samples is None else {"temperature": 1, "n": samples}
        if self.chat:
            how |= {"logprobs": True, "top_logprobs": top} if samples is None else {}
            return self.client.chat.completions.create(messages=content, **how)
        if longest != "max_tokens":  # only chats know the newer name
            how = {"max_tokens" if name == longest else name: value for name, value in how.items()}
        return self.client.completions.create(prompt=content, **how, **({"logprobs": top} if samples is None else {}))

    def _may_pass(self, error: Exception) -> bool:
        found = passing(error)
        if found:
            with self._lock:
                self.retries += 1
        return found

    def _refusal(self, error: Any) -> str:
        if error.status_code in (401, 403):
            return f"{self.url} refuses the key ({error.status_code}): set {KEY} in the environment."
        hint = " Where a server gives no log-probabilities: --samples 20." if error.status_code in _REFUSED else ""
        return f"{self.url} refuses the request ({error.status_code}): {self._safe(error)}.{hint}"

    def _safe(self, error: BaseException) -> str:
        """The first line of an error; a server may repeat the key in it."""
        said, key = first_line(error), os.environ.get(KEY, "").strip()
        return said.replace(key, "***") if key else said

    def unreachable(self, error: BaseException) -> ModelError:
        """After the last try."""
        return ModelError(
            f"{self.url} did not answer, {TRIES} times over ({self._safe(error)}). Start again when it is well: a run "
            "directory has kept what was answered."
        )


def wire_to(url: str, model: str | None, *, chat: bool, timeout: float, extra: Mapping[str, Any]) -> Wire:
    """A model that nobody names is asked of the server."""
    import openai

    parts = urlsplit(checked_address(url))
    base = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/') or '/v1'}"
    client = openai.OpenAI(base_url=base, api_key=_key(), max_retries=0, timeout=timeout)
    wire = Wire(base, client, model or parts.fragment, chat, extra)
    wire.model = wire.model or _only_model(wire)
    return wire


def is_address(model: str) -> bool:
    """Whether a MODEL is an endpoint."""
    return model.lower().startswith(("http://", "https://"))


def checked_address(url: str) -> str:
    """OptionError, which does not repeat it, for an address that holds a secret or is none."""
    try:
        parts = urlsplit(url)
        fine = is_address(url) and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        fine = False
    if not fine:
        raise OptionError(
            "The address of an endpoint is http://HOST/v1 or https://HOST/v1, with #MODEL where it has several."
        )
    if "@" in parts.netloc or parts.query:
        raise OptionError(f"The address of an endpoint holds no name, key or query: the key goes into {KEY}.")
    return url


def _key() -> str:
    key = os.environ.get(KEY, "").strip()
    if not key.isascii() or not key.isprintable():
        raise OptionError(f"{KEY} holds characters that no key has; set it again.")
    return key or "none"


def _only_model(wire: Wire) -> str:
    import openai

    try:
        found = [one.id for one in patiently(lambda: wire.client.models.list(), passing, tries=3).data]
    except openai.APIStatusError as error:
        if error.status_code in (401, 403):
            raise ModelError(wire._refusal(error)) from None
        return "default"
    except openai.OpenAIError as error:
        raise wire.unreachable(error) from None
    except (AttributeError, TypeError, json.JSONDecodeError):  # it lists nothing that is a model
        return "default"
    if len(found) > 1:
        raise OptionError(
            f"{wire.url} has several models ({', '.join(found[:5])}): name one behind the address, "
            f"{wire.url}#{found[0]}."
        )
    return found[0] if found else "default"


def _reply(answer: Any) -> Reply:
    plain = answer.model_dump(warnings=False) if hasattr(answer, "model_dump") else None
    choices = (plain or {}).get("choices")
    if not choices:
        raise ModelError("The endpoint's answer has no choices: it is no OpenAI-compatible server, or another path.")
    try:
        texts = [_said(one) for one in choices]
        return Reply(_tops(choices[0].get("logprobs") or {}), texts, *_used((plain or {}).get("usage")))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"The endpoint's answer is not of the form of OpenAI's ({type(error).__name__}): its choices hold a "
            "message or a text, and lists of tokens with log-probabilities."
        ) from error


def _said(choice: Mapping[str, Any]) -> str:
    return str((choice.get("message") or {}).get("content") or choice.get("text") or "")


def _used(usage: Any) -> tuple[int, int]:
    """Tokens of prompt and answer; 0 where the server does not count them."""
    told = usage if isinstance(usage, Mapping) else {}
    first, second = (told.get(name) for name in ("prompt_tokens", "completion_tokens"))
    return (first if isinstance(first, int) else 0), (second if isinstance(second, int) else 0)


def _tops(shares: Mapping[str, Any]) -> dict[str, float] | None:
    """Of a chat `content[0].top_logprobs`, of a completion `top_logprobs[0]`; a token beyond the asked ones goes.

    A token without a number is none of the listed ones. ModelError where probabilities are above one.
    """
    first = (shares.get("content") or [{}])[0]
    listed = [(one["token"], one.get("logprob")) for one in first.get("top_logprobs") or []]
    if not listed and shares.get("top_logprobs"):
        listed = list((shares["top_logprobs"][0] or {}).items())
    found = {str(token): float(share) for token, share in listed if share is not None}
    known = {token: min(0.0, share) for token, share in found.items() if not math.isnan(share)}
    if known and max(found[token] for token in known) > _ROUNDED:
        raise ModelError("The endpoint's log-probabilities are above 0: what it gives are no probabilities.")
    return dict(sorted(known.items(), key=lambda one: -one[1])[:TOP]) or None
