"""Downloads per head: how much comes from each country against its people and the world."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.analysis.preference import Judging, location_quotients
from lib.cubes import UNKNOWN, Grain
from lib.geography import countries

LEAST_DOWNLOADS = 10_000
"""A country is judged that has so many downloads, or would have at the world's rate."""

LEAST_PEOPLE = 100_000
"""A country is judged that has so many people: a few machines would make a smaller one great."""

TOO_FEW_PEOPLE = "too few people"
"""The verdict on a country with fewer."""


def per_head(frame: pd.DataFrame, grain: Grain) -> pd.DataFrame:
    """How many downloads per head come from each country, against the world.

    From columns `period`, `country`, `downloads` and `stretch`. A row for each country and
    columns as of `location_quotients`: `ratio` is the country's share of the downloads whose
    country is known, over its share of the world's people (`compared_share`; GeoNames, around
    2018). Besides, `share` is of all downloads, `unknown` among them, and there is `population`.
    """
    marks = frame.drop_duplicates("period").set_index("period")["stretch"]
    judging = Judging(least=LEAST_DOWNLOADS, known_only=True)
    found = location_quotients(frame, _people(marks), grain, judging)
    population = found["country"].map({code: each.population for code, each in countries().items()})
    few = (found["country"] != UNKNOWN) & ~population.ge(LEAST_PEOPLE)
    found.loc[few, ["low", "high", "p_value", "adjusted"]] = np.nan
    found.loc[few, "verdict"] = TOO_FEW_PEOPLE
    return found.assign(
        share=found["downloads"] / max(float(found["downloads"].sum()), 1),
        population=population.astype("Int64"),
    )


def _people(marks: pd.Series[int]) -> pd.DataFrame:
    """The people of every country as if they were downloads of each period of `marks`."""
    inhabited = {code: each.population for code, each in countries().items() if each.population}
    return pd.DataFrame(
        {
            "period": np.repeat(marks.index.to_numpy(), len(inhabited)),
            "country": list(inhabited) * len(marks),
            "downloads": list(inhabited.values()) * len(marks),
            "stretch": np.repeat(marks.to_numpy(), len(inhabited)),
        }
    )
