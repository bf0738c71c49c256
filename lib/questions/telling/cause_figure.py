"""The figure of what made a change: the values of the dimension that concentrates it."""

from __future__ import annotations

import pandas as pd

from lib.analysis.contributions import Decomposition
from lib.formats import value_label
from lib.questions.finding import Figure
from lib.questions.question import Asking
from lib.questions.telling.movement_words import direction, split_words
from lib.questions.telling.row_figures import bar_figure

_SHOWN = 8


def cause_figure(asking: Asking, package: str, made: Decomposition | None) -> Figure | None:
    """The values that changed most, those that made the change strong; None where none did."""
    rows = made.cause if made else None
    if made is None or rows is None:
        return None
    dimension = str(rows["dimension"].iloc[0])
    values = made.values[made.values["dimension"] == dimension]
    rose = made.after >= made.before
    shown = (values.nlargest if rose else values.nsmallest)(_SHOWN, "difference")
    frame = pd.DataFrame(
        {
            "label": [value_label(dimension, str(value)) for value in shown["value"]],
            "value": shown["difference"] if rose else -shown["difference"],
            "strong": shown["value"].isin(rows["value"]),
        }
    )
    return bar_figure(
        asking,
        frame,
        title=f"What made the {direction(made)} of {package}, by {split_words(dimension)}",
        unit=f"{'More' if rose else 'Fewer'} downloads a day than before",
        note="A possible cause: where machines asked, not why.",
    )
