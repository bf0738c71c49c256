"""What the checks ask beside the statements of a sync."""

from __future__ import annotations

from datetime import date

from lib.bigquery import PaidStatement
from lib.sources.bigquery import text

OF_CHECKS = "check_"
"""How the names of statements begin that only checks ask."""

PACKAGES = (
    "numpy",
    "boto3",
    "pandas",
    "plotly",
    "pyyaml",
    "requests",
    "scipy",
    "seaborn",
    "six",
    "urllib3",
)
"""As many as one query of a sync names; each was there on every day that is asked about."""


def rows_day(day: date) -> PaidStatement:
    """What has a price of 8 bytes for each row of one UTC day."""
    return PaidStatement("check_rows_day", text("check_rows_day"), {"day": day})
