"""Refuses a statement that would read a partitioned table without bounds on its partitions."""

from __future__ import annotations

import re
from collections.abc import Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from lib.errors import BigQueryError

_ODD = re.compile("\\|>|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
"""What sqlglot and BigQuery may read differently: pipes are rewritten, comments end elsewhere."""

_RAW = "file_downloads"

_CUBE = re.compile(r"cube_[a-z0-9_]+")

_UNPARTITIONED = {"coverage", "note", "ledger"}
"""The tables that are read whole: they hold some rows."""

_PARTITIONS = "information_schema.partitions"

_QUESTIONS = "bigquery-public-data.stackoverflow.posts_questions"
"""A public copy that grows no more; what its columns cost is asked and capped as ever."""

_LOWER = (exp.GT, exp.GTE, exp.EQ)
_UPPER = (exp.LT, exp.LTE, exp.EQ)

_CONSTANT = (
    exp.Literal,
    exp.Placeholder,
    exp.Parameter,
    exp.Var,
    exp.Neg,
    exp.Paren,
    exp.Cast,
    exp.DataType,
    exp.Date,
    exp.Timestamp,
    exp.Interval,
    exp.Add,
    exp.Sub,
    exp.DateAdd,
    exp.DateSub,
    exp.DateTrunc,
    exp.TimestampAdd,
    exp.TimestampSub,
    exp.TimestampTrunc,
)
"""What a bound may be made of: its value is known before the query runs, so it prunes partitions.

Named one by one, because there is no end of what moves: the clock, a function of one's own, a
variable of the system, a subquery.
"""


def require_bounds(sql: str) -> int:
    """The number of tables that a statement reads, each within constant bounds.

    Raises BigQueryError for any other: it is never sent.
    """
    if _ODD.search(sql):
        raise BigQueryError(
            "A statement with pipes (|>), or with line breaks of another kind than LF, is not sent."
        )
    try:
        statements = sqlglot.parse(sql, dialect="bigquery")
    except SqlglotError as error:
        raise BigQueryError("This is not GoogleSQL; it was not sent.") from error
    statement = statements[0] if len(statements) == 1 else None
    if not isinstance(statement, exp.Select | exp.Insert | exp.Delete):
        raise BigQueryError("Only one SELECT, INSERT or DELETE may be sent; this was not.")
    tables = list(_read_tables(statement))
    for table in tables:
        column = _partition_column(table)
        if column and not _is_bounded(table, column):
            raise BigQueryError(
                f"A query of {table.name} must name its first and last day as constants of "
                f"`{column}`: without them it would read, and bill, every day there is. It was "
                "not sent."
            )
    return len(tables)


def _read_tables(statement: exp.Expr) -> Iterator[exp.Table]:
    named = {query.alias for query in statement.find_all(exp.CTE)}
    target = statement.this.find(exp.Table) if isinstance(statement, exp.Insert) else None
    for table in statement.find_all(exp.Table):
        if table is target:
            _partition_column(table)
        elif table.db or table.name not in named:
            yield table


def _partition_column(table: exp.Table) -> str | None:
    """The column that a table is partitioned by, or None for one that is small.

    Raises BigQueryError for what is no table of the project's: a wildcard, a table function.
    """
    is_function = not isinstance(table.this, exp.Identifier)
    path = "" if is_function else ".".join(part.name for part in table.parts)
    name = path.rsplit(".", 1)[-1]
    if name == _RAW:
        return "timestamp"
    if _CUBE.fullmatch(name):
        return "period"
    if name in _UNPARTITIONED or path == _QUESTIONS or path.lower().endswith(f".{_PARTITIONS}"):
        return None
    raise BigQueryError(
        f"{path or 'A table function'} is no table that may be asked; the query was not sent."
    )


def _is_bounded(table: exp.Table, column: str) -> bool:
    query = _query_of(table)
    where = query.args.get("where") if query else None
    if query is None or where is None or table.args.get("pivots"):
        return False
    joined = [*query.args.get("joins", []), *table.args.get("joins", [])]
    if any(join.side for join in joined):
        return False
    alone = not joined and not query.args.get("laterals")
    names = {table.alias_or_name, ""} if alone else {table.alias_or_name}
    bounds = [c for c in _conjuncts(where.this) if _is_bound(c, column, names)]
    return any(isinstance(b, _LOWER) for b in bounds) and any(isinstance(b, _UPPER) for b in bounds)


def _query_of(table: exp.Table) -> exp.Expr | None:
    """The SELECT whose FROM names a table, or the DELETE of its rows."""
    clause = table.parent
    query = clause if isinstance(clause, exp.Delete) else clause and clause.parent
    direct = isinstance(clause, exp.Delete | exp.From | exp.Join)
    return query if direct and isinstance(query, exp.Select | exp.Delete) else None


def _conjuncts(condition: exp.Expr) -> Iterator[exp.Expr]:
    """The conditions that must all hold."""
    condition = condition.unnest()
    if isinstance(condition, exp.And):
        yield from _conjuncts(condition.left)
        yield from _conjuncts(condition.right)
    else:
        yield condition


def _is_bound(condition: exp.Expr, column: str, names: set[str]) -> bool:
    """Whether a condition compares the bare column, of a table so called, with a constant."""
    if not isinstance(condition, (*_LOWER, *_UPPER)):
        return False
    compared = condition.this
    bare = isinstance(compared, exp.Column) and len(compared.parts) <= 2
    of_table = bare and compared.name == column and compared.table in names
    return of_table and all(_is_constant(node) for node in condition.expression.walk())


def _is_constant(node: exp.Expr) -> bool:
    if isinstance(node, exp.Parameter):
        # Two signs, as in @@time_zone, name a variable of the system.
        return isinstance(node.this, exp.Var)
    return isinstance(node, _CONSTANT)
