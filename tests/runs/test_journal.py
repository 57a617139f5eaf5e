"""The journal survives a kill: what was finished counts, what was cut does not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from token_saliency.store import Journal, is_journal, read_asked
from token_saliency.store.blocks import Block, Explained, Predicted, Spent, Traced, key_of
from token_saliency.store.trace import TOKEN, Trace

ASKED = {"seed": 0, "model": "abc"}


def predicted(*texts: str) -> Predicted:
    values = np.array([[0.25, 0.75]] * len(texts)) + np.arange(len(texts))[:, None] / 100
    return Predicted(tuple(map(key_of, texts)), values, Spent(len(texts), 0, 7, 0.5))


def traced(*texts: str, error: float | None = 0.125) -> Traced:
    traces = tuple(
        Trace(np.array([(0, n, -0.5 * n, n == 2, 1) for n in range(size)], dtype=TOKEN), error, 9, size, size > 1)
        for size, _ in enumerate(texts)
    )
    return Traced(tuple(map(key_of, texts)), traces, Explained("logit", None, True), Spent(1, 2, 3, 4.0))


def same(one: Block, other: Block) -> bool:
    if isinstance(one, Predicted) and isinstance(other, Predicted):
        return (
            one.keys == other.keys
            and one.spent == other.spent
            and bool((one.probabilities == other.probabilities).all())
        )
    assert isinstance(one, Traced)
    assert isinstance(other, Traced)
    alike = [
        (a.tokens == b.tokens).all() and (a.completeness_error, a.evaluations, a.truncated, a.converged)
        == (b.completeness_error, b.evaluations, b.truncated, b.converged)
        for a, b in zip(one.traces, other.traces, strict=True)
    ]  # fmt: skip
    return one.keys == other.keys and one.spent == other.spent and one.explained == other.explained and all(alike)


BLOCKS: list[Block] = [predicted("a", "b"), traced("a", "b", "c"), traced("d", error=None), predicted("e")]


def written(file: Path) -> Path:
    with Journal(file, ASKED) as journal:
        for block in BLOCKS:
            journal.append(block)
    return file


def read(file: Path) -> list[Block]:
    with Journal(file, ASKED) as journal:
        return journal.blocks()


def test_blocks_are_read_back_as_they_were(tmp_path: Path) -> None:
    found = read(written(tmp_path / "j"))

    assert len(found) == len(BLOCKS)
    assert all(map(same, found, BLOCKS))


def test_nothing_is_made_before_the_first_block(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "run" / "j", ASKED)

    assert journal.blocks() == []
    assert not (tmp_path / "run").exists()


def test_wherever_the_file_is_cut_the_blocks_before_count_and_more_can_follow(tmp_path: Path) -> None:
    whole = written(tmp_path / "whole").read_bytes()
    counts = []
    for length in range(whole.index(b"\n") + 1, len(whole), 97):
        cut = tmp_path / f"cut{length}"
        cut.write_bytes(whole[:length])
        with Journal(cut, ASKED) as journal:
            found = journal.blocks()
            assert all(same(a, b) for a, b in zip(found, BLOCKS, strict=False))
            journal.append(BLOCKS[-1])
        again = read(cut)
        assert [same(a, b) for a, b in zip(again, [*found, BLOCKS[-1]], strict=True)] == [True] * (len(found) + 1)
        counts.append(len(found))
    assert counts[0] == 0
    assert set(counts) == {0, 1, 2, 3}


def test_a_damaged_block_ends_the_journal(tmp_path: Path) -> None:
    file = written(tmp_path / "j")
    content = bytearray(file.read_bytes())
    content[-200] ^= 0xFF
    file.write_bytes(content)

    assert len(read(file)) == len(BLOCKS) - 1


@pytest.mark.parametrize("content", [b"", b"thesis", b"token-saliency journal 1 {", b"token-saliency journal 1 x\n"])
def test_what_is_no_journal_has_asked_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "j").write_bytes(content)

    assert read_asked(tmp_path / "j") is None
    assert read(tmp_path / "j") == []


def test_an_empty_file_or_a_cut_first_line_is_not_ours(tmp_path: Path) -> None:
    whole = written(tmp_path / "whole").read_bytes()
    assert is_journal(tmp_path / "whole")
    for content in (b"", whole[:10], b"thesis"):
        (tmp_path / "cut").write_bytes(content)
        assert not is_journal(tmp_path / "cut")
    assert not is_journal(tmp_path / "missing")


def test_the_first_line_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(TypeError), Journal(tmp_path / "j", {"a": object()}) as journal:
        journal.append(BLOCKS[0])
    assert list(tmp_path.iterdir()) == []


def test_the_journal_says_what_was_asked(tmp_path: Path) -> None:
    assert read_asked(written(tmp_path / "j")) == ASKED
    assert read_asked(tmp_path / "missing") is None


def test_a_kill_right_after_a_block_loses_nothing(tmp_path: Path) -> None:
    script = (
        "import os, signal\nfrom pathlib import Path\nimport numpy as np\n"
        "from token_saliency.store.blocks import Predicted, Spent\nfrom token_saliency.store import Journal\n"
        f"journal = Journal(Path({str(tmp_path / 'j')!r}), {{}})\n"
        "journal.append(Predicted((b'0' * 16,), np.array([[0.5, 0.5]]), Spent()))\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run([sys.executable, "-c", script], cwd=Path(__file__).parents[2], check=False)

    assert ended.returncode == -9
    assert len(read(tmp_path / "j")) == 1
