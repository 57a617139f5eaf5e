"""`image explain MODEL IMAGE...` and `image audit MODEL DATA`: the companion for pictures."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from token_saliency.cli.console import stderr, stdout
from token_saliency.cli.options import arguments, values
from token_saliency.cli.options.grouped import grouped
from token_saliency.cli.options.groups import AuditOptions, ModelOptions, OutputOptions, RowsOptions
from token_saliency.cli.running import folder
from token_saliency.cli.running.auditing import EXIT_CODES, merged
from token_saliency.cli.running.progress import progress
from token_saliency.drawing.safe import printable
from token_saliency.errors import OptionError
from token_saliency.reporters.page.html import render_pictures
from token_saliency.reporters.page.pictures import ExplainedPicture
from token_saliency.reporters.terminal import print_report
from token_saliency.results import Report
from token_saliency.store import save_report
from token_saliency.store.files import replaced, written_together

if TYPE_CHECKING:
    from token_saliency.image.attribution import ImageAttribution
    from token_saliency.image.classifier import ImageClassifier

DEFAULT_FOLDER = Path("token-saliency-image-run")
_THREE_HUNDRED = RowsOptions(rows="300")

Blank = Literal["black", "white", "mean", "blur", "noise"]
Images = Annotated[
    list[str], typer.Argument(metavar="IMAGE...", help="Pictures: PNG, JPEG, WebP ...", show_default=False)
]
Pictures = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="A folder of class folders, or a CSV: path, label, and left, top, right, bottom or mask of the object.",
        show_default=False,
    ),
]
ImageMethod = Annotated[str, typer.Option("--method", help="grad_cam, integrated_gradients, occlusion ...")]
Layer = Annotated[
    str | None, typer.Option("--layer", metavar="NAME", help="The layer of grad_cam.", show_default=False)
]
Start = Annotated[Blank, typer.Option("--baseline", help="What stands for no information.")]
OutFolder = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Write overlays as PNG files here.", show_default=False)
]
HtmlFile = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write a page with the overlays here.", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print numbers and regions as JSON.")]
AuditNames = Annotated[
    str | None,
    typer.Option(
        "--audits",
        metavar="NAME,...",
        help="Of border, corners, background, colour_cast, blur; all if left out.",
        show_default=False,
    ),
]
Output = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="The run directory.", show_default=False)]

Machine = Annotated[ModelOptions, "device", "trust_remote_code"]

image = typer.Typer(help="The companion for image classifiers: which regions a decision rests on.")


@image.command()
@grouped
def explain(
    model: arguments.Model,
    images: Images,
    method: ImageMethod = "grad_cam",
    target: arguments.Target = "predicted",
    layer: Layer = None,
    baseline: Start = "black",
    out: OutFolder = None,
    html: HtmlFile = None,
    as_json: AsJson = False,
    seed: arguments.Seed = 0,
    *,
    machine: Machine,
) -> None:
    """Show which pixels of each IMAGE the decision of MODEL rests on."""
    folder.claim_file(html)
    classifier = _classifier(model, machine)
    aim = values.target(target, classifier.labels, ("predicted",))
    found = classifier.explain(images, method, aim, layer=layer, baseline=baseline, seed=seed)
    if out is not None:
        _write_overlays(out, images, found)
    if html is not None:
        written_together({html: _page(images, found)})
    if as_json:
        sys.stdout.write(json.dumps([_plain(name, one) for name, one in zip(images, found, strict=True)]) + "\n")
        return
    for name, one in zip(images, found, strict=True):
        typer.echo(printable(_line(name, one)))
    for place in (out, html):
        if place is not None:
            typer.echo(f"written: {printable(str(place))}")


@image.command()
@grouped
def audit(
    model: arguments.Model,
    data: Pictures,
    audits: AuditNames = None,
    method: ImageMethod = "grad_cam",
    baseline: Start = "black",
    *,
    rows: Annotated[RowsOptions, "rows"] = _THREE_HUNDRED,
    judging: Annotated[AuditOptions, "margin", "level"],
    seed: arguments.Seed = 0,
    out: Output = None,
    output: Annotated[OutputOptions, "fail_on", "allow_inconclusive", "quiet"],
    machine: Machine,
) -> int:
    """Audit which regions MODEL decides by: 0 nothing found, 1 findings, 2 could not run, 5 undecided."""
    place, limit = folder.claim(out or DEFAULT_FOLDER), values.rows_limit(rows.rows)
    names = None if audits is None else values.names("--audits", audits)
    from token_saliency.auditing.definitions.regions import load_image_audits
    from token_saliency.image.audits.run import run_image_audits  # imports torch

    known = list(load_image_audits(names))
    config = merged(values.margins(judging.margin, known), values.levels(judging.level, known))
    with progress(stderr(output.quiet)) as on_progress:
        report = run_image_audits(
            _classifier(model, machine),
            data,
            names,
            rows_limit=limit,
            seed=seed,
            method=method,
            baseline=baseline,
            config=config,
            fail_on=output.fail_on or "fail",
            allow_inconclusive=bool(output.allow_inconclusive),
            command=f"token-saliency image audit {model} {data}",
            on_progress=on_progress,
        )
    save_report(report, place)
    return _ended(report, place, quiet=output.quiet)


def _ended(report: Report, place: Path, *, quiet: bool) -> int:
    if not quiet:
        print_report(report, stdout(), place)
    typer.echo(f"{report.verdict}, exit code {report.exit_code}: {EXIT_CODES[report.exit_code]}.")
    return report.exit_code


def _classifier(model: str, machine: ModelOptions) -> ImageClassifier:
    from token_saliency.image.classifier import ImageClassifier  # imports torch

    return ImageClassifier.from_pretrained(model, device=machine.device, trust_remote_code=machine.trust_remote_code)


def _write_overlays(out: Path, images: list[str], found: list[ImageAttribution]) -> None:
    """One PNG a picture, numbered, so that two of one name do not meet."""
    if out.exists() and not out.is_dir():
        raise OptionError(f"--out {str(out)!r} is a file. Choose a folder.")
    for number, (name, one) in enumerate(zip(images, found, strict=True)):
        with replaced(out / f"{number:03d}-{Path(name).stem}-{one.method}.png") as part:
            one.overlay().save(part, "PNG")


def _page(images: list[str], found: list[ImageAttribution]) -> str:
    from token_saliency.image.pixels.strips import strip  # imports PIL

    views = [
        ExplainedPicture(
            source=strip([one.image, one.overlay()], height=224),
            name=name,
            predicted=one.predicted,
            target=one.target,
            facts=tuple(_facts(one)),
            remarks=one.notes,
        )
        for name, one in zip(images, found, strict=True)
    ]
    return render_pictures(views, "Coloured pictures", "")


def _facts(one: ImageAttribution) -> list[str]:
    facts = [one.method, f"{one.output} {one.output_value:+z.3f}"]
    return facts + [f"layer {one.layer}"] * bool(one.layer) + [f"baseline {one.baseline}"] * bool(one.baseline)


def _line(name: str, one: ImageAttribution) -> str:
    regions = "; ".join(
        f"{region.share:.0%} in ({', '.join(f'{edge:.0f}' for edge in region.box)})" for region in one.regions[:3]
    )
    about = f"{name}: {one.predicted}, explained: {one.target} ({', '.join(_facts(one))})"
    return " ".join([about, f"brightest: {regions or 'nothing'}", *one.notes])


def _plain(name: str, one: ImageAttribution) -> dict[str, Any]:
    """What a program may want, without the picture; the map on its raw scale."""
    plain = {key: getattr(one, key) for key in _KEPT}
    regions = [{"box": region.box, "share": region.share, "score": region.score} for region in one.regions]
    return {"image": name, **plain, "regions": regions, "grid": one.grid.tolist()}


_KEPT = (
    *("method", "signed", "predicted", "target", "output", "output_value", "baseline", "baseline_value"),
    *("completeness_error", "evaluations", "converged", "layer", "seen", "notes"),
)
