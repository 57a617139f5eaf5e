"""Puts rows to the server, several at a time, and keeps every answer as it comes: none is paid twice."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass, field

import numpy as np

from token_saliency.errors import ModelError
from token_saliency.store.blocks import Block, Key, Paid, key_of
from token_saliency.text.encoding import Text
from token_saliency.text.endpoint.label_shares import Floats, Sample, Shares, sample_of, shares_of
from token_saliency.text.endpoint.wire import Wire
from token_saliency.text.prompt.prompt import Prompt
from token_saliency.text.prompt.rendering import RemotePrompt

_SPOKEN = 8
"""Tokens that a sampled answer may have beyond a third of the characters of the longest label word."""
CHARACTERS_A_TOKEN = 4


@dataclass(slots=True)
class Till:
    """All answers so far, by what was asked; `on_block` keeps each. Shared by all prompts put to one server."""

    known: dict[Key, Floats] = field(default_factory=dict)
    on_block: Callable[[Block], None] | None = None
    tokens: list[int] = field(default_factory=lambda: [0, 0])
    lock: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, key: Key, numbers: Floats) -> None:
        """Written down before anything else happens."""
        with self.lock:
            self.known[key] = numbers
            if self.on_block is not None:
                self.on_block(Paid((key,), numbers[None]))


@dataclass(frozen=True, slots=True)
class Counter:
    """What one prompt asks of a server: `samples` answers a row, or (None) log-probabilities."""

    wire: Wire
    till: Till
    prompt: Prompt
    rendered: RemotePrompt
    samples: int | None
    concurrency: int

    def shares(
        self, texts: Sequence[Text], *, again: int = 0, progress: Callable[[int], None] | None = None
    ) -> list[Shares]:
        """What is known of the classes of each text; `again` asks anew for what was answered with another number."""
        keys = [self._key(text, again) for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self.till.known}
        self._pay(missing, progress)
        return [Shares.unpacked(self.till.known[key]) for key in keys]

    def unpaid(self, texts: Sequence[Text]) -> dict[Key, int]:
        """The distinct texts that would be sent, with about how many tokens each is in its prompt."""
        keyed = {self._key(text, 0): text for text in texts}
        return {key: self.tokens(text) for key, text in keyed.items() if key not in self.till.known}

    def tokens(self, text: Text) -> int:
        """About how many tokens a prompt has: there is no tokenizer here."""
        return 1 + len(json.dumps(self.rendered(text), ensure_ascii=False).encode()) // CHARACTERS_A_TOKEN

    def _key(self, text: Text, again: int) -> Key:
        asked = json.dumps([self.rendered(text), self.prompt.labels, self.prompt.chat, self.samples, again])
        return key_of(f"{self.wire.url}\n{self.wire.model}\n{asked}")

    def _pay(self, missing: dict[Key, Text], progress: Callable[[int], None] | None) -> None:
        """One after the other as they come; after an error or a stop what is on its way is still waited for."""
        self.wire.stopped.clear()
        pool = ThreadPoolExecutor(self.concurrency, thread_name_prefix="endpoint")
        futures = {pool.submit(copy_context().run, self._asked, text, key): key for key, text in missing.items()}
        left = dict(futures)
        try:
            for future in as_completed(futures):
                key = left.pop(future)
                self.till.keep(key, future.result())
                if progress is not None:
                    progress(1)
        except BaseException:
            self.wire.stopped.set()
            pool.shutdown(wait=True, cancel_futures=True)
            for future, key in left.items():
                if not future.cancelled() and future.exception() is None:
                    with suppress(Exception):  # whoever stops the run says so once; what was paid is kept first
                        self.till.keep(key, future.result())
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _asked(self, text: Text, key: Key) -> Floats:
        content = self.rendered(text)
        if self.samples is not None:
            return self._sampled(content, key).packed()
        reply = self.wire.ask(content)
        self._used(reply.prompt_tokens, reply.answer_tokens)
        if reply.tops is None:
            raise ModelError(
                f"{self.wire.url} gives no log-probabilities with its answers. Ask for sampled answers: --samples 20, "
                "or from_endpoint(..., samples=20)."
            )
        return shares_of(reply.tops, self.prompt).packed()

    def _sampled(self, content: object, key: Key) -> Shares:
        """A server that gives fewer answers than it is asked for is asked again; each part is kept, too."""
        longest = max(len(word) for words in self.prompt.labels.values() for word in words)
        wanted, found = self.samples or 0, Sample(np.zeros(len(self.prompt.labels)))
        for number in range(wanted):
            own = key_of(f"{key.hex()} {number}")
            if own not in self.till.known:
                reply = self.wire.ask(content, wanted - found.answers, _SPOKEN + longest // 3)
                self._used(reply.prompt_tokens, reply.answer_tokens)
                self.till.keep(own, sample_of(reply.texts[: wanted - found.answers], self.prompt).packed())
            found += Sample.unpacked(self.till.known[own])
            if found.answers >= wanted:
                break
        return found.shares

    def _used(self, prompt: int, answer: int) -> None:
        self.till.tokens[0] += prompt
        self.till.tokens[1] += answer


def class_shares(found: Sequence[Shares]) -> Floats:
    """[n, C] probabilities before they are made to sum to one; nan where an answer names no class."""
    return np.array([one.used if one.known else np.full(len(one.used), np.nan) for one in found])
