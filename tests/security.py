"""The attacks of docs/security.md: what was tried, by which test, how often, and whether it held.

`python -m tests.security` runs these tests and writes the counts into the page; `tests/test_security_page.py` holds the
page against this list.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "security.md"
START, END = "<!-- attacks -->", "<!-- /attacks -->"

ATTACKS: dict[str, tuple[str, ...]] = {
    "Two starts into one folder, by any spelling; a link or pipe in its place; a reader meanwhile": (
        "runs/test_lock.py",
        "cli/test_alone.py",
    ),
    "A folder of somebody else, also with an empty or nested record in it": (
        "cli/test_folder.py",
        "runs/test_journal.py::test_an_empty_file_or_a_cut_first_line_is_not_ours",
    ),
    "Files for hands, and files of others, beside a run": ("cli/test_alone.py",),
    "A change anywhere in an input": ("runs/test_fingerprints.py",),
    "A function that fails for a while, fails on one text, or is noisy": (
        "text/test_passing_faults.py",
        "text/test_function.py::test_noise_is_told_from_company_and_costs_no_call_a_text",
        "text/test_function.py::test_company_that_moves_a_noisy_answer_is_found",
    ),
    "`--redact`: a planted vocabulary, sought in all formats, errors, logs and temporary files, after a kill too": (
        "cli/test_redacted.py",
        "auditing/test_redaction.py",
        "cli/test_resume.py::test_no_file_of_a_redacted_run_holds_a_word_of_the_rows",
    ),
    "An audit that reads files elsewhere, or quotes them": (
        "auditing/test_definition.py::test_an_audit_reads_word_lists_below_its_own_folder_only",
    ),
    "Hostile strings at every place of a record, in every format": (
        "reporters/test_inert.py",
        "reporters/test_safe.py",
    ),
    "Hostile rows through whole commands": ("cli/test_hostile_rows.py", "cli/test_console.py"),
    "A flipped bit, a cut or nested record, numbers that are none": (
        "runs/test_tables.py::test_a_flipped_bit_in_a_table_is_found_wherever_it_lies",
        "runs/test_records.py::test_a_file_that_is_no_report_is_one_clear_line",
        "runs/test_records.py::test_a_number_that_is_not_finite_is_refused_with_its_place",
    ),
    "Few files, little memory, a full disk, names that are no text": (
        "cli/test_limited.py",
        "runs/test_records.py::test_saving_to_a_place_that_cannot_be_written_is_one_clear_line",
    ),
    "Signals and kills, also as the files are written": (
        "cli/test_stopping.py",
        "runs/test_parts.py",
        "cli/test_kills.py",
        "cli/test_resume.py::test_a_killed_process_leaves_a_journal_that_the_same_command_finishes",
    ),
    "Rows of any length, tables of any width": (
        "data/test_columns.py::test_a_table_of_a_hundred_thousand_columns_says_what_it_is",
        "data/test_columns.py::test_a_csv_of_a_hundred_thousand_columns_says_what_it_is",
        "data/test_long_cells.py",
    ),
    "`torch.autocast` where the package is called": ("text/test_callers_settings.py",),
    "Pipes, devices, files that unpack without end, keys that stand twice": ("data/test_hostile_files.py",),
    "Settings that let others run code": ("cli/test_config.py::test_no_file_lets_others_run_code_here",),
    "Wrong input of every kind": ("cli/test_bad_input.py", "data/test_files.py", "data/test_separated.py"),
    "Drawn input: CSV, JSON, Parquet, TOML, records": ("benchmarks/test_fuzz.py",),
    "A model that brings pickles, code, pipes, or half of its weights": ("text/test_no_code.py",),
}
"""What is tried, and the tests (files, or single ones) below `tests/` that try it."""


def table(counts: dict[str, tuple[int, int]]) -> str:
    """The table of the page."""
    lines = ["| what is tried | tests | tried | held |", "| --- | --- | ---: | ---: |"]
    for what, tests in ATTACKS.items():
        listed = ", ".join(f"`{test}`" for test in tests)
        lines.append(f"| {what} | {listed} | {' | '.join(str(one) for one in counts[what])} |")
    tried, held = (sum(count[i] for count in counts.values()) for i in (0, 1))
    return "\n".join([*lines, f"| **all** | | **{tried}** | **{held}** |"])


def written(page: str, rows: str) -> str:
    """The page with the table between its marks."""
    begin, end = page.index(START) + len(START), page.index(END)
    return f"{page[:begin]}\n{rows}\n{page[end:]}"


def counted() -> dict[str, tuple[int, int]]:
    """(tried, held) of each: the tests are run; one that is skipped here was not tried."""
    names = sorted({f"tests/{test}" for tests in ATTACKS.values() for test in tests})
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "junit.xml"
        words = [sys.executable, "-m", "pytest", "-q", "-n", "0", f"--junitxml={file}", *names]
        subprocess.run(words, cwd=ROOT, check=False)
        cases = list(ET.parse(file).iter("testcase"))
    return {what: _sums(cases, tests) for what, tests in ATTACKS.items()}


def _sums(cases: list[ET.Element], tests: tuple[str, ...]) -> tuple[int, int]:
    own = [case for case in cases if any(_is_of(case, test) for test in tests) and case.find("skipped") is None]
    return len(own), sum(case.find("failure") is None and case.find("error") is None for case in own)


def _is_of(case: ET.Element, test: str) -> bool:
    file, _, name = test.partition("::")
    module = "tests." + file.removesuffix(".py").replace("/", ".")
    return case.get("classname") == module and (
        not name or re.sub(r"\[.*", "", case.get("name", ""), flags=re.S) == name
    )


def main() -> None:
    """Runs the tests and writes the page."""
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), table(counted())), encoding="utf-8")


if __name__ == "__main__":
    main()
