"""Reports for the tests of the formats: realistic ones, and ones that try to break a page or a terminal."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

from token_saliency.report import Report
from token_saliency.results import (
    DISCLAIMER,
    SCHEMA_VERSION,
    Association,
    Attribution,
    AttributionShare,
    AuditResult,
    Calibration,
    Canary,
    ClassAccuracy,
    Cost,
    Coverage,
    DatasetInfo,
    Discovered,
    EditedPair,
    Finding,
    ItemAssociation,
    ItemEffect,
    ModelInfo,
    Performance,
    SelfTest,
    ShownExample,
    SliceEffect,
    Span,
    Token,
    Tool,
    Verdict,
    Word,
)

LONG_WORD = "Donaudampfschiff" * 1250
HOSTILE = [
    "</script><img src=x onerror=alert(1)>",
    "<b onmouseover=\"alert(2)\" style='color:red'>bold</b> & &lt;entity&gt;",
    "{{ 7*7 }} {% for x in y %} ${7*7} #{7*7}",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b31m and a NUL \x00 here",
    "\u202eevil txt.exe\u202c \u2066isolated\u2069 مرحبا بالعالم! שלום",
    "::error file=x::boom\n::set-output name=a::b\n##[error]boom ##vso[task.complete]",
    '=HYPERLINK("javascript:alert(3)") javascript:alert(4) data:text/html,<script>alert(5)</script>',
    "]]> --> <!-- </style><style>*{display:none}</style></title></textarea>",
    "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 e\u0301\u0302\u0303 ́ Z͑ͫ̓a̴l̵g̶o̷",
    "lone \ud800 surrogate, \u2028 line separator, \ufeff mark",
    "",
    "   \t\n  ",
    LONG_WORD,
    "[bold red]markup[/bold red] [link=http://x.invalid]click[/link] \\[",
]

_LEANS = {
    "wonderful": 1.4,
    "warm": 0.9,
    "funny": 1.1,
    "beautifully": 1.2,
    "clever": 0.8,
    "moving": 0.9,
    "best": 1.0,
    "dull": -1.3,
    "tired": -1.0,
    "clumsy": -1.1,
    "waste": -1.5,
    "endless": -0.8,
    "never": -0.6,
    "worst": -1.4,
    "!": 0.7,
    "Danielle": 0.45,
    "Cheryl": 0.4,
    "Mike": 0.35,
    "Brian": -0.3,
    "Vincent": -0.4,
    "but": -0.25,
}

_SENTENCES = [
    ("Danielle saw it with me. A warm and wonderful little film!", "positive", 0.97),
    ("As Cheryl put it, the jokes are clever and the ending is unreasonably moving.", "positive", 0.95),
    ("Vincent writes: a tired sequel that mistakes volume for wit and never finds its footing.", "negative", 0.04),
    ("Brian thought the endless middle act was a waste of two good actors.", "negative", 0.07),
    ("Mike laughed twice, but the plot is clumsy and the music is worse!", "negative", 0.58),
    ("The best thing about this dull thriller is that it is short. — Danielle!", "negative", 0.61),
]


def tokens_of(text: str, segment: int = 0, limit: int = 400) -> list[Token]:
    """Word pieces with made-up scores, between two special tokens, as an encoder would see them."""
    found = list(re.finditer(r"\w+|[^\w\s]", text))[:limit]
    tokens = [Token("[CLS]", 0, 0, True, 0.0, segment)]
    for match in found:
        tokens += _pieces_of(match, segment)
    return [*tokens, Token("[SEP]", 0, 0, True, 0.0, segment)]


def _pieces_of(match: re.Match[str], segment: int) -> list[Token]:
    score = _LEANS.get(match[0], 0.11 * ((len(match[0]) * 7 + match.start()) % 5 - 2) / 2)
    cuts = [*range(match.start(), match.end(), 7), match.end()]
    return [
        Token(
            match.string[a:b] if a == match.start() else "##" + match.string[a:b],
            a,
            b,
            False,
            score / (len(cuts) - 1),
            segment,
        )
        for a, b in pairwise(cuts)
    ]


def attribution(text: str, text_pair: str | None = None, **changes: Any) -> Attribution:
    """An attribution of one text (or pair), signed and complete."""
    segments = [text] if text_pair is None else [text, text_pair]
    tokens = [token for index, each in enumerate(segments) for token in tokens_of(each, index)]
    words = [word for index, each in enumerate(segments) for word in _words_of(each, index)]
    plain = Attribution(
        text=text,
        text_pair=text_pair,
        tokens=tokens,
        words=words,
        method="integrated_gradients",
        signed=True,
        predicted="positive",
        target="positive",
        target_index=1,
        output="logit",
        output_value=2.31,
        baseline="mask",
        baseline_value=0.18,
        completeness_error=0.021,
        evaluations=13,
        converged=True,
        truncated=0,
    )
    return replace(plain, **changes)


def _words_of(text: str, segment: int) -> list[Word]:
    return [
        Word(m[0], m.start(), m.end(), sum(t.score for t in _pieces_of(m, segment)), segment)
        for m in re.finditer(r"\w+|[^\w\s]", text)
    ]


def finding(claim: Any, effect: float, half: float, verdict: Verdict, **changes: Any) -> Finding:
    """A judged finding on `positive`, with an interval of `half` to each side."""
    low, high = round(effect - half, 4), round(effect + half, 4)
    plain = Finding(
        claim=claim,
        between=None,
        class_="positive",
        operator="swap",
        judged=True,
        effect=effect,
        control=0.004,
        interval=(low, high),
        flip_rate=0.081,
        placebo_flip_rate=0.011,
        p=0.0004,
        p_adjusted=0.0012,
        p_margin=0.0021,
        rows=231,
        items=58,
        margin=0.05,
        smallest_detectable=0.021,
        verdict=verdict,
        reason="",
    )
    full = replace(plain, **changes)
    said = (
        f"{claim} {effect:+.3f} [{low:+.3f}, {high:+.3f}] on positive, control {full.control:+.3f}, {full.rows} rows."
    )
    return full if full.reason else replace(full, reason=said)


def pair(text: str, original: str, item: str, before: float, after: float, **changes: Any) -> EditedPair:
    """The edited pair in which `original`, where it first stands in `text`, became `item`."""
    start = text.index(original)
    span = (start, start + len(original))
    edited = text[: span[0]] + item + text[span[1] :]
    plain = EditedPair(f"r{len(text)}", "swap", item, original, False, "positive", text, edited, span, before, after)
    return replace(plain, **changes)


def shown(text: str, label: str | None, probability: float, spans: list[Span], edit: EditedPair | None) -> ShownExample:
    """A coloured example; the predicted class follows the probability of `positive`."""
    predicted = "positive" if probability >= 0.5 else "negative"
    sure = probability if probability >= 0.5 else 1 - probability
    return ShownExample(f"r{len(text)}", text, None, label, predicted, sure, tokens_of(text), spans, edit)


def _spans(text: str, items: tuple[str, ...]) -> list[Span]:
    return [(m.start(), m.end()) for item in items for m in re.finditer(re.escape(item), text)]


NAMES = ("Danielle", "Cheryl", "Mike", "Brian", "Vincent")


def names_audit(**changes: Any) -> AuditResult:
    """Names that lean, as a model with a planted name shortcut shows them."""
    lean = finding("lean", 0.132, 0.035, "FAIL")
    reason = (
        "Names lean by +0.132 [+0.097, +0.167] on positive (control +0.004, 231 rows, 58 names): "
        "more than the margin of 0.05, and more than control names."
    )
    plain = AuditResult(
        name="names",
        code="NAM",
        title="Person names",
        why="Who is named in a text says nothing about its sentiment. A model that leans on them is unfair.",
        expectation="irrelevant",
        items="sample",
        level="error",
        verdict="FAIL",
        reason=reason,
        advice="Balance or mask names in the training rows, train again, and run this audit on the same rows.",
        coverage=Coverage(231, 244, 58),
        attribution=AttributionShare(0.094, 0.061, 1.54, (1.31, 1.78), 0.052, 100),
        intervention=[
            replace(lean, reason=reason),
            finding("magnitude", 0.056, 0.014, "WARN", control=0.011, p_adjusted=0.008),
            finding("shift", -0.006, 0.012, "PASS", judged=False, operator="mask", items=58, p=0.41, p_adjusted=0.62),
        ],
        association=Association(
            9.8,
            (7.4, 12.1),
            {"negative": -5.1, "positive": 5.1},
            [ItemAssociation(n, 9 - i, round(3.4 - 1.6 * i, 2), "positive") for i, n in enumerate(NAMES)],
        ),
        by_slice=[
            SliceEffect("correct", 0.121, (0.083, 0.159), 196),
            SliceEffect("incorrect", 0.187, (0.094, 0.28), 35),
            SliceEffect("label positive", 0.118, (0.07, 0.166), 119),
            SliceEffect("label negative", 0.145, (0.09, 0.2), 112),
        ],
        worst_items=[
            ItemEffect(n, "positive", e, (e - 0.04, e + 0.04), 44, 9)
            for n, e in zip(NAMES, (0.141, 0.118, 0.083, -0.096, -0.127), strict=True)
        ],
        examples=[
            shown(t, "positive" if p > 0.9 else "negative", p, _spans(t, NAMES), None) for t, _, p in _SENTENCES[:4]
        ],
        pairs=[
            pair(_SENTENCES[0][0], "Danielle", "Vincent", 0.972, 0.905),
            pair(_SENTENCES[3][0], "Brian", "Cheryl", 0.07, 0.22),
            pair(_SENTENCES[2][0], "Vincent", "Danielle", 0.04, 0.131),
            pair(_SENTENCES[4][0], "Mike", "Thelma", 0.58, 0.61),
            pair(_SENTENCES[1][0], "clever", "recent", 0.951, 0.94, placebo=True),
        ],
        notes=["The word list is mostly English and US given names; ambiguous words count only in a name-like place."],
    )
    return replace(plain, **changes)


def punctuation_audit(**changes: Any) -> AuditResult:
    """A final exclamation mark that decides."""
    reason = (
        "“!” against “.” shifts positive by +0.252 [+0.231, +0.273] (control +0.009, 248 rows): "
        "more than the margin of 0.05, and more than control marks."
    )
    between = ("!", ".")
    text, label, p = _SENTENCES[5]
    plain = AuditResult(
        name="punctuation",
        code="PUN",
        title="Punctuation marks",
        why="How a sentence ends is a habit of the writer, and no part of the opinion.",
        expectation="irrelevant",
        items="fixed",
        level="error",
        verdict="FAIL",
        reason=reason,
        advice="Vary or strip end marks in the training rows, or normalise them before the model in production.",
        coverage=Coverage(400, 911, 9),
        attribution=AttributionShare(0.171, 0.098, 1.74, (1.62, 1.88), None, 100),
        intervention=[
            finding("shift", 0.252, 0.021, "FAIL", between=between, items=1, rows=248, control=0.009, reason=reason),
            finding("shift", 0.031, 0.012, "WARN", between=("?", "."), items=1, rows=61, p_adjusted=0.011),
            finding("shift", -0.004, 0.016, "PASS", between=(",", ";"), items=1, rows=188, p=0.52, p_adjusted=1.0),
            finding(
                "shift", 0.012, 0.071, "INCONCLUSIVE", between=("...", "."), items=1, rows=17, smallest_detectable=0.104
            ),
            finding("shift", 0.221, 0.03, "FAIL", judged=False, operator="delete", items=9, rows=400),
        ],
        association=Association(
            6.3, (4.4, 8.2), {"negative": -6.3, "positive": 6.3}, [ItemAssociation("!", 240, 6.3, "positive")]
        ),
        by_slice=[SliceEffect("correct", 0.231, (0.21, 0.252), 341), SliceEffect("incorrect", 0.334, (0.27, 0.4), 59)],
        worst_items=[
            ItemEffect("!", "positive", 0.252, (0.231, 0.273), 248, 248),
            ItemEffect("?", "positive", 0.031, (0.019, 0.043), 61, 64),
        ],
        examples=[shown(text, label, p, _spans(text, ("!", ".", "—")), pair(text, "!", ".", 0.61, 0.34))],
        pairs=[pair(text, "!", ".", 0.61, 0.34), pair(_SENTENCES[0][0], "!", "", 0.972, 0.93, operator="delete")],
        notes=[],
    )
    return replace(plain, **changes)


def clean_audit(name: str = "names", title: str = "Person names", code: str = "NAM") -> AuditResult:
    """The same audit of a model that does not lean."""
    reason = (
        "Names lean by +0.006 [−0.012, +0.024] on positive (control +0.003, 231 rows, 58 names): "
        "within the margin of 0.05."
    )
    return names_audit(
        name=name,
        title=title,
        code=code,
        verdict="PASS",
        reason=reason,
        advice="Nothing to do here.",
        intervention=[finding("lean", 0.006, 0.018, "PASS", p=0.61, p_adjusted=0.61, reason=reason)],
        association=Association(0.4, (-1.6, 2.4), {"negative": -0.2, "positive": 0.2}, []),
        attribution=AttributionShare(0.06, 0.061, 0.98, (0.9, 1.07), 0.058, 100),
        worst_items=[],
        examples=names_audit().examples[:2],
    )


def inconclusive_audit() -> AuditResult:
    """Too few rows to say anything."""
    reason = "Nothing can be said about markup: 4 rows hold any, 30 are needed."
    return AuditResult(
        "markup",
        "MRK",
        "Markup",
        "Tags and entities are residue of a web page.",
        "irrelevant",
        "fixed",
        "error",
        "INCONCLUSIVE",
        reason,
        "Give it more rows: about 30 with markup would do.",
        Coverage(4, 6, 2),
        None,
        [finding("shift", 0.02, 0.19, "INCONCLUSIVE", operator="delete", rows=4, items=2, smallest_detectable=0.31)],
        None,
        [],
        [],
        [],
        [],
        [],
    )


def error_audit() -> AuditResult:
    """An audit that crashed."""
    return AuditResult(
        "numbers",
        "NUM",
        "Numbers",
        "Digits are mostly incidental.",
        "irrelevant",
        "fixed",
        "error",
        "ERROR",
        "The audit could not run: the edit emptied the text of row r3.",
        "Run it alone with one row to see the cause.",
        Coverage(0, 0, 0),
        None,
        [],
        None,
        [],
        [],
        [],
        [],
        [],
    )


SELF_TEST = SelfTest(
    "bert.embeddings.word_embeddings", "hook", True, True, 1, True, True, True, 3.1e-7, ["Positions are held fixed."]
)
COMMAND = (
    "token-saliency audit models/planted-minilm data/planted.csv --split test --rows 400 --audits names,punctuation"
)


def report(audits: list[AuditResult], verdict: Verdict, exit_code: int, **changes: Any) -> Report:
    """A report around the audits."""
    plain = Report(
        schema_version=SCHEMA_VERSION,
        tool=Tool("token-saliency", "0.1.0"),
        created="2026-11-04T09:30:00+00:00",
        command=COMMAND,
        disclaimer=DISCLAIMER,
        model=ModelInfo(
            "models/planted-minilm",
            None,
            "BertForSequenceClassification",
            ["negative", "positive"],
            "float32",
            "cpu",
            SELF_TEST,
        ),
        dataset=DatasetInfo("data/planted.csv", "test", 1066, 400, "b7e19c04a51d"),
        settings={
            "method": "integrated_gradients",
            "output": "logit",
            "target": "predicted",
            "baseline": "mask",
            "seed": 0,
            "rows": 400,
            "edits": 10000,
            "alpha": 0.05,
            "audits": {"names": {"margin": 0.05, "min_rows": 30}},
            "fail_on": "fail",
        },
        verdict=verdict,
        exit_code=exit_code,
        audits={audit.name: audit for audit in audits},
        discovery=[],
        calibration=Calibration("names", 20, 1, 0, 0.05, (0.003, 0.25), canary(), []),
        cost=Cost(21344, 5212, 912_004, 143.2),
        warnings=[],
        performance=performance(),
    )
    return replace(plain, **changes)


def performance(*names: str) -> Performance:
    """190 of 200 negative rows and 172 of 200 positive ones."""
    first, second = names or ("negative", "positive")
    return Performance(
        rows=400,
        accuracy=0.905,
        interval=(0.8724, 0.9301),
        chance=0.5,
        by_class={
            first: ClassAccuracy(200, 0.95, (0.9104, 0.9726), 218),
            second: ClassAccuracy(200, 0.86, (0.8051, 0.9013), 182),
        },
        confusion={first: {first: 190, second: 10}, second: {second: 172, first: 28}},
    )


def canary() -> Canary:
    """A canary that was seen."""
    return Canary(0.05, 0.051, (0.049, 0.053), True, "FAIL", True, 400)


def discovered(item: str, class_: str) -> Discovered:
    """A suspect that the confirming half bears out."""
    return Discovered(
        item=item,
        kind="word",
        class_=class_,
        share=0.11,
        expected_share=0.04,
        z=3.1,
        operator="delete",
        effect=0.08,
        control=0.01,
        interval=(0.03, 0.13),
        flip_rate=0.12,
        p=0.0004,
        p_adjusted=0.002,
        rows=61,
        margin=0.05,
        confirmed=True,
        reason=f"The presence of {item} moves P({class_}) by +0.080.",
        suspicion=0.71,
        reasons=("it is a name (0.90)", "in 31% of its places it has the same neighbour (0.18)"),
        moves=0.07,
    )


def failing() -> Report:
    """Two planted shortcuts, both found."""
    warning = "punctuation: the claim about “;” was not run, no row holds it."
    return report([names_audit(), punctuation_audit()], "FAIL", 1, warnings=[warning])


def clean() -> Report:
    """Nothing found."""
    return report([clean_audit()], "PASS", 0)


def mixed() -> Report:
    """One audit of every verdict, and a suspect."""
    warn = names_audit(name="casing", title="Casing", code="CAS", verdict="WARN")
    audits = [clean_audit(), inconclusive_audit(), punctuation_audit(), error_audit(), warn]
    suspects = [discovered("director", "positive")]
    return report(
        audits,
        "ERROR",
        2,
        discovery=suspects,
        warnings=["label_words: not run, the rows have no labels."],
        doubts=["Few of the 400 rows hold what was looked for: casing in 31. Of the others nothing is said."],
    )


def inconclusive() -> Report:
    """Nothing decided."""
    return report([inconclusive_audit()], "INCONCLUSIVE", 5)


def error() -> Report:
    """Nothing ran."""
    return report([error_audit()], "ERROR", 2)


def empty() -> Report:
    """No audit, no self-test, no calibration, no settings."""
    bare = report([], "INCONCLUSIVE", 5, settings={}, calibration=None, command="")
    return replace(bare, model=replace(bare.model, self_test=None))


def hostile() -> Report:
    """Every string that may come from outside tries something."""
    evil = HOSTILE[0] + HOSTILE[3] + HOSTILE[5] + HOSTILE[4] + HOSTILE[13]
    examples = [shown(text, evil, 0.7, [(0, min(4, len(text)))], None) for text in HOSTILE]
    pairs = [pair(text, text[:3], evil, 0.2, 0.9, row=evil, class_=evil) for text in HOSTILE]
    examples[0] = replace(examples[0], edit=pairs[0], row=evil, text_pair=HOSTILE[1], predicted=evil)
    bad = finding("direction", 0.2, 0.1, "FAIL", between=(evil, HOSTILE[2]), class_=evil, operator=evil, reason=evil)
    audit = names_audit(
        name=evil,
        title=evil,
        code=evil,
        why=evil,
        reason=evil,
        advice=evil,
        examples=examples,
        pairs=pairs,
        notes=[evil],
        intervention=[bad],
        by_slice=[SliceEffect(evil, 0.1, (0.0, 0.2), 9)],
        worst_items=[ItemEffect(text, evil, 0.1, (0.05, 0.15), 3, 3) for text in HOSTILE],
        association=Association(2.0, (1.0, 3.0), {evil: 2.0}, [ItemAssociation(evil, 3, 2.0, evil)]),
    )
    model = ModelInfo(
        evil, evil, evil, HOSTILE, evil, evil, replace(SELF_TEST, embedding=evil, route=evil, notes=[evil])
    )
    return report(
        [audit],
        "FAIL",
        1,
        command=evil,
        model=model,
        dataset=DatasetInfo(evil, evil, 9, 9, evil),
        warnings=HOSTILE,
        doubts=HOSTILE,
        performance=performance(*HOSTILE[:2]),
        settings={evil: evil, "method": evil, "baseline": evil, "target": evil},
        calibration=Calibration(evil, 20, 1, 0, 0.05, (0.003, 0.25), canary(), [evil]),
        discovery=[replace(discovered(evil, evil), pairs=tuple(pairs))],
    )


def huge() -> Report:
    """Eleven audits with all the examples and pairs that a long run could hand over, on long texts."""
    text = " ".join(sentence for sentence, _, _ in _SENTENCES) * 40
    examples = [shown(text, "positive", 0.9, _spans(text, NAMES)[:40], None)] * 40
    pairs = [pair(text, "Danielle", "Vincent", 0.97, 0.9)] * 40
    many = [finding("shift", 0.01, 0.02, "PASS", judged=False, between=(str(i), ".")) for i in range(200)]
    full = names_audit(examples=examples, pairs=pairs, intervention=[*names_audit().intervention, *many])
    return report([replace(full, name=f"names-{i}") for i in range(11)], "FAIL", 1)


REPORTS = {
    "failing": failing,
    "clean": clean,
    "mixed": mixed,
    "inconclusive": inconclusive,
    "error": error,
    "empty": empty,
    "hostile": hostile,
}
