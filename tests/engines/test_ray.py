"""A real Ray cluster of two nodes answers as this process does; what dies is replaced, and what fails is one line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from tests.prompt.conftest import language_model
from token_saliency import ImageClassifier, Report, TextClassifier, run_audits, run_image_audits
from token_saliency.counterfactual import Ask, study
from token_saliency.engines import Engine, RayCluster
from token_saliency.engines.ray_session import Room, room_for
from token_saliency.errors import ModelError, OptionError
from token_saliency.image.audits.rows import ImageRow
from token_saliency.results import Example
from token_saliency.store import JOURNAL_FILE
from token_saliency.validating.validate import validate

ray = pytest.importorskip("ray", reason="ray is not installed")
pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # the library's own
    pytest.mark.skipif(sys.platform != "linux", reason="clusters of several nodes on one machine are for Linux"),
    pytest.mark.xdist_group("ray"),
]
REPOSITORY = Path(__file__).parents[2]
LARGE = {"object_store_memory": 80_000_000}
TEXTS = [f"{start} {'lazy ' * (i % 7)}dog {chr(97 + i % 26)}" for i in range(40) for start in ("the", "not the")]


class Nodes:
    """A cluster of a head and one more node, of three CPUs each, whose processes find the package and this file."""

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster

        os.environ["PYTHONPATH"] = os.pathsep.join([str(REPOSITORY), str(Path(__file__).parent)])
        head = {"num_cpus": 3, "include_dashboard": False, **LARGE}
        self.cluster: Any = Cluster(initialize_head=True, head_node_args=head)
        self.second = self.add()

    def add(self) -> Any:
        return self.cluster.add_node(num_cpus=3, **LARGE)

    def kill(self, node: Any) -> None:
        self.cluster.remove_node(node, allow_graceful=False)


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", "")
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        found = Nodes()
        patch.setenv("RAY_ADDRESS", found.cluster.address)
        yield found
        ray.shutdown()
        found.cluster.shutdown()


@pytest.fixture(scope="module")
def three(nodes: Nodes) -> Iterator[Engine]:  # noqa: ARG001 - the cluster has to run
    with RayCluster()(number_of, 3, 1) as engine:
        yield engine


@pytest.fixture(scope="module")
def own(leaning: Path) -> TextClassifier:
    return TextClassifier.from_pretrained(str(leaning / "my-model"), device="cpu", batch_tokens=256)


@contextmanager
def roomy() -> Iterator[None]:
    """Two cores that are busy with other tests may start no actor in minutes: the machine's fault, and no verdict."""
    try:
        yield
    except ModelError as error:
        if "gave no room" not in str(error):
            raise
        pytest.skip("the machine is too busy to start a worker of ray")


def number_of(number: int) -> int:
    return number


def unmade(_: int) -> None:
    raise ValueError("lost folder")


def squared(_: int, part: int) -> int:
    return part * part


def node_of(_: int, part: int) -> str:
    time.sleep(0.05)
    return f"{part} {ray.get_runtime_context().get_node_id()}"


def as_tensor(picture: Image.Image) -> torch.Tensor:
    return torch.tensor(np.asarray(picture), dtype=torch.float32).permute(2, 0, 1) / 255


def failing(_: int, part: int) -> None:
    raise ValueError(f"plain {part}")


def dying_once(_: int, part: tuple[int, str]) -> int:
    """The actor that has part 5 is killed, the first time."""
    number, folder = part
    with Path(folder, str(number)).open("a") as asked:
        asked.write("x")
    if number == 5 and Path(folder, "5").stat().st_size == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def deadly(_: int, __: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_every_part_is_answered_once_by_both_nodes_and_few_are_begun_ahead(three: Engine) -> None:
    taken: list[int] = []
    parts = (taken.append(n) or n for n in range(60))  # type: ignore[func-returns-value]
    found = three.map(node_of, parts)
    first = next(found)
    assert len(taken) <= 1 + 2 * three.count
    said = [first, *found]
    assert sorted(part for part, _ in said) == list(range(60))
    assert len({answer.split()[1] for _, answer in said}) == 2
    assert sorted(three.map(squared, range(9))) == [(n, n * n) for n in range(9)]


def test_an_error_names_the_node_and_the_next_call_works(three: Engine) -> None:
    with pytest.raises(ModelError, match=r"A worker on node [\d.]+ \(\w+\) failed: ValueError: plain 7"):
        list(three.map(failing, [7]))
    with pytest.raises(ModelError, match="cannot be handed to a worker process"):
        list(three.map(lambda _, part: part, [threading.Lock()]))
    assert list(three.map(lambda _, part: part, [1])) == [(1, 1)]
    assert list(three.map(squared, [3])) == [(3, 9)]


def test_a_killed_actor_is_replaced_and_only_what_it_had_is_asked_again(three: Engine, tmp_path: Path) -> None:
    found = dict(three.map(dying_once, [(n, str(tmp_path)) for n in range(40)]))
    assert sorted(found.values()) == list(range(40))
    again = [path.name for path in tmp_path.iterdir() if path.stat().st_size > 1]
    assert "5" in again
    assert len(again) <= 2
    assert len(list(three.map(squared, range(20)))) == 20


def test_a_part_that_ends_every_actor_is_one_error(three: Engine) -> None:
    with pytest.raises(ModelError, match="3 workers ended over the same texts"):
        list(three.map(deadly, [1]))
    assert list(three.map(squared, [3])) == [(3, 9)]


def test_a_node_that_dies_takes_nothing_with_it(nodes: Nodes, three: Engine, capfd: pytest.CaptureFixture[str]) -> None:
    found = three.map(node_of, range(60))
    said = [next(found) for _ in range(5)]
    nodes.kill(nodes.second)
    said += found
    assert sorted(part for part, _ in said) == list(range(60))
    nodes.second = nodes.add()
    assert len(list(three.map(squared, range(20)))) == 20
    assert capfd.readouterr().out == "", "what ray says of the dead node is no output of the program"


def test_what_an_actor_cannot_make_names_the_node(three: Engine) -> None:  # noqa: ARG001 - connected
    with (
        pytest.raises(ModelError, match=r"A worker on node .* failed: ValueError: lost folder"),
        RayCluster()(unmade, 1, 1),
    ):
        pytest.fail("never begun")


def test_a_cluster_that_is_too_small_is_one_line(three: Engine) -> None:  # noqa: ARG001 - connected
    with pytest.raises(OptionError, match=r"The Ray cluster has \d CPUs, too few for 90 workers"):
        room_for(90, gpus=True, threads=0)
    assert Room(1, "GPU", 1, "").asked == {"num_gpus": 1, "num_cpus": 0}


def same(one: Report, two: Report) -> None:
    """Every verdict, and every effect to 1e-4."""
    assert two.cost.forward == one.cost.forward
    assert (two.verdict, two.exit_code) == (one.verdict, one.exit_code)
    for name, audit in one.audits.items():
        for claim, other in zip(audit.intervention, two.audits[name].intervention, strict=True):
            assert (other.verdict, other.look) == (claim.verdict, claim.look)
            assert other.effect == pytest.approx(claim.effect, abs=1e-4)


def everything(classifier: Any, rows: Path) -> tuple[Report, Report, list[list[str]], list[bool | None]]:
    """An audit, one with looks, counterfactuals, and checks of the method."""
    how: dict[str, Any] = {"rows_limit": 60, "edits": 200, "discovery": False}
    examples = [Example(str(n), text) for n, text in enumerate(TEXTS[:3])]
    gone = study(classifier, examples, Ask(classifier.default_method), control=False)[0]
    checks = validate(classifier, TEXTS[:4], checks=["repetition", "completeness"], train_steps=0).checks
    return (
        run_audits(classifier, rows, "names,punctuation", **how),
        run_audits(classifier, rows, "punctuation", exhaustive=False, **how),
        [[word.text for word in one.removed] for one in gone],
        [check.passed for check in checks],
    )


def test_an_audit_looks_counterfactuals_and_checks_say_the_same(
    own: TextClassifier,
    leaning: Path,
    three: Engine,  # noqa: ARG001 - connected
) -> None:
    one = everything(own, leaning / "held_out.csv")
    with roomy(), own.workers(3, RayCluster()) as far:
        two = everything(far, leaning / "held_out.csv")
    same(one[0], two[0])
    same(one[1], two[1])
    assert two[2:] == one[2:]
    assert any(one[2])


def test_prompts_and_pictures_say_the_same(three: Engine) -> None:  # noqa: ARG001 - connected
    tiny, labels = language_model("llama"), {"good": [" good"], "bad": [" not"]}
    prompted = TextClassifier.from_prompt(tiny.model, tiny.tokenizer, {"template": "{text}\n", "labels": labels})
    how: dict[str, Any] = {"edits": 100, "discovery": False}
    texts = [f"the film {n} is {('good', 'dull')[n % 2]}{'!' * (n % 3)}" for n in range(12)]
    with roomy(), prompted.workers(1, RayCluster()) as far:
        same(run_audits(prompted, texts, "punctuation", **how), run_audits(far, texts, "punctuation", **how))
    torch.manual_seed(0)
    network = torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(144, 2)
    )
    pictures = ImageClassifier(network.eval(), as_tensor, labels=["a", "b"])
    draw = np.random.default_rng(0)
    made = [Image.fromarray(draw.integers(0, 255, (8, 8, 3), dtype=np.uint8)) for _ in range(6)]
    rows = [ImageRow(str(n), picture, "ab"[n % 2], None) for n, picture in enumerate(made)]
    with roomy(), pictures.workers(1, RayCluster()) as shown:
        same(run_image_audits(pictures, rows, "border"), run_image_audits(shown, rows, "border"))


def test_a_function_says_the_same(three: Engine) -> None:  # noqa: ARG001 - connected
    function = TextClassifier.from_function(lambda texts: [[len(t) / 100, 1 - len(t) / 100] for t in texts], ["a", "b"])
    with roomy(), function.workers(2, RayCluster()) as many:
        assert many.batch_tokens == 2 * function.batch_tokens
        np.testing.assert_array_equal(many.predict(TEXTS).probabilities, function.predict(TEXTS).probabilities)
        assert [a.scores.tolist() for a in many.explain(TEXTS[:3])] == [
            a.scores.tolist() for a in function.explain(TEXTS[:3])
        ]


def test_a_function_that_fails_there_names_the_text(three: Engine) -> None:  # noqa: ARG001 - connected
    def fails(texts: list[str]) -> list[list[float]]:
        if "bad" in texts:
            raise ValueError("no")
        return [[0.5, float("nan")] if "odd" in texts else [0.5, 0.5] for _ in texts]

    with roomy(), TextClassifier.from_function(fails, ["a", "b"]).workers(2, RayCluster()) as many:
        with pytest.raises(ModelError, match=r"raised ValueError on text 30 \(0 is the first\)"):
            many.predict([*TEXTS[:30], "bad"])
        assert many.predict(["odd", "even"]).labels[0] is None
    with pytest.raises(ModelError, match="row '3'"):
        run_audits(TextClassifier.from_function(fails, ["a", "b"]), ["x", "y", "bad"], engine=RayCluster())


def test_a_killed_run_of_a_cluster_goes_on_here(nodes: Nodes, leaning: Path, tmp_path: Path) -> None:
    """The journal of the killed run is used, by another engine."""
    line = [sys.executable, "-m", "token_saliency", "audit", str(leaning / "my-model"), str(leaning / "held_out.csv")]
    line += ["--audits", "names", "--edits", "300", "--quiet", "--out", str(tmp_path / "run")]
    far = [*line, "--engine", "ray", "--workers", "2", "--ray-address", nodes.cluster.address]
    journal, deadline = tmp_path / "run" / JOURNAL_FILE, time.monotonic() + 300
    with subprocess.Popen(far, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None and time.monotonic() < deadline:
            if journal.exists() and journal.stat().st_size > 1000:
                break
            time.sleep(0.005)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert journal.exists()
    ended = subprocess.run(line, capture_output=True, text=True, check=False)
    assert ended.returncode in (0, 1, 5), ended.stderr
    report = json.loads((tmp_path / "run" / "report.json").read_text(encoding="utf-8"))
    assert report["audits"][0]["name"] == "names"
