"""Finds out whether what PyPI Pulse assumes of BigQuery and of PyPI's table is so.

What is free comes first: the table's metadata, and the prices of all statements. With leave to
spend, a few queries of at most a gigabyte in all show what only a bill can show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from lib.bigquery import PaidStatement
from lib.bigquery.asking import BigQuery
from lib.budget import gigabytes
from lib.errors import BigQueryError
from lib.sources.bigquery.checks.bills import of_bills
from lib.sources.bigquery.checks.finding import Finding, Verdict, heading, in_columns, summary
from lib.sources.bigquery.checks.metadata import of_metadata
from lib.sources.bigquery.checks.prices import of_prices
from lib.sources.bigquery.checks.spending import MOST_SPENT, paid
from lib.sources.bigquery.checks.statements import rows_day

__all__ = ["MOST_SPENT", "findings", "report", "rows_day"]


def report(asking: BigQuery, *, spend: bool, say: Callable[[str], None]) -> None:
    """Check everything and say it, a finding at a time and a summary at the end.

    Raises BigQueryError where Google does not let anything be asked, and, when all is said, where
    the app cannot work with what was found.
    """
    begun = asking.budget.now()
    found: list[Finding] = []
    for finding in findings(asking, spend=spend):
        if not found:
            say(heading())
        found.append(finding)
        say(in_columns(finding))
    say("")
    say(summary(found, sum(entry.counted for entry in paid(asking, begun)) if spend else 0))
    if not spend:
        say(f"Real queries tell more: --spend allows them {gigabytes(MOST_SPENT)} in all.")
    broken = [one for one in found if one.essential and one.verdict is Verdict.DIFFERS]
    if broken:
        raise BigQueryError(
            "PyPI Pulse cannot work with BigQuery as it is. Not so: "
            f"{'; '.join(one.assumption for one in broken)}."
        )


def findings(asking: BigQuery, *, spend: bool) -> Iterator[Finding]:
    """Check one assumption after the other; those that cost something only with `spend`.

    Raises BigQueryError where Google does not let anything be asked.
    """
    yesterday = asking.budget.now().date() - timedelta(days=1)
    asking.estimate(PaidStatement("check_access", "SELECT 1"))
    accepted = "Google takes the credentials, and the project may run queries"
    yield Finding(accepted, asking.project, Verdict.HOLDS, essential=True)
    yield from of_metadata(asking)
    rows = yield from of_prices(asking, yesterday)
    if spend:
        yield from of_bills(asking, yesterday, rows)
