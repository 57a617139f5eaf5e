"""`image explain MODEL IMAGE...` and `image audit MODEL DATA`: the companion for pictures."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from token_saliency.auditing.known_file import read_known
from token_saliency.cli.options import arguments, values
from token_saliency.cli.options.config import anchor, audit_options
from token_saliency.cli.options.grouped import grouped
from token_saliency.cli.options.groups import AuditOptions, ModelOptions, OutputOptions, RowsOptions
from token_saliency.cli.running import folder
from token_saliency.cli.running.auditing import Written, alone_in, chosen_files
from token_saliency.cli.running.chosen_engine import PLACES
from token_saliency.cli.running.image_run import PictureOrder, finished
from token_saliency.cli.running.judge_again import judged_again, run_folder
from token_saliency.drawing.safe import printable
from token_saliency.errors import OptionError
from token_saliency.reporters.page.html import render_pictures
from token_saliency.reporters.page.pictures import ExplainedPicture
from token_saliency.store.files import replaced, written_together

if TYPE_CHECKING:
    from token_saliency.image.attribution import ImageAttribution
    from token_saliency.image.classifier import ImageClassifier

_THREE_HUNDRED = RowsOptions(rows="300")

Blank = Literal["black", "white", "mean", "blur", "noise"]
Images = Annotated[
    list[str], typer.Argument(metavar="IMAGE...", help="Pictures: PNG, JPEG, WebP ...", show_default=False)
]
Pictures = Annotated[
    str | None,
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
Explained = Annotated[arguments.Output, typer.Option("--output", help="The explained output.")]
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

Redact = Annotated[
    bool, typer.Option("--redact", help="No file holds a picture or the name of one: codes stand for them.")
]
_OUTPUT = ("formats", "fail_on", "allow_inconclusive", "on_doubt", "known", "resume", "from_", "quiet")
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
    explained: Explained = "logit",
    method_option: arguments.MethodOption = [],  # noqa: B006  typer reads it, and it is never changed
    steps: arguments.Steps = None,
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
    options = values.method_options(method, method_option, steps)
    found = classifier.explain(
        images, method, aim, output=explained, layer=layer, baseline=baseline, seed=seed, options=options
    )
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
    context: typer.Context,
    model: arguments.ModelOrNone = None,
    data: Pictures = None,
    audits: AuditNames = None,
    method: ImageMethod = "grad_cam",
    baseline: Start = "black",
    *,
    rows: Annotated[RowsOptions, "label_map", "split", "rows"] = _THREE_HUNDRED,
    judging: Annotated[AuditOptions, "margin", "level"],
    seed: arguments.Seed = 0,
    out: Output = None,
    output: Annotated[OutputOptions, *_OUTPUT],
    redact: Redact = False,
    machine: Annotated[ModelOptions, "device", *PLACES, "max_minutes", "trust_remote_code"],
    config: arguments.ConfigFile = None,  # noqa: ARG001 - its callback fills in the others
) -> int:
    """Audit which regions of the pictures DATA the classifier MODEL decides by.

    Works like 'audit': the same command goes on with a run that was stopped, --from RUN judges a finished one again.

    Exit codes: 0 nothing found, 1 findings, 2 could not run, 5 nothing could be decided, 130 stopped.
    """
    files, command = chosen_files(output.formats), shlex.join(["token-saliency", *context.obj])
    known = anchor(context, data if output.from_ is None else None)
    written = Written(files, command, read_known(output.known), known)
    judging, output = replace(judging, audits=audits), replace(output, out=out, redact=redact)
    tables = audit_options(context)
    if output.from_ is not None:
        if model is not None:
            raise OptionError("--from needs no model: leave out MODEL and DATA, or leave out --from.")
        fixed = {"redact": True} if redact else {}
        again = partial(judged_again, output.from_, output, judging, tables, written, fixed)
        return alone_in(out or run_folder(output.from_), files, again, quiet=output.quiet)
    if model is None or data is None:
        raise OptionError("Missing argument 'MODEL' or 'DATA'. Try 'token-saliency image audit --help'.")
    order = PictureOrder(model, data, method, baseline, seed, rows, judging, tables, output, machine).checked()
    place = folder.claim(out or folder.own_place(model, data, order.asked(), resume=output.resume))
    return alone_in(place, files, partial(finished, order, place, written), quiet=output.quiet)


def _classifier(model: str, machine: ModelOptions) -> ImageClassifier:
    from token_saliency.image.classifier import ImageClassifier  # imports torch

    return ImageClassifier.from_pretrained(model, device=machine.device, trust_remote_code=machine.trust_remote_code)


def _write_overlays(out: Path, images: list[str], found: list[ImageAttribution]) -> None:
    """One PNG a picture, numbered, so that two of one name do not meet."""
    if out.exists() and not out.is_dir():
        raise OptionError(f"--out {str(out)!r} is a file. Choose a folder.")
    places = [
        out / f"{n:03d}-{Path(name).stem}-{one.method}.png"
        for n, (name, one) in enumerate(zip(images, found, strict=True))
    ]
    if there := [place.name for place in places if place.exists()]:
        raise OptionError(f"--out {str(out)!r} holds {there[0]} already. Choose an empty or a new folder.")
    for place, one in zip(places, found, strict=True):
        with replaced(place) as part:
            one.overlay().save(part, "PNG")


def _page(images: list[str], found: list[ImageAttribution]) -> str:
    from token_saliency.image.pixels.overlay import strip  # imports PIL

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
