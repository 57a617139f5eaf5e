"""A prompt put to a real server on this machine that speaks as OpenAI's does, and fails as servers do."""

from __future__ import annotations

import json
import logging
import math
import multiprocessing
import os
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from transformers.cli.serve import Serve
from transformers.utils.import_utils import is_serve_available

from tests.prompt.conftest import language_model
from token_saliency import TextClassifier, load_report, run_audits
from token_saliency.__main__ import run
from token_saliency.errors import ModelError, OptionError
from token_saliency.reporters import REPORTERS
from token_saliency.store import Journal
from token_saliency.store.blocks import Memory, unkept
from token_saliency.text.function import retrying

pytest.importorskip("openai")

PROMPT: dict[str, Any] = {
    "template": "Is this review good or bad?\nReview: {text}\n",
    "answer": "It is",
    "labels": {"positive": [" good"], "negative": [" bad"]},
}
CHAT = PROMPT | {"chat": True, "answer": ""}
SECRET = "sk-secret-0123456789"


class Server(ThreadingHTTPServer):
    """Says good by how many of the row's words are nice. `faults` come first; `asked` counts what was answered."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: Counter[str] = Counter()
        self.sent = 0
        self.faults: list[str] = []
        self.others: dict[str, float] = {}
        self.bodies: list[dict[str, Any]] = []
        self.keys: set[str] = set()
        self.logprobs = True
        self.pause = 0.0
        self.models = ["tiny"]
        self.answer: Any = None
        self.lock = threading.Lock()

    def handle_error(self, *_: object) -> None:
        """A client that was killed is no news."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


def share(said: str) -> float:
    """P(good) of a prompt."""
    row = re.findall(r"Review: (.*)", said)[-1]
    nice = sum(row.count(word) for word in ("nice", "lovely")) - sum(row.count(word) for word in ("dull", "!"))
    return 1 / (1 + math.exp(-nice - 0.5))


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *_: object) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        self._say(200, {"object": "list", "data": [{"id": name, "object": "model"} for name in self.server.models]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        own = self.server
        with own.lock:
            own.sent += 1
            own.bodies.append(body)
            own.keys.add(self.headers["Authorization"])
            fault = own.faults.pop(0) if own.faults else ""
        if fault == "cut":
            self.connection.close()
        elif fault == "half":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"choices": [')
            self.connection.close()
        elif fault == "slow":
            time.sleep(1.0)
        elif fault:
            self._say(
                int(fault), {"error": {"message": f"no: {self.headers['Authorization']}"}}, {"Retry-After-Ms": "5"}
            )
        else:
            time.sleep(own.pause)
            said = body["messages"][-1]["content"] if "messages" in body else body["prompt"]
            with own.lock:
                own.asked[said] += 1
            self._say(200, self._answer(said, body) if own.answer is None else own.answer)

    def _answer(self, said: str, body: dict[str, Any]) -> dict[str, Any]:
        good, space = share(said), "" if "messages" in body else " "
        tops = {f"{space}good": math.log(0.8 * good), f"{space}bad": math.log(0.8 * (1 - good)), " the": math.log(0.05)}
        tops |= {token: math.log(p) for token, p in self.server.others.items()}
        tops = {token: p for token, p in tops.items() if p > math.log(0.02)}
        shares: dict[str, Any] = {"top_logprobs": [tops]}
        if "messages" in body:
            shares = {"content": [{"token": "x", "logprob": -1.0, "top_logprobs": [
                {"token": token, "logprob": p} for token, p in tops.items()]}]}  # fmt: skip
        choices = []
        for i in range(min(body.get("n", 1), 7)):
            text = "It is good." if (i + 0.5) / min(body.get("n", 1), 7) < good else "Bad!"
            one: dict[str, Any] = {"index": i, "finish_reason": "length"}
            one |= {"message": {"role": "assistant", "content": text}} if "messages" in body else {"text": text}
            choices.append(one | ({"logprobs": shares} if self.server.logprobs else {}))
        return {"id": "1", "object": "x", "created": 1, "model": "tiny", "choices": choices,
                "usage": {"prompt_tokens": 10, "completion_tokens": 1, "total_tokens": 11}}  # fmt: skip

    def _say(self, status: int, answer: Any, headers: dict[str, str] | None = None) -> None:
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), "Content-Type": "application/json"}.items():
            self.send_header(name, value)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    one = Server()
    thread = threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield one
    one.shutdown()
    thread.join()
    one.server_close()


ROWS = ["a nice film", "a dull film", "so lovely , so nice", "dull ! dull !"]


@pytest.mark.parametrize("prompt", [PROMPT, CHAT], ids=["completions", "chat"])
def test_probabilities_are_those_of_the_label_words(server: Server, prompt: dict[str, Any]) -> None:
    server.others = {" film": 0.03}
    found = TextClassifier.from_endpoint(server.url, "tiny", prompt).predict([*ROWS, ROWS[0]])

    expected = [share(f"Review: {row}") for row in [*ROWS, ROWS[0]]]
    assert found.probabilities[:, 0] == pytest.approx(expected)
    assert found.labels == ["positive", "negative", "positive", "negative", "positive"]
    assert server.sent == len(ROWS)
    assert server.keys == {f"Bearer {SECRET}"}
    if prompt is PROMPT:
        assert server.bodies[0]["prompt"].endswith("\nIt is")


def test_the_answer_that_is_begun_is_the_last_message(server: Server) -> None:
    TextClassifier.from_endpoint(server.url, "tiny", CHAT | {"system": "Judge."}).predict(["a nice film"])
    assert [one["role"] for one in server.bodies[0]["messages"]] == ["system", "user"]
    assert server.bodies[0]["messages"][1]["content"] == "Is this review good or bad?\nReview: a nice film\n"


def test_faults_that_pass_lose_nothing_and_pay_nothing_twice(server: Server) -> None:
    server.faults = ["429", "cut", "503", "half", "429"]
    found = TextClassifier.from_endpoint(server.url, "tiny", PROMPT, concurrency=3).predict(ROWS)

    assert found.probabilities[:, 0] == pytest.approx([share(f"Review: {row}") for row in ROWS])
    assert set(server.asked.values()) == {1}
    assert server.sent == len(ROWS) + 5


def _choice(*tops: dict[str, Any], **more: Any) -> dict[str, Any]:
    shares = {"content": [{"token": "x", "logprob": -1.0, "top_logprobs": list(tops)}]}
    return {"choices": [{"index": 0, "message": {"role": "assistant", "content": "x"}, "logprobs": shares}], **more}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"choices": ["good"]}, "not of the form of OpenAI's"),
        ({"choices": [{"index": 0, "message": "good"}]}, "not of the form of OpenAI's"),
        ({"choices": [{"index": 0, "logprobs": {"content": "good"}}]}, "not of the form of OpenAI's"),
        (_choice({"token": "good", "logprob": "high"}), "not of the form of OpenAI's"),
        (_choice({"token": "good", "logprob": 2.0}, {"token": "bad", "logprob": 900.0}), "are no probabilities"),
        ({"error": {"message": "busy"}}, "no choices"),
    ],
)
def test_an_answer_of_another_form_is_one_line(server: Server, answer: Any, said: str) -> None:
    server.answer = answer
    with pytest.raises(ModelError, match=said):
        TextClassifier.from_endpoint(server.url, "tiny", CHAT).predict(["a film"])


def test_a_token_without_a_number_is_none_of_the_listed_ones(server: Server) -> None:
    good = {"token": "good", "logprob": math.log(0.6)}
    nothing: list[dict[str, Any]] = [
        {"token": "the", "logprob": None},
        {"token": "a", "logprob": math.nan},
        {"token": "an"},
    ]
    server.answer = _choice(good, *nothing, {"token": "bad", "logprob": math.log(0.2)}, usage={"prompt_tokens": "?"})

    found = TextClassifier.from_endpoint(server.url, "tiny", CHAT).predict(["a film"])
    assert found.probabilities[0] == pytest.approx([0.75, 0.25])


def test_a_web_page_in_place_of_an_answer_is_one_line(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "FIRST_PAUSE", 0.001)
    server.answer = b"<html>Down for maintenance</html>"

    with pytest.raises(ModelError, match="did not answer, 8 times over"):
        TextClassifier.from_endpoint(server.url, "tiny", CHAT).predict(["a film"])


def test_a_time_out_is_tried_again(server: Server) -> None:
    server.faults = ["slow"]
    classifier = TextClassifier.from_endpoint(server.url, "tiny", PROMPT, timeout=0.2)
    assert classifier.predict(ROWS[:1]).labels == ["positive"]
    assert server.sent == 2


def test_what_will_not_pass_is_one_line_without_the_key(server: Server) -> None:
    for status, said in (("401", "OPENAI_API_KEY"), ("404", "refuses the request")):
        server.faults = [status]
        with pytest.raises(ModelError, match=said) as caught:
            TextClassifier.from_endpoint(server.url, "tiny", PROMPT).predict(["a film"])
        assert SECRET not in str(caught.value)
        assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("url", ["http://me:{}@127.0.0.1/v1", "http://127.0.0.1/v1?key={}", "http://", "ftp://{}"])
def test_a_secret_in_the_address_is_refused_and_not_repeated(url: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(OptionError) as caught:
        TextClassifier.from_endpoint(url.format(SECRET), "tiny", PROMPT)
    assert SECRET not in str(caught.value)
    if url.startswith("http"):
        assert run(["audit", url.format(SECRET), "rows.csv", "--prompt", "p.toml"]) == 2
        assert SECRET not in "".join(capfd.readouterr())


def test_a_label_outside_the_top_tokens_is_bounded_and_counted(server: Server) -> None:
    server.others = {" one": 0.03}
    text = "nice nice nice nice nice"  # bad has 0.8 * 0.004, and is not returned
    classifier = TextClassifier.from_endpoint(server.url, "tiny", PROMPT)
    found = classifier.predict([text, "a film"]).probabilities

    good = 0.8 * share(f"Review: {text}")
    bound = min(0.03, 1 - good - 0.05 - 0.03)
    assert found[0, 1] == pytest.approx(bound / (good + bound))
    use = classifier.prompt_info().endpoint
    assert use is not None
    assert (use.answers, use.bounded, use.unanswered) == (2, 1, 0)
    assert use.most_off == pytest.approx(found[0, 1])
    assert found[0, 1] >= 0.8 * (1 - share(f"Review: {text}"))


def test_an_answer_without_any_label_has_no_class(server: Server) -> None:
    classifier = TextClassifier.from_endpoint(server.url, "tiny", PROMPT | {"labels": {"a": [" yes"], "b": [" no"]}})
    found = classifier.predict(["a film"])
    assert found.labels == [None]
    assert np.isnan(found.probabilities).all()
    with pytest.raises(ModelError, match="Choose words"):
        classifier.explain(["a film"])


def test_a_first_piece_stands_for_the_only_class_that_it_begins(server: Server) -> None:
    labels = {"a": [" goodness"], "b": [" badly"]}
    found = TextClassifier.from_endpoint(server.url, "tiny", PROMPT | {"labels": labels}).predict(["a nice film"])
    assert found.probabilities[0, 0] == pytest.approx(share("Review: a nice film"))
    server.others = {" go": 0.1}
    both = {"a": [" going"], "b": [" gone"]}
    unclear = TextClassifier.from_endpoint(server.url, "tiny", PROMPT | {"labels": both}).predict(["a nice film"])
    assert unclear.labels == [None]


def test_without_log_probabilities_answers_are_sampled(server: Server) -> None:
    server.logprobs = False
    with pytest.raises(ModelError, match="--samples"):
        TextClassifier.from_endpoint(server.url, "tiny", CHAT).predict(["a film"])
    classifier = TextClassifier.from_endpoint(server.url, "tiny", CHAT, samples=10)  # the server gives 7 at a time
    found = classifier.predict(["so lovely , so nice"])
    assert found.probabilities[0].sum() == pytest.approx(1)
    assert found.probabilities[0, 0] == pytest.approx(0.9, abs=0.11)
    assert [body["n"] for body in server.bodies[1:]] == [10, 3]
    assert "sampled" in " ".join(classifier.self_test.notes)


def test_words_that_matter_are_found_by_taking_them_out(server: Server) -> None:
    (found,) = TextClassifier.from_endpoint(server.url, "tiny", CHAT).explain(["a nice film"])
    scores = {word.text: word.score for word in found.words}
    whole, without = share("Review: a nice film"), share("Review: a film")
    assert scores["nice"] == pytest.approx(whole - without)
    assert scores["film"] == pytest.approx(0)


def test_batch_calibration_takes_the_mean_of_each_class(server: Server) -> None:
    prompt = PROMPT | {"calibrate": "batch"}
    found = TextClassifier.from_endpoint(server.url, "tiny", prompt, calibrate_on=ROWS).predict(ROWS).logits
    raw = TextClassifier.from_endpoint(server.url, "tiny", PROMPT).predict(ROWS)
    own = np.log(0.8 * raw.probabilities)
    centred = own - own.mean(0)
    assert found[:, 0] - found[:, 1] == pytest.approx(centred[:, 0] - centred[:, 1])


def toml(prompt: dict[str, Any]) -> str:
    labels = "\n".join(f"{name} = {json.dumps(words)}" for name, words in prompt["labels"].items())
    rest = {key: value for key, value in prompt.items() if key != "labels"}
    return "\n".join(f"{key} = {json.dumps(value)}" for key, value in rest.items()) + f"\n[labels]\n{labels}\n"


def order(server: Server, tmp_path: Path) -> list[str]:
    (tmp_path / "prompt.toml").write_text(toml(CHAT), encoding="utf-8")
    rows = [
        f"film {i} is {('nice', 'dull')[i % 2]}{'!' * (i % 3)},{('positive', 'negative')[i % 2]}" for i in range(24)
    ]
    (tmp_path / "rows.csv").write_text("text,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    given = [server.url, str(tmp_path / "rows.csv"), "--prompt", str(tmp_path / "prompt.toml"), "--edits", "100"]
    return ["audit", *given, "--audits", "punctuation,label_order", "--out", str(tmp_path / "run"), "--price", "2"]


def test_an_audit_tells_its_cost_before_it_sends_and_its_key_to_nobody(
    server: Server, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    given = [*order(server, tmp_path), "--fail-on", "never", "--format", "html,markdown,junit,sarif"]
    assert run(given) in (0, 5)
    said = capfd.readouterr()

    first = next(line for line in said.err.splitlines() if "Nothing is sent yet" in line)
    prompts = int(re.findall(r"at most ([\d,]+) prompts", first)[0].replace(",", ""))
    assert server.sent <= prompts <= 1.5 * server.sent
    assert "about $0.0" in first
    assert max(server.asked.values()) == 2  # the self-test's probe alone is asked twice
    assert sum(count > 1 for count in server.asked.values()) == 1
    report = load_report(tmp_path / "run")
    assert report.prompt is not None
    assert report.prompt.endpoint is not None
    assert report.prompt.labels is not None
    assert report.audits["label_order"].verdict != "ERROR"
    for format in ("html", "markdown", "terminal"):
        assert f"{report.prompt.endpoint.answers:,} answers" in REPORTERS[format](report)
    everything = "".join(path.read_text("utf-8", "replace") for path in (tmp_path / "run").iterdir() if path.is_file())
    assert SECRET not in everything + said.out + said.err


def _pay(url: str, prompt: Path, journal: Path) -> None:
    classifier = TextClassifier.from_endpoint(url, None, prompt)
    with Journal(journal, {}) as kept:
        classifier.keeps({}, kept.append)
        classifier.predict([f"film {i} is nice" for i in range(400)])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process is forked: to import all anew would take seconds")
@pytest.mark.filterwarnings("ignore:.*fork")
def test_a_killed_process_has_kept_all_but_what_was_under_way(server: Server, tmp_path: Path) -> None:
    server.pause, file, journal = 0.01, tmp_path / "prompt.toml", tmp_path / "journal"
    file.write_text(toml(CHAT), encoding="utf-8")
    process = multiprocessing.get_context("fork").Process(target=_pay, args=(server.url, file, journal))
    process.start()
    while server.sent < 60 and process.is_alive():
        time.sleep(0.01)
    process.kill()
    process.join()
    time.sleep(0.1)
    server.pause = 0.0

    again = TextClassifier.from_endpoint(server.url, None, file)
    with Journal(journal, {}) as kept:
        again.keeps(Memory.of(kept.blocks()).paid, unkept)
    again.predict([f"film {i} is nice" for i in range(400)])
    assert len(server.asked) == 400
    assert sum(count > 1 for count in server.asked.values()) <= 2 * 8  # two sets of answers on their way


def test_an_interrupted_sitting_keeps_what_was_under_way(server: Server) -> None:
    classifier, kept = TextClassifier.from_endpoint(server.url, "tiny", PROMPT), list[Any]()

    def stop(block: Any) -> None:
        kept.append(block)
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        run_audits(classifier, [{"text": f"film {i}", "label": "positive"} for i in range(40)], "names", on_block=stop)
    assert len(kept) == sum(server.asked.values()) < 40


def test_the_name_of_the_model_is_asked_for_or_stands_behind_the_address(server: Server) -> None:
    TextClassifier.from_endpoint(server.url, None, PROMPT).predict(["a film"])
    assert server.bodies[-1]["model"] == "tiny"
    server.models = ["one", "two"]
    with pytest.raises(OptionError, match="#one"):
        TextClassifier.from_endpoint(server.url, None, PROMPT)
    TextClassifier.from_endpoint(f"{server.url}#two", None, PROMPT).predict(["a film"])
    assert server.bodies[-1]["model"] == "two"


def test_the_other_commands_ask_an_endpoint_too(
    server: Server, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    order(server, tmp_path)
    prompt = ["--prompt", str(tmp_path / "prompt.toml")]
    assert run(["check", server.url, *prompt]) == 0
    assert "two calls give the same answer          holds" in capfd.readouterr().out
    assert run(["explain", server.url, "a nice film", *prompt, "--json"]) == 0
    assert json.loads(capfd.readouterr().out)[0]["words"][1]["score"] > 0.1
    assert run(["counterfactual", server.url, "a dull dull film", *prompt]) == 0
    assert "a film" in capfd.readouterr().out
    for command in (["validate", server.url, str(tmp_path / "rows.csv"), *prompt], ["check", server.url]):
        assert run(command) == 2
        assert len(capfd.readouterr().err.splitlines()) == 1


def test_the_server_of_transformers_is_asked_for_samples(tmp_path: Path) -> None:
    if not is_serve_available():
        pytest.skip("transformers serve needs fastapi and uvicorn")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    tiny, level = language_model("llama"), logging.getLogger("transformers").level
    for part in (tiny.model, tiny.tokenizer):
        part.save_pretrained(tmp_path)
    serve = Serve(str(tmp_path), host="127.0.0.1", port=port, non_blocking=True, log_level="error", device="cpu")
    try:
        address, prompt = f"http://127.0.0.1:{port}", CHAT | {"labels": {"a": ["e"], "b": ["zzzz"]}}
        with pytest.raises(ModelError, match="--samples"):
            TextClassifier.from_endpoint(address, str(tmp_path), prompt).predict(["a film"])
        sampled = TextClassifier.from_endpoint(address, str(tmp_path), prompt, samples=3)
        assert sampled.predict(["a film"]).probabilities.shape == (1, 2)
        assert sampled.prompt_info().endpoint.requests == 3  # type: ignore[union-attr]
    finally:
        serve.kill_server()
        logging.getLogger("transformers").setLevel(level)
