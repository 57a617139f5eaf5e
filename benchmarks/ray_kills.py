"""The same report after ten kills at random moments: of actors, of a node, and of the process that asks.

`python -m benchmarks.ray_kills`: a function is audited on a Ray cluster of two nodes on this machine, and killed
(SIGKILL) again and again; the same command goes on. Its report stands beside that of one process, and what the
actors were given beside what they are given without a kill: what was in flight is asked twice, and no more.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

from token_saliency import TextClassifier, run_audits
from token_saliency.engines import RayCluster
from token_saliency.store import JOURNAL_FILE
from token_saliency.store.journal import Journal

KINDS = ("an actor", "a node", "the process that asks")
KILLS, ACTORS, BATCH, SAME = 10, 3, 16, 1e-4
SLEEP = 0.01
"""Seconds a text: so that there is a moment to kill."""
_NAMES = ("Linda", "Susan", "Karen", "Kevin", "Brian", "Gary")
ROWS = [
    {"text": f"{_NAMES[n % 6]} said that film {n} was {word}{'!' if n % 4 else '.'}", "label": label}
    for n in range(200)
    for word, label in ((("fine", "good"), ("poor", "bad"))[n % 2],)
]


def leaning(texts: list[str]) -> list[list[float]]:
    """Leans on a mark and on names, slowly; an actor writes down what it was given."""
    if log := os.environ.get("ASKED_LOG"):
        names = " ".join(sha256(text.encode()).hexdigest()[:16] for text in texts)
        with Path(log).open("a", encoding="utf-8") as stream:
            stream.write(f"{names}\n")
        time.sleep(SLEEP * len(texts))
    shares = [0.3 + 0.3 * ("!" in text) + 0.2 * ("Linda" in text) + 0.001 * (len(text) % 100) for text in texts]
    return [[1 - one, one] for one in shares]


def audited(folder: Path, address: str | None) -> None:
    """The command that is killed: goes on from its journal, and leaves its report."""
    function = TextClassifier.from_function(leaning, ["bad", "good"], batch_size=BATCH)
    with Journal(folder / JOURNAL_FILE, {}) as journal:
        how: dict[str, Any] = {"edits": 1500, "seed": 0, "discovery": False, "progress": False}
        how |= {"finished": journal.blocks(), "on_block": journal.append}
        if address is None:
            report = run_audits(function, ROWS, ["names", "punctuation"], **how)
        else:
            with function.workers(ACTORS, RayCluster(address)) as far:
                report = run_audits(far, ROWS, ["names", "punctuation"], **how)
    report.save(str(folder))


def claims(folder: Path) -> list[tuple[tuple[str, ...], float]]:
    """What was said of each claim, and its effect."""
    report: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return [
        ((audit["name"], claim["claim"], str(claim["between"]), claim["verdict"]), claim["effect"])
        for audit in report["audits"]
        for claim in audit["intervention"]
    ]


def asked(log: Path) -> Counter[str]:
    """How often an actor was given each text."""
    return Counter(log.read_text(encoding="utf-8").split()) if log.exists() else Counter()


class Cluster:
    """A head and one more node; whatever an actor is given stands in the log."""

    def __init__(self, log: Path) -> None:
        from ray.cluster_utils import Cluster as Nodes

        os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "ASKED_LOG": str(log)}
        self.room: dict[str, Any] = {"num_cpus": ACTORS, "object_store_memory": 80_000_000}
        self.nodes: Any = Nodes(initialize_head=True, head_node_args={**self.room, "include_dashboard": False})
        self.second = self.nodes.add_node(**self.room)
        del os.environ["ASKED_LOG"]  # the process that asks writes nothing down
        self.log = log

    def start(self, folder: Path) -> subprocess.Popen[bytes]:
        """The command."""
        line = [sys.executable, "-m", "benchmarks.ray_kills", "--run", str(folder), "--address", self.nodes.address]
        return subprocess.Popen(line)

    def kill(self, kind: str, process: subprocess.Popen[bytes], draw: random.Random) -> bool:
        """Whether there was one to kill."""
        if kind == "a node":
            self.nodes.remove_node(self.second, allow_graceful=False)
            os.environ["ASKED_LOG"] = str(self.log)
            self.second = self.nodes.add_node(**self.room)
            del os.environ["ASKED_LOG"]
        elif kind == "an actor":
            if not (there := actors()):
                return False
            os.kill(draw.choice(there), signal.SIGKILL)
        else:
            process.kill()
            process.wait()
        return True


def actors() -> list[int]:
    """The actors on this machine that answer now or wait for work."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,args="], capture_output=True, text=True, check=True).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if "ray::Actor" in line]


def killed(cluster: Cluster, folder: Path) -> list[str]:
    """Ten kills while texts are asked, then the command to its end; what was killed."""
    draw = random.Random(0)
    kinds = [KINDS[n % len(KINDS)] for n in range(KILLS)]
    draw.shuffle(kinds)
    process, done = cluster.start(folder), list[str]()
    for kind in kinds:
        before = asked(cluster.log).total()
        while process.poll() is None and asked(cluster.log).total() == before:
            time.sleep(0.05)
        time.sleep(draw.uniform(0, 2))
        if process.poll() is not None:
            break
        texts = asked(cluster.log).total()
        if cluster.kill(kind, process, draw):
            done.append(kind)
            print(f"kill {len(done)}: {kind}, after {texts:,} texts", flush=True)
        if process.poll() is not None:
            process = cluster.start(folder)
    if process.wait():
        raise SystemExit(f"the command ended with {process.returncode}")
    return done


def in_flight(kind: str, folder: Path) -> int:
    """So many texts may be on their way at a kill: two parts an actor, or a block of the journal."""
    if kind == KINDS[2]:
        return max(len(block.keys) for block in Journal(folder / JOURNAL_FILE, {}).blocks())
    return 2 * BATCH * (ACTORS if kind == KINDS[1] else 1)


def main() -> None:
    """Prints each kill, whether the reports are the same, and how many texts were asked again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, help="Used by the script itself.")
    parser.add_argument("--address")
    given = parser.parse_args()
    if given.run:
        audited(given.run, given.address)
        return
    with tempfile.TemporaryDirectory() as place:
        alone, whole, far = (Path(place, name) for name in ("alone", "whole", "far"))
        for folder in (alone, whole, far):
            folder.mkdir()
        audited(alone, None)
        cluster = Cluster(Path(place, "asked"))
        try:
            if cluster.start(whole).wait():
                raise SystemExit("the command failed without a kill")
            usual = asked(cluster.log)
            cluster.log.unlink()
            kills = killed(cluster, far)
            again = asked(cluster.log)
        finally:
            cluster.nodes.shutdown()
        pairs = [list(zip(claims(alone), claims(one), strict=True)) for one in (whole, far)]
        same = all(a[0] == b[0] and abs(a[1] - b[1]) <= SAME for own in pairs for a, b in own)
        twice = sum((again - usual).values())
        told = "the same report" if same else "ANOTHER REPORT"
        print(f"{len(kills)} kills: {told}; {usual.total():,} texts asked without them")
        most = sum(in_flight(kind, far) for kind in kills)
        print(f"asked again: {twice:,} texts; in flight at the kills were at most {most:,}")


if __name__ == "__main__":
    main()
