"""Measures each page query through `lib.data` against hand-written SQL, ClickHouse and pandas."""

from __future__ import annotations

from functools import partial

from bench.contenders import Answering, all_contenders, check_equal, forget_answers
from bench.figures import Figure, Outcome, Target, at_least, at_most, geometric_mean
from bench.questions import QUESTIONS, Question
from bench.stores import generated
from bench.timing import Contender, medians

_REPETITIONS = 15
_SLOW = ("pandas", "plain pandas")
_SLOW_REPETITIONS = 1

Times = dict[str, float]


def measure() -> Outcome:
    """Every question by every contender, after a check that their answers are equal."""
    contenders = all_contenders(generated())
    times = {question.name: _time(question, contenders) for question in QUESTIONS}
    return Outcome(
        (
            *_compared(times, "DuckDB", "hand-written DuckDB SQL", at_most(1.3)),
            *_compared(times, "ClickHouse", "ClickHouse (chdb)", at_least(2)),
            *_compared(times, "pandas", "pandas with filters", at_least(20)),
            *_compared(times, "plain pandas", "pandas without filters", None),
        ),
        {"Page queries, ms (median)": [_row(name, found) for name, found in times.items()]},
    )


def _time(question: Question, contenders: dict[str, Answering]) -> Times:
    check_equal(question, {name: answer(question) for name, answer in contenders.items()})
    timed = {
        name: Contender(partial(answer, question), forget_answers)
        for name, answer in contenders.items()
    }
    slow = {name: timed.pop(name) for name in _SLOW}
    return {**medians(timed, _REPETITIONS), **medians(slow, _SLOW_REPETITIONS)}


def _compared(
    times: dict[str, Times], contender: str, label: str, target: Target | None
) -> tuple[Figure, ...]:
    """The geometric mean and the worst question, as a ratio that the target is about.

    Against hand-written SQL that is the time of `lib.data` over the other's, else the inverse.
    """
    ratios = {name: _ratio(found, contender) for name, found in times.items()}
    slower = contender == "DuckDB"
    worst = (max if slower else min)(ratios, key=ratios.__getitem__)
    prefix = f"Page queries, time over {label}" if slower else f"Page queries, faster than {label}"
    return (
        Figure(f"{prefix}: geometric mean", geometric_mean(list(ratios.values())), "×", target),
        Figure(f"{prefix}: worst ({worst})", ratios[worst], "×", target if slower else None),
    )


def _ratio(found: Times, contender: str) -> float:
    if contender == "DuckDB":
        return found["lib.data"] / found[contender]
    return found[contender] / found["lib.data"]


def _row(name: str, found: Times) -> dict[str, object]:
    milliseconds = {contender: round(1000 * seconds, 2) for contender, seconds in found.items()}
    ratios = {
        "÷ DuckDB": round(_ratio(found, "DuckDB"), 2),
        "ClickHouse ÷": round(_ratio(found, "ClickHouse"), 2),
        "pandas ÷": round(_ratio(found, "pandas"), 1),
    }
    return {"question": name, **milliseconds, **ratios}
