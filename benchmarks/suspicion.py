"""Does `suspicion` tell spurious suspects from legitimate ones? Linear models on real rows, and labels by hand.

    python -m benchmarks.suspicion KIT                # AUC against benchmarks/suspects.csv, four domains
    python -m benchmarks.suspicion KIT --genres       # IMDB: original, revised, both: whole audits, some minutes
    python -m benchmarks.suspicion KIT --blind        # the suspects without their scores, to be labelled

A suspect is one of the 50 words of a domain that move its model most, in 20 rows or more. `suspects.csv` was labelled
by rule, the last three domains blind to all scores (those of some IMDB words had been seen while the reasons were
made): legitimate where a careful reader who sees the word alone would call the class likelier for what it means
(judgements for sentiment, wares and calls for spam, what a section is about for news); spurious is the rest: names of
persons, words of grammar, marks of a source, of markup or of a day, genres and parts of films.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import rankdata
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from token_saliency import TextClassifier, run_audits
from token_saliency.auditing.discovery.profiles import company_of, profile
from token_saliency.auditing.discovery.suspects import Suspect, suspects
from token_saliency.auditing.discovery.suspicion import Shown, suspicion
from token_saliency.results import Example

DOMAINS = {
    "imdb": "imdb_counterfactual/imdb_counterfactual.csv",
    "planted": "planted/planted.csv",
    "spam": "sms_spam/sms_spam.csv",
    "news": "ag_news/ag_news.csv",
}
ROWS, WORDS, LEAST = 1500, 50, 20
LABELS = Path(__file__).with_name("suspects.csv")
GENRES = ("horror", "romantic", "romance")


def rows_of(kit: Path, domain: str, variant: str = "original") -> pd.DataFrame:
    """Text and label; of IMDB one variant, or both."""
    found = pd.read_csv(kit / DOMAINS[domain], keep_default_na=False)
    if domain == "imdb" and variant != "both":
        found = found[found["variant"] == variant]
    return found


def linear(rows: pd.DataFrame, *, counts: bool = False) -> Pipeline:
    """Words, weighted by how rare they are, into a logistic regression."""
    words = TfidfVectorizer(
        min_df=3, sublinear_tf=True, use_idf=not counts, norm=None if counts else "l2", binary=counts
    )
    return make_pipeline(words, LogisticRegression(max_iter=1000, C=0.1 if counts else 1.0)).fit(
        rows["text"], rows["label"]
    )


def scored(kit: Path, domain: str) -> list[tuple[str, str, float, list[str]]]:
    """Word, class, suspicion and reasons of the words that move the model most."""
    rows = rows_of(kit, domain)
    model, part = linear(rows), rows.sample(min(ROWS, len(rows)), random_state=0)
    examples = [Example(str(n), t, label=y) for n, (t, y) in enumerate(zip(part["text"], part["label"], strict=True))]
    company, places = company_of(examples, None), suspects(examples)
    columns, classes = model[0].vocabulary_, list(model[-1].classes_)
    weights = model[-1].coef_ if len(classes) > 2 else np.vstack([-model[-1].coef_, model[-1].coef_])
    found = []
    for suspect, at in places.items():
        if suspect.kind == "word" and len(at) >= LEAST and suspect.item in columns:
            own = weights[:, columns[suspect.item]] * model[0].idf_[columns[suspect.item]]
            found.append((float(own.max()), int(own.argmax()), suspect.item))
    lines = []
    for size, index, word in sorted(found, reverse=True)[:WORDS]:
        said = profile(company, Suspect("word", word), places[Suspect("word", word)], classes[index])
        lines.append((word, classes[index], *suspicion(said, Shown(size, index, ()))))
    return lines


def auc(scores: Sequence[float], spurious: Sequence[bool]) -> float:
    """How often a spurious suspect stands above a legitimate one."""
    ranks, own = rankdata(scores), np.array(spurious)
    return float((ranks[own].sum() - own.sum() * (own.sum() + 1) / 2) / (own.sum() * (~own).sum()))


def against_labels(kit: Path) -> None:
    with LABELS.open(encoding="utf-8", newline="") as file:
        known = {(line["domain"], line["word"]): line["spurious"] == "yes" for line in csv.DictReader(file)}
    print("| domain | suspects | spurious | AUC |\n| --- | --- | --- | --- |")
    every: list[tuple[float, bool]] = []
    for domain in DOMAINS:
        own = [(score, known[domain, word]) for word, _, score, _ in scored(kit, domain) if (domain, word) in known]
        every += own
        print(f"| {domain} | {len(own)} | {sum(s for _, s in own)} | {auc(*zip(*own, strict=True)):.2f} |")
    print(f"| all | {len(every)} | {sum(s for _, s in every)} | {auc(*zip(*every, strict=True)):.2f} |")


def genres(kit: Path) -> None:
    """Whole audits: which genre words are confirmed, with which sign, and where they stand among the confirmed."""
    print("| trained on | word | effect on positive | confirmed | suspicion | confirmed words above it |")
    print("| --- | --- | --- | --- | --- | --- |")
    for variant in ("original", "revised", "both"):
        rows = rows_of(kit, "imdb", variant)
        model = linear(rows, counts=True)
        classifier = TextClassifier.from_function(model.predict_proba, list(model[-1].classes_))
        report = run_audits(classifier, rows[["text", "label"]], ["emoji"], rows_limit=2500, progress=False)
        found = {one.item: one for one in report.discovery}
        for word in GENRES:
            if (one := found.get(word)) is None:
                print(f"| {variant} | {word} | not nominated | no | | |")
                continue
            above = [o.item for o in report.discovery if o.confirmed and (o.suspicion or 0) > (one.suspicion or 0)]
            said = f"{one.effect:+.3f} | {'yes' if one.confirmed else 'no'} | {one.suspicion:.2f}"
            print(f"| {variant} | {word} | {said} | {', '.join(above)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("kit", type=Path)
    parser.add_argument("--genres", action="store_true")
    parser.add_argument("--blind", action="store_true")
    arguments = parser.parse_args()
    if arguments.blind:
        for domain in DOMAINS:
            for word, name, *_ in sorted(scored(arguments.kit, domain)):
                print(f"{domain},{word},{name}")
    elif arguments.genres:
        genres(arguments.kit)
    else:
        against_labels(arguments.kit)


if __name__ == "__main__":
    main()
