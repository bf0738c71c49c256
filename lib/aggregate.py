"""The one shape of nearly every figure: downloads summed by dimensions, compiled to SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlglot import exp, select

from lib.cubes import UNKNOWN, Cube, Grain, in_order

REST = "all other"
"""What the values outside the top are called together. No package can have this name."""


@dataclass(frozen=True)
class Filter:
    """Keeps the downloads whose `dimension` has one of `values`, or with `excluded` has none."""

    dimension: str
    values: tuple[str, ...]
    excluded: bool = False


@dataclass(frozen=True)
class AggregateQuery:
    """Downloads between two UTC days (inclusive), summed by a grain and some dimensions.

    Without `grain` there is one sum for the whole period. With `top`, the values of the last
    dimension of `by` beyond that many are summed as the rest; `unknown` always stands alone.
    """

    first: date
    last: date
    grain: Grain | None = None
    by: tuple[str, ...] = ()
    where: tuple[Filter, ...] = ()
    top: int | None = None

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Every dimension that a cube must hold to answer."""
        return in_order((*self.by, *(condition.dimension for condition in self.where)))

    @property
    def packages(self) -> tuple[str, ...]:
        """The packages asked for, or nothing for all that are held."""
        for condition in self.where:
            if condition.dimension == "project" and not condition.excluded:
                return condition.values
        return ()


@dataclass(frozen=True)
class Statement:
    """SQL in a store's dialect, with the values that it binds by name."""

    tree: exp.Query
    values: dict[str, str | date]
    dialect: str

    @property
    def sql(self) -> str:
        """The text that a store runs, with a placeholder for each value."""
        return self.tree.sql(dialect=self.dialect)

    @property
    def shown(self) -> str:
        """The text that a reader can paste: the same statement with its values written out."""

        def write_out(node: exp.Expr) -> exp.Expr:
            if isinstance(node, exp.Placeholder):
                return exp.convert(self.values[node.name])
            return node

        return self.tree.transform(write_out).sql(dialect=self.dialect, pretty=True)


def compile_query(query: AggregateQuery, cube: Cube, dialect: str = "duckdb") -> Statement:
    """The statement that answers `query` from `cube`.

    Its columns are `period` (where the query has a grain), the dimensions of `by`, and
    `downloads`; rows come in that order. NULL in the last dimension stands for the rest.
    """
    values: dict[str, str | date] = {}
    keys = [*(["period"] if query.grain else []), *query.by]
    statement = (
        select(*keys, _total())
        .from_(cube.name)
        .where(*_conditions(query, values), copy=False)
        .group_by(*_ordinals(len(keys)), copy=False)
    )
    if query.grain and query.grain is not cube.grain:
        statement = _coarser(statement, query.grain, query.by)
    if query.top is not None:
        statement = _with_rest(statement, query, query.top)
    if keys:
        statement = statement.order_by(*_ordinals(len(keys)), copy=False)
    return Statement(statement, values, dialect)


def _total() -> exp.Expr:
    return exp.cast(exp.func("SUM", exp.column("downloads")), "BIGINT").as_("downloads")


def _coarser(finer: exp.Select, grain: Grain, by: tuple[str, ...]) -> exp.Select:
    """`finer` summed to longer periods.

    In two steps, for a cube has few distinct periods: they are summed as they are stored, and
    the calendar is consulted once for each of them and not once for each row.
    """
    unit = exp.Literal.string(str(grain))
    start = exp.func("DATE_TRUNC", unit, exp.column("period"), dialect="duckdb")
    return (
        select(start.as_("period"), *by, _total())
        .from_(finer.subquery("stored"), copy=False)
        .group_by(*_ordinals(1 + len(by)), copy=False)
    )


def _conditions(query: AggregateQuery, values: dict[str, str | date]) -> list[exp.Expr]:
    values |= {"first": query.first, "after": query.last + timedelta(days=1)}
    period = exp.column("period")
    conditions: list[exp.Expr] = [
        exp.GTE(this=period, expression=exp.Placeholder(this="first")),
        exp.LT(this=period, expression=exp.Placeholder(this="after")),
    ]
    for condition in query.where:
        names: list[str] = []
        for value in condition.values:
            name = f"{condition.dimension}_{len(values)}"
            values[name] = value
            names.append(name)
        column = exp.column(condition.dimension)
        chosen = column.isin(*(exp.Placeholder(this=name) for name in names))
        conditions.append(exp.not_(chosen) if condition.excluded else chosen)
    return conditions


def _with_rest(grouped: exp.Select, query: AggregateQuery, top: int) -> exp.Select:
    """`grouped` with the last dimension's values beyond the `top` greatest summed as NULL."""
    name = query.by[-1]
    column = exp.column(name)
    total = exp.cast(exp.func("SUM", exp.column("downloads")), "BIGINT")
    leaders = (
        select(name)
        .from_("sums")
        .where(exp.NEQ(this=column, expression=exp.Literal.string(UNKNOWN)))
        .group_by(name)
        .order_by(exp.Ordered(this=total, desc=True), name)
        .limit(top)
    )
    kept = exp.or_(
        exp.EQ(this=column, expression=exp.Literal.string(UNKNOWN)),
        column.isin(query=select(name).from_("leaders")),
    )
    named_or_rest = exp.Case().when(kept, column).as_(name)
    period = ["period"] if query.grain else []
    others = query.by[:-1]
    return (
        select(*period, *others, named_or_rest, total.as_("downloads"))
        .from_("sums")
        .with_("sums", as_=grouped)
        .with_("leaders", as_=leaders)
        .group_by(*_ordinals(len(period) + len(query.by)))
    )


def _ordinals(count: int) -> list[exp.Expr]:
    """`1, 2, …`: an ordinal, for `period` alone would group by the column and not the result."""
    return [exp.Literal.number(number) for number in range(1, count + 1)]
