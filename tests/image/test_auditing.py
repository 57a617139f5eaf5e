"""Region audits find the habit that a model has, and no other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from tests.image.conftest import to_pixels
from token_saliency import DataError, ImageClassifier, OptionError, run_image_audits
from token_saliency.auditing.definitions.reader import load_audits
from token_saliency.auditing.definitions.region_audits import load_image_audits
from token_saliency.auditing.judging.shifts import Pairs, ShiftTest, _beyond_control
from token_saliency.auditing.regions import SEVERAL
from token_saliency.drawing.facts import ROUGH
from token_saliency.image.audits.rows import ImageRow
from token_saliency.report import Report
from token_saliency.shared.state import AUTOCAST

Reader = Callable[[str], ImageClassifier]


def audited(classifier: ImageClassifier, rows: list[ImageRow], **options: object) -> Report:
    return run_image_audits(classifier, rows, method="gradient", **options)  # type: ignore[arg-type]


FOUND_BY = {"corner": "corners", "border": "border", "background": "background", "colour_cast": "colour_cast"}


@pytest.mark.parametrize("habit", sorted(FOUND_BY))
def test_a_habit_is_found_by_its_audit(reader: Reader, labelled: list[ImageRow], habit: str) -> None:
    report = audited(reader(habit), labelled, audits=[FOUND_BY[habit]])
    result = report.audits[FOUND_BY[habit]]

    assert result.verdict == "FAIL", result.reason
    assert (report.verdict, report.exit_code) == ("FAIL", 1)
    judged = [finding for finding in result.intervention if finding.judged and finding.verdict == "FAIL"]
    assert judged[0].effect > 0.2
    assert judged[0].control is not None
    assert judged[0].effect - judged[0].control > 0.1
    assert judged[0].flip_rate > 0.2


def test_blur_is_found_where_half_of_the_pictures_are_blurred(reader: Reader) -> None:
    from PIL import ImageFilter

    rng = np.random.default_rng(0)
    rows = []
    for i in range(90):
        noise = Image.fromarray(rng.integers(0, 256, (32, 32, 3), dtype=np.uint8))
        rows.append(ImageRow(str(i), noise.filter(ImageFilter.GaussianBlur(2)) if i % 2 else noise, "dark"))
    report = audited(reader("blur"), rows, audits=["blur", "corners"])

    assert report.audits["blur"].verdict == "FAIL", report.audits["blur"].reason
    assert report.audits["corners"].verdict == "PASS", report.audits["corners"].reason


def test_a_model_that_looks_at_the_object_passes_all_regions(reader: Reader, labelled: list[ImageRow]) -> None:
    report = audited(reader("object"), labelled)

    verdicts = {name: result.verdict for name, result in report.audits.items()}
    assert {name: verdicts[name] for name in ("border", "corners", "background")} == {
        "border": "PASS",
        "corners": "PASS",
        "background": "PASS",
    }
    assert "FAIL" not in verdicts.values(), verdicts


def test_the_corner_with_the_mark_is_named(reader: Reader, labelled: list[ImageRow]) -> None:
    result = audited(reader("corner"), labelled, audits=["corners"]).audits["corners"]
    failing = {f.between[0] for f in result.intervention if f.judged and f.verdict == "FAIL" and f.between}

    assert failing == {"top left corner"}
    assert "top left corner" in result.reason
    assert "the predicted class" in result.reason
    assert result.worst_items[0].item == "top left corner"


def test_attribution_stands_beside_the_verdict(reader: Reader, labelled: list[ImageRow]) -> None:
    audits = audited(reader("corner"), labelled[:40], audits=["corners", "background"]).audits
    share, ground = audits["corners"].attribution, audits["background"].attribution

    assert share is not None
    assert share.share == pytest.approx(1)
    assert share.expected_share == pytest.approx(0.0625)  # of the corner that decided, not of all four
    assert share.placebo_share == pytest.approx(0)
    assert ground is not None
    assert ground.share == pytest.approx(1)  # in which the corner lies
    assert ground.expected_share == pytest.approx(1 - 144 / 1024)


def test_a_picture_that_cannot_be_read_is_counted_and_left_out(
    reader: Reader, labelled: list[ImageRow], tmp_path: Path
) -> None:
    cut = tmp_path / "cut.png"
    cut.write_bytes(b"\x89PNG\r\n\x1a\nno more")
    bad = [ImageRow("bad", cut, "dark"), ImageRow("gone", tmp_path / "gone.png", "dark")]
    report = audited(reader("corner"), [*labelled[:40], *bad], audits=["corners"])
    hidden = audited(reader("corner"), [*labelled[:40], *bad], audits=["corners"], redact=True)

    assert report.dataset.rows_used == 40
    (note,) = [one for one in report.warnings if "cannot be read" in one]
    assert note.startswith("2 of 42 pictures cannot be read and are left out: ")
    assert "cut.png" in note
    assert not any("cut.png" in one for one in hidden.warnings)
    with pytest.raises(DataError, match=r"cut\.png"):
        audited(reader("corner"), bad[:1])


def test_order_and_batch_size_change_nothing(reader: Reader, labelled: list[ImageRow]) -> None:
    classifier = reader("corner")
    other = ImageClassifier(classifier.model, classifier.preprocess, labels=classifier.labels, batch_size=3)
    left, right = audited(classifier, labelled[:40]), audited(other, labelled[39::-1])

    assert left.dataset == right.dataset
    for name, result in left.audits.items():
        again = right.audits[name]
        assert (result.verdict, result.reason) == (again.verdict, again.reason)
        effects = [[finding.effect for finding in one.intervention] for one in (result, again)]
        assert effects[0] == pytest.approx(effects[1], abs=1e-5)


def test_copies_of_one_picture_are_one_document(reader: Reader, labelled: list[ImageRow]) -> None:
    copies = [ImageRow(f"{i}", row.source.resize((64, 64)), row.label) for i, row in enumerate(labelled[:4])]
    copies += [ImageRow(f"copy {i}", one.source.resize((65 + i, 64)), one.label) for i, one in enumerate(copies * 10)]
    result = audited(reader("corner"), copies, audits=["corners"]).audits["corners"]

    assert result.verdict == "INCONCLUSIVE"  # forty pictures, and no more than four looks


def test_too_few_pictures_decide_nothing(reader: Reader, labelled: list[ImageRow]) -> None:
    report = audited(reader("corner"), labelled[:10], audits=["corners"])

    assert (report.verdict, report.exit_code) == ("INCONCLUSIVE", 5)
    assert audited(reader("corner"), labelled[:10], audits=["corners"], allow_inconclusive=True).exit_code == 0


def test_a_doubt_about_pictures_may_leave_nothing_decided(reader: Reader, labelled: list[ImageRow]) -> None:
    turned = {"dark": "bright", "bright": "dark"}
    said = reader("object").predict([row.source for row in labelled]).labels
    swapped = [replace(row, label=turned[str(guess)]) for row, guess in zip(labelled, said, strict=True)]
    codes = {}
    for asked in ("note", "undecided"):
        report = audited(reader("object"), swapped, audits=["corners"], on_doubt=asked)
        assert "less than chance" in report.doubts[0]
        codes[asked] = report.exit_code
    assert codes == {"note": 0, "undecided": 5}
    with pytest.raises(OptionError, match="on_doubt"):
        audited(reader("object"), labelled, on_doubt="maybe")


def test_without_boxes_the_background_is_not_run_and_says_so(reader: Reader, labelled: list[ImageRow]) -> None:
    bare = [ImageRow(row.id, row.source, row.label) for row in labelled]
    report = audited(reader("object"), bare)

    assert "background" not in report.audits
    assert any("background: not run" in warning for warning in report.warnings)
    asked = audited(reader("object"), bare, audits=["background"])
    assert asked.exit_code == 5
    assert any("background: not run" in warning for warning in asked.warnings)


def test_a_crash_is_an_error_and_never_a_pass(reader: Reader, labelled: list[ImageRow]) -> None:
    rows = [ImageRow(row.id, row.source, row.label, mask="nowhere.png") for row in labelled]
    report = audited(reader("object"), rows, audits=["background", "corners"])

    assert report.audits["background"].verdict == "ERROR"
    assert "There is no image at" in report.audits["background"].reason
    assert report.audits["corners"].verdict == "PASS"
    assert report.exit_code == 2


def test_edited_pictures_stand_in_the_page_and_nothing_else_is_let_in(reader: Reader, labelled: list[ImageRow]) -> None:
    report = audited(reader("corner"), labelled, audits=["corners"])
    page = report.to_html()

    assert page.count('<img src="data:image/jpeg;base64,') == 8
    assert "img-src data:;" not in page.partition("img-src data:")[0]
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert "img-src data:" in page
    assert len(page) < 2_000_000
    pictures = report.audits["corners"].pictures
    assert all(0 <= one.after <= 1 and not one.placebo for one in pictures)


def test_what_is_no_picture_never_becomes_a_source() -> None:
    from token_saliency.reporters.page.pictures import source_of

    assert source_of("data:image/jpeg;base64,AAAA") != ""
    for hostile in ("javascript:alert(1)", "https://example.org/a.png", 'data:image/jpeg;base64,A" onerror="x', ""):
        assert source_of(hostile) == ""
    assert source_of("data:image/svg+xml;base64,AAAA") == ""


def test_the_caller_is_told_what_does_not_exist(reader: Reader, labelled: list[ImageRow]) -> None:
    with pytest.raises(OptionError, match="Unknown image audit 'corner'"):
        audited(reader("corner"), labelled, audits=["corner"])
    with pytest.raises(OptionError, match="image audit in the configuration"):
        audited(reader("corner"), labelled, config={"names": {"margin": 0.1}})
    with pytest.raises(DataError, match="no pictures"):
        audited(reader("corner"), [])
    with pytest.raises(DataError, match="no class of the model: 'cat'"):
        audited(reader("corner"), [ImageRow("a", Image.new("RGB", (8, 8)), "cat")])


def test_margin_and_level_are_the_users(reader: Reader, labelled: list[ImageRow]) -> None:
    config = {"corners": {"level": "warn"}, "border": {"level": "off"}}
    report = audited(reader("corner"), labelled, audits=["corners", "border"], config=config)

    assert report.audits["corners"].verdict == "WARN"
    assert set(report.audits) == {"corners"}
    assert any("border is off" in warning for warning in report.warnings)


def test_region_audits_are_no_audits_of_texts() -> None:
    assert set(load_image_audits()) == {"border", "corners", "background", "colour_cast", "blur"}
    assert not set(load_image_audits()) & set(load_audits())


@pytest.mark.parametrize(
    "options",
    [
        {"margin": -3},
        {"margin": "big"},
        {"margin": float("nan")},
        {"level": "loud"},
        {"min_rows": -5},
        {"width": 1},
    ],
)
def test_what_no_audit_may_have_is_refused(
    reader: Reader, labelled: list[ImageRow], options: dict[str, object]
) -> None:
    with pytest.raises(OptionError, match=next(iter(options))):
        audited(reader("corner"), labelled, config={"corners": options})
    with pytest.raises(OptionError, match="audits is empty"):
        audited(reader("corner"), labelled, audits=[])


def test_the_areas_and_fillings_of_definitions_are_those_that_exist() -> None:
    from token_saliency.auditing.audit import EXCHANGE, PICTURE_EDITS
    from token_saliency.auditing.definitions.region_audits import REGIONS
    from token_saliency.image.audits.areas import AREAS
    from token_saliency.image.pixels.fills import FILLS

    assert set(PICTURE_EDITS) == {*FILLS, EXCHANGE}
    assert set(REGIONS) == {*AREAS, "background"}


def test_a_control_whose_edit_only_one_of_two_runs_has_is_left_out() -> None:
    test = ShiftTest({"a": 0, "b": 1, "c": 2, "d": 3}, 0.05, 1, (0, "corners"), 0.05)
    effects, control = np.array([0.3, 0.5, 0.4]), np.array([0.1, 0.0, 0.1, 0.9])
    more = _beyond_control(Pairs(["a", "b", "c"], effects, ["a", "b", "c", "d"], control), test)

    assert more is not None
    assert more == pytest.approx(_beyond_control(Pairs(["a", "b", "c"], effects, ["a", "b", "c"], control[:3]), test))


def test_a_callers_autocast_is_told_in_the_report(reader: Reader, labelled: list[ImageRow]) -> None:
    with torch.autocast("cpu", dtype=torch.bfloat16), pytest.warns(UserWarning, match="autocast"):
        report = audited(reader("object"), labelled[:4], audits=["corners"])
    assert AUTOCAST in report.warnings


class Labels(torch.nn.Module):
    """`object` and `tag`, each with a sigmoid of its own: the tag is read off the top left corner."""

    def __init__(self) -> None:
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(12.0))
        self.config = SimpleNamespace(problem_type="multi_label_classification")

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        places = (pixels[:, :, 12:20, 12:20], pixels[:, :, :5, :5], pixels[:, :, 8:10, 8:10] * 0)
        return self.gain * (torch.stack([place.mean((1, 2, 3)) for place in places], 1) - 0.5)


def labels_of(probabilities: Sequence[float]) -> set[int]:
    return {i for i, p in enumerate(probabilities) if p >= 0.5} or {int(np.argmax(probabilities))}


def test_every_label_that_a_picture_is_given_is_judged(labelled: list[ImageRow]) -> None:
    names = ["object", "tag", "never"]
    classifier = ImageClassifier(Labels(), to_pixels, labels=names, batch_size=64)
    report = audited(classifier, [replace(row, label=None) for row in labelled], audits=["corners"])
    given = classifier.predict([row.picture() for row in labelled]).probabilities >= 0.5
    both = given[:, 0] & given[:, 1]
    corner = {f.between[0]: f for f in report.audits["corners"].intervention if f.judged and f.between}[
        "top left corner"
    ]
    assert report.evidence is not None
    rows, edits = list(report.evidence[0]), list(report.evidence[1])
    judged = [e for e in edits if (e.item, e.operator, e.placebo) == ("top left corner", "inpaint", False)]
    lost, gone = [], []
    for row in rows:
        (edit,) = (one for one in judged if one.row == row.id)
        own = labels_of(row.probabilities)
        lost.append(np.mean([row.probabilities[i] - edit.after[i] for i in own]))
        gone.append(not own <= labels_of(edit.after))

    assert both.sum() > 10
    assert SEVERAL in report.warnings
    assert corner.effect == pytest.approx(np.mean(lost), abs=1e-3)
    assert corner.flip_rate == pytest.approx(np.mean(gone), abs=1e-3)
    assert corner.verdict in ("WARN", "FAIL")


def test_a_map_that_is_not_converged_says_so_in_the_attribution_and_in_the_report(
    reader: Reader, labelled: list[ImageRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    classifier = reader("corner")
    pictures = [row.picture() for row in labelled[:4]]
    asked = partial(classifier.explain, method="integrated_gradients", output="probability")
    (rough,), (fine,) = (
        asked(pictures[:1], options=options)
        for options in ({"intervals": 1, "cap": 2, "tolerance": 1e-9}, {"cap": 4096})
    )
    assert (rough.converged, ROUGH in rough.notes) == (False, True)
    assert (fine.converged, ROUGH in fine.notes) == (True, False)

    monkeypatch.setattr(
        classifier,
        "explain",
        lambda given, *_, **__: asked(given, options={"intervals": 1, "cap": 2, "tolerance": 1e-9}),
    )
    report = audited(classifier, labelled[:4], audits=["corners"])
    assert "4 of 4 maps did not reach their tolerance (scores are rougher)." in report.warnings
