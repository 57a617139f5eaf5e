"""The page itself, in gradio: what is typed and clicked becomes a call of the desk, what comes back a view.

What a visitor has typed stays in the `gr.State` of that visitor. One place of the desk is for what takes long.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr
import torch

from token_saliency.drawing.safe import one_line, shortened
from token_saliency.errors import TokenSaliencyError
from token_saliency.live import views
from token_saliency.live.desk import PREDICTED, Change, Desk, LiveQuestion, Tried
from token_saliency.live.suggestions import BY_HAND
from token_saliency.methods import METHODS
from token_saliency.resources import shipped

_CLICK = """
element.addEventListener("click", (event) => {
  const word = event.target.closest("[data-word]");
  if (!word) return;
  element.querySelectorAll("[data-word]").forEach((one) => one.setAttribute("aria-pressed", String(one === word)));
  trigger("click", { word: Number(word.dataset.word) });
});
"""
_HEAD = '<meta name="referrer" content="no-referrer">'
_ROWS_LISTED, _STEPS = 200, 50
_USUAL = "usual"
_METHODS = [name for name in METHODS if name not in ("random", "expected_gradients")]


@dataclass(frozen=True, slots=True)
class Visit:
    """What one visitor has asked and changed so far."""

    tried: Tried | None = None
    last: Change | None = None
    steps: tuple[views.Trial, ...] = ()

    @property
    def asked(self) -> Tried:
        """The text that stands there. TokenSaliencyError where there is none yet."""
        if self.tried is None:
            raise TokenSaliencyError("Ask about a text first.")
        return self.tried


class LivePage:
    """The fields and buttons, laid out in the order in which they are made."""

    def __init__(self, desk: Desk, title: str) -> None:
        self.visit = gr.State(Visit())
        gr.Markdown("# token-saliency: try a text")
        gr.HTML(views.about(title, listed=bool(desk.rows)))
        with gr.Row(elem_classes="ts-page"):
            with gr.Column(min_width=320):
                self._question(desk)
                self._prompt(getattr(desk.classifier, "prompt", None), desk.label_orders)
                self.ask = gr.Button("Ask the model", variant="primary", elem_id="ask")
                self.answer = gr.HTML(elem_id="answer")
            with gr.Column(min_width=320):
                self._change()
            with gr.Column(min_width=320):
                self.search = gr.Button("Which words must go?", elem_id="search")
                self.found = gr.HTML(elem_id="found")
                with gr.Accordion("What you have tried", open=True):
                    self.history = gr.HTML(views.history(()), elem_id="history")
        with gr.Accordion("Methods and baselines side by side", open=False):
            self.methods = gr.CheckboxGroup(_METHODS, value=["occlusion"], label="Methods", elem_id="methods")
            self.baselines = gr.CheckboxGroup(desk.baselines, label="Baselines", elem_id="baselines")
            self.compare = gr.Button("Explain it in each of these ways", elem_id="compare")
            self.compared = gr.HTML(elem_id="compared")

    def _question(self, desk: Desk) -> None:
        if desk.rows:
            listed = list(desk.rows)[:_ROWS_LISTED]
            info = "Choose a row, or type its id." if len(desk.rows) > _ROWS_LISTED else "Choose a row."
            self.row = gr.Dropdown(listed, value=None, label="Row of the run", allow_custom_value=True, info=info)
        self.text = gr.Textbox(label="Text", lines=3, max_lines=12, elem_id="text")
        with gr.Accordion("A second text (of a pair)", open=False):
            self.pair = gr.Textbox(label="Second text", lines=2, max_lines=8, elem_id="pair")
        with gr.Accordion("How it is explained", open=False):
            own = desk.classifier.default_method
            self.method = gr.Dropdown(list(dict.fromkeys([own, *_METHODS])), value=own, label="Method")
            self.baseline = gr.Dropdown([_USUAL, *desk.baselines], value=_USUAL, label="Baseline")
            classes = [("the predicted class", -1), *((one_line(name), at) for at, name in enumerate(desk.labels))]
            self.target = gr.Dropdown(classes, value=-1, label="Class")

    def _prompt(self, prompt: Any, orders: dict[str, str]) -> None:
        if prompt is None:
            self.template, self.system = gr.State(None), gr.State(None)
            return
        with gr.Accordion("The prompt", open=True):
            self.system = gr.Textbox(prompt.system, label="System", lines=1, visible=prompt.chat)
            self.template = gr.Textbox(prompt.template, label="Template", lines=5, max_lines=20, elem_id="template")
            templates = {"as in the file": prompt.template} | orders
            order = gr.Dropdown(list(templates), label="Order of the labels", visible=bool(orders), elem_id="order")
            order.input(templates.get, order, self.template, api_name=False)

    def _change(self) -> None:
        self.coloured = gr.HTML(elem_id="coloured", js_on_load=_CLICK)
        self.word = gr.Dropdown([], label="Word", info="Click it above, or choose it here.", elem_id="word")
        self.edit = gr.Radio(list(BY_HAND), value="swap", label="Change", elem_id="edit")
        info = "What the audits put there; or type a word of your own."
        self.item = gr.Dropdown([], label="In its place", allow_custom_value=True, elem_id="item", info=info)
        self.change = gr.Button("Change it and see", variant="primary", elem_id="change")
        self.shift = gr.HTML(elem_id="shift")
        self.keep = gr.Button("Go on from the changed text", elem_id="keep")

    @property
    def question(self) -> list[Any]:
        """The fields that make a question."""
        return [self.text, self.pair, self.method, self.baseline, self.target, self.template, self.system]

    @property
    def shown(self) -> list[Any]:
        """What a new text changes."""
        return [self.visit, self.answer, self.coloured, self.word, self.item, self.shift, self.found, self.compared]


class Events:
    """What happens at each event: fields in, updates of fields out; whatever goes wrong is one line on the page."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def ask(self, visit: Visit, *fields: Any) -> list[Any]:
        """A text explained; the history stays."""
        text, pair, method, baseline, target, template, system = fields
        question = LiveQuestion(
            text or "",
            pair or None,
            method or "",
            None if baseline == _USUAL else baseline,
            PREDICTED if target is None or target < 0 else int(target),
            template,
            system,
        )
        return self._asked(visit, question)

    def _asked(self, visit: Visit, question: LiveQuestion) -> list[Any]:
        try:
            tried = self.desk.ask(question)
        except TokenSaliencyError as error:
            return [visit, views.error(str(error)), "", *_no_choice(), "", "", ""]
        choice = gr.Dropdown(choices=views.words(tried), value=None)
        seen = views.answer(self.desk, tried), views.coloured(tried)
        return [replace(visit, tried=tried, last=None), *seen, choice, _no_choice()[1], "", "", ""]

    def clicked(self, visit: Visit, event: gr.EventData) -> list[Any]:
        """A word clicked in the text."""
        at = int(event.word)
        return [gr.Dropdown(value=at), *self.chosen(visit, at)[:1]]

    def chosen(self, visit: Visit, at: int | None) -> list[Any]:
        """What may be put in place of the word, and the word marked in the text."""
        if visit.tried is None or at is None or not 0 <= int(at) < len(visit.tried.words):
            return [_no_choice()[1], gr.skip()]
        offered = self.desk.suggestions(visit.tried, int(at))
        choices = [(f"{shortened(one_line(one.name), 60)} ({one.audit})", one.name) for one in offered]
        first = choices[0][1] if choices else None
        return [gr.Dropdown(choices=choices, value=first), views.coloured(visit.tried, int(at))]

    def change(self, visit: Visit, at: int | None, edit: str, item: str | None) -> list[Any]:
        """The word changed, beside its control; one step more in the history."""
        try:
            change = self.desk.change(visit.asked, -1 if at is None else int(at), edit, item or "")
        except TokenSaliencyError as error:
            return [visit, views.error(str(error)), gr.skip()]
        steps = (*visit.steps, views.step_of(self.desk, change))[-_STEPS:]
        return [replace(visit, last=change, steps=steps), views.shift(self.desk, change), views.history(steps)]

    def keep(self, visit: Visit) -> list[Any]:
        """The changed text in place of the text, and asked."""
        if visit.last is None:
            return [gr.skip(), gr.skip(), visit, *[gr.skip()] * 4, views.error("Change a word first."), "", ""]
        question = visit.last.question
        return [question.text, question.text_pair or "", *self._asked(visit, question)]

    def search(self, visit: Visit) -> str:
        """The words that must go until the decision changes."""
        return self._said(lambda: views.counterfactual(self.desk.search(visit.asked)))

    def compare(self, visit: Visit, methods: list[str], baselines: list[str]) -> str:
        """The same text by each method and from each baseline."""
        return self._said(lambda: views.beside(self.desk.beside(visit.asked, methods, baselines)))

    def open(self, visit: Visit, name: str | None, *fields: Any) -> list[Any]:
        """A row of the run: its text in the fields, and asked."""
        try:
            row = self.desk.row(name or "")
        except TokenSaliencyError as error:
            return [gr.skip(), gr.skip(), visit, views.error(str(error)), *[gr.skip()] * 6]
        return [row.text, row.text_pair or "", *self.ask(visit, row.text, row.text_pair, *fields[2:])]

    def linked(self, visit: Visit, request: gr.Request, *fields: Any) -> list[Any]:
        """The row that the address names (`?row=ID`); nothing where it names none."""
        name = request.query_params.get("row")
        return [gr.skip()] * 10 if name is None else self.open(visit, name, *fields)

    def _said(self, draw: Callable[[], str]) -> str:
        try:
            return draw()
        except TokenSaliencyError as error:
            return views.error(str(error))


def _no_choice() -> list[Any]:
    return [gr.Dropdown(choices=[], value=None), gr.Dropdown(choices=[], value=None)]


def page(desk: Desk, title: str) -> Any:
    """The page as gradio's Blocks, without its look."""
    with gr.Blocks(title=f"token-saliency: {one_line(title)}", analytics_enabled=False) as made:
        _wire(LivePage(desk, title), Events(desk), made, bool(desk.rows))
    return made


def _wire(at: LivePage, events: Events, made: Any, rows: bool) -> None:
    asked, opened = [at.visit, *at.question], [at.text, at.pair, *at.shown]
    short, long = (
        {"concurrency_limit": count, "concurrency_id": name, "show_progress": "minimal"}
        for name, count in (("short", max(1, events.desk.places - 1)), ("long", 1))
    )
    at.ask.click(events.ask, asked, at.shown, api_name="ask", **short)
    at.text.submit(events.ask, asked, at.shown, api_name=False, **short)
    at.pair.submit(events.ask, asked, at.shown, api_name=False, **short)
    at.coloured.click(events.clicked, at.visit, [at.word, at.item], api_name=False, show_progress="hidden")
    at.word.input(events.chosen, [at.visit, at.word], [at.item, at.coloured], api_name="choose", show_progress="hidden")
    changed = [at.visit, at.word, at.edit, at.item], [at.visit, at.shift, at.history]
    at.change.click(events.change, *changed, api_name="change", **short)
    at.keep.click(events.keep, at.visit, opened, api_name=False, **short)
    at.search.click(events.search, at.visit, at.found, api_name="search", **long)
    beside = [at.visit, at.methods, at.baselines]
    at.compare.click(events.compare, beside, at.compared, api_name="compare", **long)
    made.load(events.linked, asked, opened, api_name=False, **short)
    if rows:
        at.row.input(events.open, [at.visit, at.row, *at.question], opened, api_name=False, **short)


def _theme() -> Any:
    """Fonts of the reader's machine, so that none is fetched, and colours that stand out from what is behind them."""
    theme = gr.themes.Default(primary_hue="blue", font=["system-ui", "sans-serif"], font_mono=["monospace"])
    blue = {f"button_primary_background_fill{ending}": "#1b5aa6" for ending in ("", "_dark", "_hover", "_hover_dark")}
    soft = {"block_info_text_color": "#57636f", "block_info_text_color_dark": "#98a5b3"}
    return theme.set(**blue, **soft)


def launch(desk: Desk, title: str, host: str, port: int | None, *, wait: bool = True) -> Any:
    """Serves the page at this address, and asks for nothing outside of it; with `wait` until it is stopped.

    The places of the desk share torch's threads.
    """
    torch.set_num_threads(max(1, torch.get_num_threads() // max(1, desk.places - 1)))
    made = page(desk, title)
    css = (shipped("templates") / "live.css").read_text(encoding="utf-8")
    made.queue(default_concurrency_limit=4).launch(
        server_name=host,
        server_port=port,
        share=False,
        ssr_mode=False,
        quiet=True,
        footer_links=[],
        prevent_thread_lock=True,
        theme=_theme(),
        css=css,
        head=_HEAD,
    )
    if wait:
        made.block_thread()
    return made
