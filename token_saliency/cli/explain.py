"""`explain MODEL TEXT...`: which tokens a decision rests on, text by text."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from token_saliency.cli.console import stdout
from token_saliency.cli.options import arguments, values
from token_saliency.cli.options.grouped import grouped
from token_saliency.cli.options.groups import ModelOptions
from token_saliency.cli.running import folder
from token_saliency.cli.running.load_inputs import load_classifier
from token_saliency.drawing.numbers import finite_or_null
from token_saliency.drawing.safe import printable
from token_saliency.errors import DataError, OptionError
from token_saliency.reporters import attributions_html
from token_saliency.reporters.baselines import comparisons_html, comparisons_json, print_comparison
from token_saliency.reporters.terminal import print_attribution
from token_saliency.results import Attribution, BaselineComparison
from token_saliency.store.files import written_together

TextFile = Annotated[
    Path | None, typer.Option("--file", metavar="FILE", help="Read texts from here, one a line.", show_default=False)
]
HtmlFile = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Also write a page here.", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of coloured text.")]


@dataclass(frozen=True, slots=True)
class ExplainOptions:
    """How texts are explained: here several baselines may be compared."""

    method: arguments.Method = None
    target: arguments.Target = "predicted"
    output: Annotated[
        arguments.Output, typer.Option("--output", help="The explained output.", rich_help_panel=arguments.ASKED)
    ] = "logit"
    baseline: Annotated[
        str | None,
        typer.Option(
            "--baseline",
            metavar="mask|pad|zero|mean,...",
            help="What stands for no information; of several, how they agree. Default: mask, else mean.",
            rich_help_panel=arguments.ASKED,
        ),
    ] = None
    references: Annotated[
        Path | None,
        typer.Option(
            "--references",
            metavar="FILE",
            help="Texts, one a line, that expected_gradients starts from.",
            rich_help_panel=arguments.ASKED,
        ),
    ] = None
    method_option: arguments.MethodOption = field(default_factory=list)
    steps: arguments.Steps = None
    seed: arguments.Seed = 0
    over: Annotated[
        Literal["row", "prompt"],
        typer.Option(
            "--over",
            help="With --prompt: explain the row, or the whole prompt with the share of each region.",
            rich_help_panel=arguments.ASKED,
        ),
    ] = "row"


@grouped
def explain(
    model: arguments.Model,
    texts: arguments.Texts = None,
    file: TextFile = None,
    html: HtmlFile = None,
    as_json: AsJson = False,
    *,
    how: ExplainOptions,
    machine: Annotated[
        ModelOptions, "prompt", "samples", "device", "dtype", "batch_tokens", "max_length", "long", "trust_remote_code"
    ],
    config: arguments.ConfigFile = None,  # noqa: ARG001 - its callback fills in the others
) -> None:
    """Colour the tokens of each TEXT by what they contribute to the decision of MODEL.

    What is shown and written are the words themselves, so there is no --redact: keep the page where the texts are kept.
    """
    wanted = _wanted(texts or [], file)
    values.method(how.method)
    if how.method is None and (how.method_option or how.steps or how.references):
        how = replace(how, method="integrated_gradients")  # they are its own
    baselines = values.baselines(how.baseline)
    given = _options(how)
    if how.over == "prompt" and (machine.prompt is None or len(baselines) > 1):
        raise OptionError("--over prompt needs the prompt of a language model (--prompt FILE), and takes one baseline.")
    folder.claim_file(html)
    classifier = load_classifier(model, machine)
    if getattr(classifier, "remote", False):  # it has no gradient, and its words no logits
        how = replace(how, output="probability" if how.output == "logit" else how.output)
    method = how.method or classifier.default_method
    aim = values.target(how.target, classifier.labels, ("predicted",))
    asked: dict[str, Any] = {"output": how.output, "seed": how.seed, "options": given}
    if len(baselines) > 1:
        _show_comparisons(classifier.explain_baselines(wanted, baselines, method, aim, **asked), html, as_json)
        return
    asked["baseline"] = baselines[0] if baselines else None
    if how.over == "prompt":
        _show_prompts(classifier.explain_prompt(wanted, method, aim, **asked), html, as_json)
        return
    _show(classifier.explain(wanted, method, aim, **asked), html, as_json)


def _options(how: ExplainOptions) -> dict[str, Any]:
    """The options of the method."""
    texts = None if how.references is None else _lines_of(how.references)
    method = how.method or ""
    return {**values.references(method, texts), **values.method_options(method, how.method_option, how.steps)}


def _wanted(texts: list[str], file: Path | None) -> list[str]:
    """The texts; those of standard input for `-`, or where it is a pipe and nothing else was given."""
    piped = not texts and file is None and sys.stdin is not None and not sys.stdin.isatty()
    given = [line for text in (["-"] if piped else texts) for line in (_lines_of(_STDIN) if text == "-" else [text])]
    if not (wanted := [*given, *_lines_of(file)]):
        raise OptionError(
            "There is nothing to explain. Give texts after the model, - for those of standard input, or a file of them "
            "with --file."
        )
    return wanted


_STDIN = Path("-")


def _piped() -> str:
    """What comes by standard input; nothing where there is none that can be read."""
    try:
        return sys.stdin.read()
    except OSError:
        return ""


def _lines_of(file: Path | None) -> list[str]:
    if file is None:
        return []
    try:
        lines = (_piped() if file == _STDIN else file.read_text(encoding="utf-8-sig")).split("\n")
    except UnicodeDecodeError as error:
        raise DataError(f"{str(file)!r} is not UTF-8 text. Save it as UTF-8, one text a line.") from error
    return [line for line in lines if line.strip()]


def _show(attributions: list[Attribution], html: Path | None, as_json: bool) -> None:
    if html is not None:
        written_together({html: attributions_html(attributions)})
    if as_json:
        sys.stdout.write(
            json.dumps(finite_or_null([asdict(one) for one in attributions]), indent=2, allow_nan=False) + "\n"
        )
        return
    console = stdout()
    for attribution in attributions:
        print_attribution(attribution, console)
    _say_written(html)


def _show_prompts(found: list[tuple[Attribution, dict[str, float]]], html: Path | None, as_json: bool) -> None:
    if not as_json:
        _show([one for one, _ in found], html, as_json)
        for _, shares in found:
            typer.echo("share of each region: " + ", ".join(f"{name} {share:.1%}" for name, share in shares.items()))
        return
    if html is not None:
        written_together({html: attributions_html([one for one, _ in found])})
    listed = [asdict(one) | {"regions": shares} for one, shares in found]
    sys.stdout.write(json.dumps(listed, indent=2) + "\n")


def _show_comparisons(comparisons: list[BaselineComparison], html: Path | None, as_json: bool) -> None:
    if html is not None:
        written_together({html: comparisons_html(comparisons)})
    if as_json:
        sys.stdout.write(comparisons_json(comparisons))
        return
    console = stdout()
    for comparison in comparisons:
        print_comparison(comparison, console)
    _say_written(html)


def _say_written(html: Path | None) -> None:
    if html is not None:
        typer.echo(f"written: {printable(str(html))}")
