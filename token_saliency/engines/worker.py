"""What runs in a worker process: loads the classifier, then answers until nobody asks any more (text/processes.py)."""

from __future__ import annotations

import os
import pickle
import traceback
from contextlib import suppress
from dataclasses import replace
from typing import IO, Any

import torch

from token_saliency.engines.processes import Reply, packed, receive, send
from token_saliency.errors import ModelError, TokenSaliencyError
from token_saliency.shared.state import quiet
from token_saliency.text.classifier import TextClassifier


def main() -> None:
    """Ends with its parent: at the end of the input, or when nobody reads the output."""
    requests, replies = _streams()
    with suppress(BrokenPipeError):
        _answer_all(requests, replies)


def _answer_all(requests: IO[bytes], replies: IO[bytes]) -> None:
    classifier: TextClassifier | None = None
    while (request := receive(requests)) is not None:
        if classifier is None:
            classifier, reply = _begun(request)
        else:
            reply = _replied(classifier, request)
        send(replies, _portable(reply))


def _streams() -> tuple[IO[bytes], IO[bytes]]:
    """The pipes of the parent, under numbers of their own: what a library prints must not come between."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    return requests, replies


def _begun(request: bytes) -> tuple[TextClassifier | None, Reply]:
    """The first request says where the classifier lies; its self-test runs here, so that no later cost holds it."""
    try:
        file, threads, precision = pickle.loads(request)
        torch.set_num_threads(threads)
        torch.set_float32_matmul_precision(precision)
        with quiet():
            made_of = torch.load(file, mmap=True, weights_only=False)  # written by our parent a moment ago
        classifier = TextClassifier(**made_of)
        _ = classifier.self_test
    except TokenSaliencyError as error:
        return None, Reply(error=error)
    except Exception as error:  # a model's code fails in its own ways
        said = (str(error).strip().splitlines() or [""])[0]
        return None, Reply(
            error=ModelError(
                f"A worker process cannot load the model ({type(error).__name__}: {said}): a class of your own must "
                "stand in a module that can be imported; or use no workers."
            )
        )
    return classifier, Reply(classifier.batch_tokens)


def _replied(classifier: TextClassifier, request: bytes) -> Reply:
    before = replace(classifier.meter)
    answer, error = None, None
    try:
        name, arguments = pickle.loads(request)
        answer = getattr(classifier, name)(**arguments)
    except Exception as raised:  # raised again in the parent
        error = _noted(raised)
    meter = classifier.meter
    spent = meter.forward - before.forward, meter.backward - before.backward, meter.tokens - before.tokens
    return Reply(answer, error, spent)


def _noted(error: Exception) -> Exception:
    """With the place where it happened, unless the message alone is meant to say it all."""
    if not isinstance(error, TokenSaliencyError):
        error.add_note(f"in a worker process:\n{''.join(traceback.format_tb(error.__traceback__))}")
    return error


def _portable(reply: Reply) -> bytes:
    """The reply as bytes that the parent can read."""
    try:
        payload = packed(reply)
        _: Any = pickle.loads(payload) if reply.error else None  # not every exception can be built again
    except Exception as error:
        what = reply.error or error
        return packed(Reply(error=ModelError(f"A worker process failed: {type(what).__name__}: {what}")))
    return payload
