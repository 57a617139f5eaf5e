"""Which tokens stand for the classes, and what the model must be asked to get the probability of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from token_saliency.errors import ModelError
from token_saliency.text.encoding import Text
from token_saliency.text.prompt.encoder import PromptEncoder
from token_saliency.text.tokenizer import lent

Tokens = tuple[int, ...]
PROBE = "A good day."
"""The row behind which a word is tokenised."""
_MARKS = ("", "\n", ".", "_")


@dataclass(frozen=True, slots=True)
class LabelWord:
    """One word of a class with its tokens (and their types) where it follows the prompt."""

    text: str
    own: int
    tokens: Tokens
    types: Tokens = ()


@dataclass(frozen=True, slots=True)
class LabelWords:
    """The words of all classes, and notes on how they tokenise."""

    words: list[LabelWord]
    classes: int
    notes: list[str]

    @property
    def contexts(self) -> list[Tokens]:
        """What is read behind the prompt: each beginning of a word that is not the beginning of a longer one."""
        starts = {word.tokens[:-1] for word in self.words}
        return sorted(one for one in starts if not any(one != two and two[: len(one)] == one for two in starts))

    def room(self, kind: str) -> int:
        """The most tokens that are read behind the prompt by the model that reads the prompt."""
        return {"causal": max(map(len, self.contexts)), "nli": max(len(word.tokens) for word in self.words)}.get(
            kind, 0
        )

    def next_of(self, context: Tokens) -> list[list[int]]:
        """For each place behind the prompt the tokens whose probability is wanted there."""
        return [
            sorted({w.tokens[at] for w in self.words if len(w.tokens) > at and w.tokens[:at] == context[:at]})
            for at in range(len(context) + 1)
        ]


def label_words(encoder: PromptEncoder) -> LabelWords:
    """The words as they follow this prompt; ModelError where one has no token, or two have the same."""
    prompt, found, notes = encoder.prompt, list[LabelWord](), list[str]()
    for own, (name, words) in enumerate(prompt.labels.items()):
        for word in words:
            tokens, types, joined = _tokens(encoder, word)
            if not tokens:
                raise ModelError(f"The label word {word!r} of {name} has no token; choose another word.")
            if joined:
                notes.append(f"The label word {word!r} joins the end of the prompt; its tokens alone are scored.")
            same = next((one for one in found if one.tokens == tokens), None)
            if same is None:
                found.append(LabelWord(word, own, tokens, types))
            elif same.own == own:
                notes.append(f"The label words {same.text!r} and {word!r} of {name} are the same tokens: counted once.")
            else:
                said = f"The label words {same.text!r} and {word!r} are the same tokens; choose others."
                raise ModelError(said)
    notes += [] if prompt.kind == "nli" else [*_frame_notes(encoder), *_notes(found)]
    return LabelWords(found, len(prompt.labels), notes)


def _tokens(encoder: PromptEncoder, word: str) -> tuple[Tokens, Tokens, bool]:
    """Tokens, types, and whether the word could not be told from the end of the prompt."""
    kind, tokenizer = encoder.prompt.kind, encoder.tokenizer
    if kind == "nli":
        return _hypothesis(encoder, word)
    with lent(tokenizer) as own:
        alone = tuple(own(word, add_special_tokens=False)["input_ids"])
    if kind == "seq2seq":
        return alone, (), False
    bare, whole = (tuple(encoder.encoded([_probe(encoder)], said)[0].ids) for said in ("", word))
    joined = whole[: len(bare)] != bare
    return (_behind(tokenizer, bare, word) if joined else whole[len(bare) :]), (), joined


def _probe(encoder: PromptEncoder) -> Text:
    return (PROBE, PROBE) if len(encoder.template.order) == 2 else PROBE


def _behind(tokenizer: Any, bare: Tokens, word: str) -> Tokens:
    """Tokens that read as the word behind the prompt: alone, or where that begins with a space, behind some mark."""
    with lent(tokenizer) as own:
        pairs = [own([at, at + word], add_special_tokens=False)["input_ids"] for at in _MARKS]
        found = [tuple(both[len(mark) :]) for mark, both in pairs if both[: len(mark)] == mark]
        wanted = own.decode(bare, clean_up_tokenization_spaces=False) + word
        reads = (one for one in found if own.decode(bare + one, clean_up_tokenization_spaces=False) == wanted)
        return next(reads, found[0])


def _hypothesis(encoder: PromptEncoder, word: str) -> tuple[Tokens, Tokens, bool]:
    """All that follows the row."""
    from token_saliency.text.prompt.prompt import filled

    with lent(encoder.tokenizer) as own:
        said = filled(encoder.prompt.hypothesis, {"label": word})
        encoding = own(PROBE, said, add_special_tokens=True).encodings[0]
    start = encoding.sequence_ids.index(1)
    return tuple(encoding.ids[start:]), tuple(encoding.type_ids[start:]), False


def _frame_notes(encoder: PromptEncoder) -> list[str]:
    """What a prompt hardly means."""
    prompt, shown, notes = encoder.prompt, encoder.template.shown, []
    start, bos = encoder.encoded([_probe(encoder)])[0].ids[:2], encoder.tokenizer.bos_token_id
    if bos is not None and start == [bos, bos]:
        notes.append("The prompt begins with the first token twice: leave it to the tokenizer, which adds it.")
    if prompt.chat and "strftime_now" in str(encoder.tokenizer.chat_template):
        notes.append("The chat template may write today's date into the prompt: on another day it is another prompt.")
    if prompt.kind == "causal" and shown.rfind("<think>") > shown.rfind("</think>"):
        notes.append(
            "The prompt ends inside a thought (<think>): label words are read as its words; end it in `answer`."
        )
    if prompt.system.strip() not in shown:
        notes.append("The tokenizer's chat template leaves out the system text.")
    words = [word for own in prompt.labels.values() for word in own]
    if prompt.kind == "causal" and shown[-1:].isspace() and any(word[0].isspace() for word in words):
        notes.append("The prompt ends with white space, and a label word begins with some: the model reads both.")
    return notes


def _notes(words: list[LabelWord]) -> list[str]:
    notes = []
    firsts: dict[int, set[int]] = {}
    for word in words:
        firsts.setdefault(word.tokens[0], set()).add(word.own)
    sizes = {len(word.tokens) for word in words}
    if any(len(own) > 1 for own in firsts.values()):
        notes.append("Labels share their first token: the first token alone would not tell them apart.")
    if len(sizes) > 1:
        notes.append(
            f"Label words are of {min(sizes)} to {max(sizes)} tokens: summed log-probabilities favour the shorter ones "
            "(score = 'mean' is by token)."
        )
    return notes
