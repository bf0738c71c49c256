"""Measures how long each question of the catalog takes to be answered, cold, over the sample."""

from __future__ import annotations

from functools import partial

from bench.contenders import forget_answers
from bench.figures import Figure, Outcome
from bench.stores import LAST_SAMPLE_DAY, sample
from bench.timing import Contender, medians
from lib.data import Downloads
from lib.questions.address import first_asked_now
from lib.questions.question import Asking
from lib.questions.registry import questions
from lib.stores.duckdb import DuckDBStore

_REPETITIONS = 7


def measure() -> Outcome:
    """Every question with its first parameters; no answer of the store is kept in between."""
    found = Downloads(DuckDBStore(sample()))
    contenders = {
        question.key: Contender(partial(question.answer, asking), prepare=forget_answers)
        for question in questions().values()
        for asking in [Asking(found, first_asked_now(question, found), LAST_SAMPLE_DAY)]
    }
    seconds = medians(contenders, _REPETITIONS)
    slowest = max(seconds, key=seconds.__getitem__)
    rows: list[dict[str, object]] = [
        {"question": name, "ms": round(1000 * value)}
        for name, value in sorted(seconds.items(), key=lambda pair: -pair[1])
    ]
    return Outcome(
        (
            Figure(f"All {len(seconds)} questions answered once, cold", sum(seconds.values()), "s"),
            Figure(f"The slowest of them: {slowest}", seconds[slowest], "s"),
        ),
        {"A question answered, cold, ms (median)": rows},
    )
