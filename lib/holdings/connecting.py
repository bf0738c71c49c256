"""How to connect real data: the steps for each source, with the commands to copy."""

from __future__ import annotations

import shlex
from datetime import timedelta
from functools import cache

import streamlit as st

from lib.budget import dollars, priced
from lib.cubes import DIMENSION
from lib.formats import plain
from lib.holdings.context import Context
from lib.panels.card import panel
from lib.settings import GIGABYTE
from lib.sources.bigquery import text
from lib.sources.bigquery.widths import ROWS_A_DAY, expected_bytes, small_package_bytes
from lib.sources.clickhouse import CUBES
from lib.sync.command import QUERIES_AN_HOUR

_EXAMPLES = "numpy,pandas"

_COMMAND = ".venv/bin/python -m lib"


def draw(context: Context) -> None:
    """A tab for each place that real rows can come from or go to."""
    with panel("Connect real data", "connect"):
        st.caption(
            "Real rows go into a store of their own. Commands are run in the folder of PyPI Pulse; "
            "a sync takes only whole UTC days that are missing, and goes on where it was stopped."
        )
        bigquery, clickhouse, dataset, files = st.tabs(
            ["BigQuery", "ClickHouse", "Store in BigQuery", "Files"]
        )
        with bigquery:
            _draw_bigquery(context)
        with clickhouse:
            _draw_clickhouse(context)
        with dataset:
            _draw_dataset(context)
        with files:
            _draw_files()


def _draw_bigquery(context: Context) -> None:
    st.markdown(
        "PyPI's own record, with every dimension. You need a Google Cloud project; a free one "
        "without a billing account will do.\n\n**1.** Sign in, name the project that pays, and "
        "check both (free):"
    )
    _code(
        "gcloud auth application-default login",
        f"export PULSE_BIGQUERY_PROJECT={_project(context)}",
        "export PULSE_STORE=store/bigquery.duckdb",
        f"{_COMMAND} check-bigquery",
    )
    st.markdown("**2.** See what a week of some packages may cost; nothing is spent:")
    sync = f"{_COMMAND} sync --packages {_EXAMPLES} {_last_week(context)}"
    _code(f"{sync} --dry-run")
    st.markdown("**3.** Fetch it, and look at it:")
    _code(sync, "make run")
    small, bound, everything = _prices()
    st.markdown(
        "What to expect of one day:\n"
        f"- named packages, every dimension: **about {plain(small)} for each small package**; "
        f"before a query BigQuery can name only an upper bound, {plain(bound)}\n"
        f"- all packages by country (leave out `--packages`): **{plain(everything)}**\n"
    )
    st.caption(
        plain(
            f"Computed for {ROWS_A_DAY / 1e9:.0f} billion downloads a day at the list price, from "
            "widths of columns that others have published (lib/sources/bigquery/widths.py), not "
            "billed here. The first 1 TiB a month is free. No query is sent that could exceed "
            "PULSE_MONTHLY_GB (900) or PULSE_QUERY_GB (900). PULSE_FETCH_FROM_APP=yes lets pages "
            "fetch too. On a server, put a service account's key into .streamlit/secrets.toml as "
            "[gcp_service_account]."
        )
    )


def _draw_clickhouse(context: Context) -> None:
    st.markdown(
        "ClickPy, ClickHouse's public copy: free, and no account is needed. Fetch a week of some "
        "packages, and look at it:"
    )
    store = "PULSE_STORE=store/clickhouse.duckdb"
    _code(
        f"{store} {_COMMAND} sync --source clickhouse --packages {_EXAMPLES} {_last_week(context)}",
        f"{store} make run",
    )
    held, lacking = _splits()
    st.markdown(
        f"- It has named packages by day, and each split by {held}: one split at a time, but for "
        "installer and file type together.\n"
        f"- It lacks {lacking}, hours, and all of PyPI at once.\n"
        f"- It answers {QUERIES_AN_HOUR} queries an hour; a sync counts them, stops in time, and "
        "goes on when it is run again."
    )


def _draw_dataset(context: Context) -> None:
    st.markdown(
        "For more than a machine holds, or for several machines: the same cubes in a dataset of "
        "your own. It is made in the location US, where PyPI's table is; the project needs a "
        "billing account. The ledger is kept there too, so that all share one month's budget."
    )
    project = _project(context)
    sync = f"{_COMMAND} sync --packages {_EXAMPLES} {_last_week(context)}"
    _code(
        "gcloud auth application-default login",
        f"export PULSE_BIGQUERY_PROJECT={project}",
        f"export PULSE_STORE=bigquery://{project}.pulse",
        f"{sync} --dry-run",
        sync,
        "make run",
    )
    st.caption(
        "Pages then ask the dataset: each new question is a small paid query of the cubes, at "
        "least 10 MB, behind the same budget; answers are kept and not paid for again."
    )


def _draw_files() -> None:
    st.markdown(
        "Import CSV, JSON lines or Parquet files with the columns `date` or `month`, "
        "`project`, `downloads` and any of "
        + ", ".join(f"`{name}`" for name in DIMENSION if name != "project")
        + ", into a store of their own:"
    )
    _code(
        f"PULSE_STORE=store/mine.duckdb {_COMMAND} import downloads.csv",
        "PULSE_STORE=store/mine.duckdb make run",
    )


def _code(*lines: str) -> None:
    st.code("\n".join(lines), language="bash", wrap_lines=True)


def _project(context: Context) -> str:
    return shlex.quote(context.settings.bigquery_project or "my-project")


def _last_week(context: Context) -> str:
    first = context.yesterday - timedelta(days=6)
    return f"--from {first} --to {context.yesterday}"


@cache
def _prices() -> tuple[str, str, str]:
    """The price of a day: of a small package, of what BigQuery says of it, of all packages."""
    watch_list = text("watch_list_day")
    small = small_package_bytes()
    return (
        f"{small / GIGABYTE:.2f} GB (${dollars(small):.3f})",
        priced(expected_bytes(watch_list, ROWS_A_DAY)),
        priced(expected_bytes(text("all_packages_day"), ROWS_A_DAY)),
    )


@cache
def _splits() -> tuple[str, str]:
    """What ClickPy splits packages by, and what it does not, in words."""
    held = {name for cube in CUBES for name in cube.dimensions}
    return (
        _listed([DIMENSION[n].label for n in DIMENSION if n in held and n != "project"], "and"),
        _listed([DIMENSION[n].label for n in DIMENSION if n not in held], ""),
    )


def _listed(labels: list[str], last: str) -> str:
    words = [label if label.isupper() else label[0].lower() + label[1:] for label in labels]
    words = [word.replace("python", "Python") for word in words]
    return ", ".join(words) if not last else f"{', '.join(words[:-1])} {last} {words[-1]}"
