"""Twenty visitors of `live` at once: is each answer that of `explain` alone, and does nobody wait?

`python benchmarks/live_sessions.py MODEL DATA [--sessions 20] [--seconds 60] [--pause 5]`: serves the page on the
loopback, lets each session type another row, wait for its answer, and change its first word, again and again for so
long, with a pause in which a person reads. Afterwards the same texts are explained alone, one after another.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a session: what the page showed, and how long it took."""

    text: str
    label: str
    scores: tuple[str, ...]
    probabilities: tuple[str, ...]
    seconds: float


def main() -> None:
    """Prints one line a figure; exit code 1 where an answer was wrong or took more than five seconds."""
    asked = _arguments()
    from token_saliency import TextClassifier
    from token_saliency.data import load_rows

    classifier = TextClassifier.from_pretrained(asked.model)
    texts = [row.text for row in load_rows(asked.data, labels=None).examples[: 50 * asked.sessions]]
    command = [sys.executable, "-u", "-m", "token_saliency", "live", asked.model]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            address = server.stdout.readline().split()[1]  # type: ignore[union-attr]
            started, done = time.monotonic(), _visits(address, texts, asked)
            wall = time.monotonic() - started
        finally:
            server.terminate()
    answers = [one for own in done for one in own]
    wrong = [one for one in answers if not _right(classifier, one)]
    waits = np.array([one.seconds for one in answers])
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"CPU of the server, its start and all: {spent.ru_utime + spent.ru_stime:.1f} s")
    print(f"sessions {asked.sessions}, pause {asked.pause} s, {wall:.0f} s, answers {len(answers)}, wrong {len(wrong)}")
    print(
        f"seconds an answer: median {np.median(waits):.2f}, 95% {np.quantile(waits, 0.95):.2f}, most {waits.max():.2f}"
    )
    print(
        f"over one second {int((waits > 1).sum())}, over five {int((waits > 5).sum())}; load {os.getloadavg()[0]:.1f}"
    )
    raise SystemExit(bool(wrong) or bool(waits.max() > 5))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("data", type=Path)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pause", type=float, default=5)
    return parser.parse_args()


def _visits(address: str, texts: list[str], asked: argparse.Namespace) -> list[list[Asked]]:
    """Each session with texts of its own; they begin once all are there."""
    from gradio_client import Client

    made: dict[str, Any] = {"verbose": False, "analytics_enabled": False, "httpx_kwargs": {"timeout": 300}}
    clients = [Client(address, **made) for _ in range(asked.sessions)]

    def visit(number: int) -> list[Asked]:
        return _session(clients[number], texts[number :: asked.sessions], asked.seconds, asked.pause)

    with ThreadPoolExecutor(asked.sessions) as pool:
        return list(pool.map(visit, range(asked.sessions)))


def _session(client: Any, texts: list[str], seconds: float, pause: float) -> list[Asked]:
    """One visitor with a session of its own."""
    found: list[Asked] = []
    ends = time.monotonic() + seconds
    for text in texts:
        if time.monotonic() > ends:
            break
        began = time.monotonic()
        shown = client.predict(text, "", "integrated_gradients", "usual", -1, api_name="/ask")
        found.append(_read(text, shown, time.monotonic() - began))
        time.sleep(pause)
    return found


def _read(text: str, shown: Any, seconds: float) -> Asked:
    """What a visitor sees: the class, the probabilities, and the score of each word as its button says."""
    answer, coloured = (str(html) for html in shown[:2])
    label = re.search(r'class="big"><bdi>(.*?)</bdi>', answer)
    scores = tuple(re.findall(r'data-word="\d+" title="([^"]*)"', coloured))
    numbers = tuple(re.findall(r'class="num">([^<]*)<', answer))
    return Asked(text, unescape(label[1]) if label else answer, scores, numbers, seconds)


def _right(classifier: Any, one: Asked) -> bool:
    """Whether the text alone has the same class, probabilities and scores as were shown."""
    from token_saliency.drawing.numbers import plain, signed

    seen, (alone,) = classifier.predict([one.text]), classifier.explain([one.text])
    probabilities = tuple(plain(value) for value in sorted(seen.probabilities[0], reverse=True))
    scores = tuple(signed(word.score) for word in alone.words)
    return (seen.labels[0], probabilities, scores) == (one.label, one.probabilities, one.scores)


if __name__ == "__main__":
    main()
