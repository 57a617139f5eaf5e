"""Coloured words in a terminal: a sign stands beside every strong word, so that it reads without colours too."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from token_saliency.drawing import colour, numbers
from token_saliency.drawing.colour import Piece, Scale, scale_of
from token_saliency.drawing.coloured_text import attribution_texts, attribution_words
from token_saliency.drawing.facts import attribution_facts, attribution_remarks, class_name
from token_saliency.drawing.inputs import ScoredText
from token_saliency.drawing.lines import Line, has_colours, print_behind_bar, print_lines
from token_saliency.drawing.safe import printable, shortened, visible, without_prefixes

_LONGEST = 4_000
_TOWARDS = ("", "", "#ffffff on #6b4310", "#ffffff on #7f4d0c", "#ffffff on #9c5806", "#000000 on #f29a38")
_AWAY = ("", "", "#ffffff on #1d3a5f", "#ffffff on #1f467c", "#ffffff on #2257a3", "#000000 on #7db2f8")


def print_attribution(attribution: ScoredText, console: Console) -> None:
    """Prints the text with its strong words coloured and signed, then a ranking of the strongest."""
    scale = scale_of(word.score for word in attribution.words)
    print_lines(console, [Line(_heading(attribution))])
    for view in attribution_texts(attribution, scale, _LONGEST):
        print_behind_bar(console, _painted(view.pieces, has_colours(console)))
        if view.hidden:
            console.print(Text(f"{numbers.count(view.hidden, 'more character')} not shown", style="dim"))
    print_lines(console, map(Line, [*_ranking(attribution, scale), *map(Text, attribution_remarks(attribution))]))


def _heading(attribution: ScoredText) -> Text:
    predicted, target = _name(attribution.predicted), _name(attribution.target)
    explained = f", explained: {target}" if target != predicted else ""
    facts = ", ".join(numbers.ascii_sign(printable(fact)) for fact in attribution_facts(attribution))
    return Text.assemble("predicted ", (predicted, "bold"), explained, (f"  {facts}", "dim"))


def _name(label: str | None) -> str:
    return shortened(printable(class_name(label)), 60)


def _painted(pieces: list[Piece], colours: bool) -> Text:
    text = Text()
    for piece in pieces:
        text.append_text(_piece(piece, colours))
    text.plain = without_prefixes(text.plain)  # of equal length, so the styles stay where they are
    return text


def _piece(piece: Piece, colours: bool) -> Text:
    shown = visible(piece.text)
    if piece.unseen:
        return Text(shown, style="dim strike") if colours else Text(f"[unseen: {shown}]")
    level = piece.level or 0
    if abs(level) < 2:
        return Text(shown)
    sign = "+" if level > 0 else "-"
    if not colours:
        return Text(f"[{sign}{shown}]")
    steps, line = (_TOWARDS, "bold ") if level > 0 else (_AWAY, "underline ")
    return Text(f"{sign}{shown}", style=line + steps[abs(level)])


def _ranking(attribution: ScoredText, scale: Scale) -> list[Text]:
    words = attribution_words(attribution, scale, 8)
    if not words:
        return [Text("No word has a score.", style="dim")]
    head = "towards (+) and away (-)" if scale.signed else "by strength"
    lines = [_rank(word.word, numbers.ascii_sign(word.score), abs(word.level)) for word in words]
    return [Text(f"strongest words, {head}", style="dim"), *lines]


def _rank(word: str, score: str, level: int) -> Text:
    bar = "#" * (2 * level) or "."
    return Text(f"  {score:>8}  {bar:<{2 * colour.STEPS}}  {printable(word)}")
