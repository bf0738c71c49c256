"""The source `clickhouse`: cubes by day from ClickPy's rollups, each answer checked to be whole.

ClickPy is ClickHouse's public copy of PyPI's downloads. Two of its figures differ from
BigQuery's: metadata files (before 2026-08-24) count as the file type of their wheel, and a day
that was loaded anew may differ a little between rollups.
"""

from lib.sources.clickhouse.connection import QUERIES_TO_CONNECT, Address, connect
from lib.sources.clickhouse.fetching import ClickHouse
from lib.sources.clickhouse.plan import DayCount, Fetched, Plan
from lib.sources.clickhouse.rollups import CUBES

__all__ = [
    "CUBES",
    "QUERIES_TO_CONNECT",
    "SOURCE",
    "Address",
    "ClickHouse",
    "DayCount",
    "Fetched",
    "Plan",
    "connect",
]

SOURCE = "clickhouse"
