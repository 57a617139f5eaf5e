"""Every format is found by its name and knows its file."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest

from token_saliency.errors import OptionError, unknown
from token_saliency.reporters import FILES, REPORTERS, format_name


def test_every_format_has_a_file_and_every_file_a_format() -> None:
    assert set(REPORTERS) == set(FILES)
    assert len(set(FILES.values())) == len(FILES)


@pytest.mark.parametrize("name", sorted(REPORTERS))
def test_a_format_renders_every_report_the_same_each_time(make: SimpleNamespace, name: str) -> None:
    for build in make.REPORTS.values():
        text = REPORTERS[name](build())
        assert text.endswith("\n")
        assert text == REPORTERS[name](build())


@pytest.mark.parametrize("name", sorted(REPORTERS))
def test_a_format_name_may_be_written_either_way(name: str) -> None:
    assert format_name(name.replace("_", "-")) == name
    assert format_name(f" {name.replace('-', '_').upper()} ") == name


def test_an_unknown_format_names_the_nearest_one() -> None:
    with pytest.raises(
        OptionError, match=r"Unknown format 'htm'. Did you mean 'html'\? Known: github, gitlab, html, json"
    ):
        format_name("htm")


def test_a_name_that_is_like_none_is_answered_by_the_list_alone() -> None:
    assert "Did you mean" not in str(unknown("method", "gradcam", ["gradient", "random", "occlusion"]))


def test_the_formats_import_no_model_library() -> None:
    program = "import sys, token_saliency.reporters; print([m for m in ('torch', 'transformers') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
