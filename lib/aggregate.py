"""The one shape of nearly every figure: downloads summed by dimensions, compiled to SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import count

from sqlglot import exp, select

from lib.cubes import UNKNOWN, Cube, Grain, in_order

REST = "all other"
"""What the values outside the top are called together. No package can have this name."""


@dataclass(frozen=True)
class Engine:
    """What runs a statement: its dialect, and the dataset that the cubes stand in, if any."""

    dialect: str
    project: str = ""
    dataset: str = ""


DUCKDB = Engine("duckdb")


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
    With `rank_of`, one of the values of the last dimension of `by`, it is that value's rank that
    is asked for and not the sums: how many values have more, however many there are.
    """

    first: date
    last: date
    grain: Grain | None = None
    by: tuple[str, ...] = ()
    where: tuple[Filter, ...] = ()
    top: int | None = None
    rank_of: str | None = None

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
    """SQL for a store, with the values that it binds by name."""

    sql: str
    values: dict[str, str | date]


def compile_query(query: AggregateQuery, cube: Cube, engine: Engine = DUCKDB) -> Statement:
    """The statement that answers `query` from `cube`.

    Its columns are `period` (where the query has a grain), the dimensions of `by`, and
    `downloads`; rows come in that order. NULL in the last dimension stands for the rest.

    Of a query with `rank_of` they are `period`, the other dimensions of `by`, `rank` (1 for the
    most downloads; equals share the better rank), `counted` (how many values have downloads,
    without `unknown`) and `downloads`; there is a row where that value has downloads.
    """
    return Statement(_text(_shape(query), cube, engine), _values(query))


def written_out(query: AggregateQuery, cube: Cube, engine: Engine = DUCKDB) -> str:
    """The same statement with its values written out, for a reader to paste."""
    values = _values(query)

    def write_out(node: exp.Expr) -> exp.Expr:
        return exp.convert(values[node.name]) if isinstance(node, exp.Placeholder) else node

    tree = _tree(_shape(query), cube, engine).transform(write_out)
    return tree.sql(dialect=engine.dialect, pretty=True)


@dataclass(frozen=True)
class _Shape:
    """What the text of a statement depends on: the query without its values."""

    grain: Grain | None
    by: tuple[str, ...]
    where: tuple[tuple[str, int, bool], ...]
    top: int | None
    ranked: bool


def _shape(query: AggregateQuery) -> _Shape:
    where = tuple((c.dimension, len(c.values), c.excluded) for c in query.where)
    return _Shape(query.grain, query.by, where, query.top, query.rank_of is not None)


def _values(query: AggregateQuery) -> dict[str, str | date]:
    """The values of a query by the names that its statement binds them to."""
    listed = [value for condition in query.where for value in condition.values]
    values: dict[str, str | date] = {f"v{i}": value for i, value in enumerate(listed)}
    if query.rank_of is not None:
        values["ranked"] = query.rank_of
    return {"first": query.first, "after": query.last + timedelta(days=1), **values}


@lru_cache(maxsize=1000)
def _text(shape: _Shape, cube: Cube, engine: Engine) -> str:
    return _tree(shape, cube, engine).sql(dialect=engine.dialect)


def _tree(shape: _Shape, cube: Cube, engine: Engine) -> exp.Select:
    keys = [*(["period"] if shape.grain else []), *shape.by]
    statement = (
        select(*keys, _total())
        .from_(_table(cube, engine))
        .where(*_conditions(shape), copy=False)
        .group_by(*_ordinals(len(keys)), copy=False)
    )
    if shape.grain and shape.grain is not cube.grain:
        statement = _coarser(statement, shape.by, _start(shape.grain, cube, engine))
    if shape.top is not None:
        statement = _with_rest(statement, shape, shape.top)
    if shape.ranked:
        statement = _rank(statement, keys[:-1], keys.pop())
    if keys:
        order = [exp.Ordered(this=key, nulls_first=False) for key in _ordinals(len(keys))]
        statement = statement.order_by(*order, copy=False)
    return statement


def _table(cube: Cube, engine: Engine) -> exp.Table:
    if not engine.dataset:
        return exp.table_(cube.name)
    return exp.table_(cube.name, db=engine.dataset, catalog=engine.project, quoted=True)


def _start(grain: Grain, cube: Cube, engine: Engine) -> exp.Expr:
    """The start of the longer period that a row's `period` is in; weeks begin on Monday."""
    period = exp.column("period")
    if engine.dialect != "bigquery":
        quoted = exp.Literal.string(str(grain))
        return exp.func("DATE_TRUNC", quoted, period, dialect=engine.dialect)
    unit = exp.var("ISOWEEK" if grain is Grain.WEEK else str(grain).upper())
    truncated = exp.DatetimeTrunc if cube.grain is Grain.HOUR else exp.DateTrunc
    return truncated(this=period, unit=unit)


def _total() -> exp.Expr:
    return exp.cast(exp.func("SUM", exp.column("downloads")), "BIGINT").as_("downloads")


def _coarser(finer: exp.Select, by: tuple[str, ...], start: exp.Expr) -> exp.Select:
    """`finer` summed to longer periods, each known by its `start`.

    In two steps, for a cube has few distinct periods: they are summed as they are stored, and
    the calendar is consulted once for each of them and not once for each row.
    """
    return (
        select(start.as_("period"), *by, _total())
        .from_(finer.subquery("stored"), copy=False)
        .group_by(*_ordinals(1 + len(by)), copy=False)
    )


def _conditions(shape: _Shape) -> list[exp.Expr]:
    period = exp.column("period")
    conditions: list[exp.Expr] = [
        exp.GTE(this=period, expression=exp.Placeholder(this="first")),
        exp.LT(this=period, expression=exp.Placeholder(this="after")),
    ]
    bound = count()
    for dimension, values, excluded in shape.where:
        names = [f"v{next(bound)}" for _ in range(values)]
        chosen = exp.column(dimension).isin(*(exp.Placeholder(this=name) for name in names))
        conditions.append(exp.not_(chosen) if excluded else chosen)
    return conditions


def _with_rest(grouped: exp.Select, shape: _Shape, top: int) -> exp.Select:
    """`grouped` with the last dimension's values beyond the `top` greatest summed as NULL."""
    name = shape.by[-1]
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
    period = ["period"] if shape.grain else []
    others = shape.by[:-1]
    return (
        select(*period, *others, named_or_rest, total.as_("downloads"))
        .from_("sums")
        .with_("sums", as_=grouped)
        .with_("leaders", as_=leaders)
        .group_by(*_ordinals(len(period) + len(shape.by)))
    )


def _rank(grouped: exp.Select, kept: list[str], ranked: str) -> exp.Select:
    """The rank of one value of the column `ranked` in each period (and value of `kept`).

    A window over the sums, so that a row comes back for each period and not for each value.
    """
    column, downloads = exp.column(ranked), exp.column("downloads")
    parts = [exp.column(name) for name in kept]
    ordered = exp.Order(expressions=[exp.Ordered(this=downloads, desc=True)])
    rank = exp.Window(this=exp.func("RANK"), partition_by=parts, order=ordered)
    counted = exp.Window(this=exp.Count(this=exp.Star()), partition_by=[p.copy() for p in parts])
    named = exp.NEQ(this=column, expression=exp.Literal.string(UNKNOWN))
    some = exp.GT(this=downloads.copy(), expression=exp.Literal.number(0))
    return (
        select(*kept, "rank", "counted", "downloads")
        .from_("ranks")
        .where(exp.EQ(this=column.copy(), expression=exp.Placeholder(this="ranked")))
        .with_("sums", as_=grouped)
        .with_(
            "ranks",
            as_=select(*kept, ranked, rank.as_("rank"), counted.as_("counted"), "downloads")
            .from_("sums")
            .where(named, some),
        )
    )


def _ordinals(count: int) -> list[exp.Expr]:
    """`1, 2, …`: an ordinal, for `period` alone would group by the column and not the result."""
    return [exp.Literal.number(number) for number in range(1, count + 1)]
