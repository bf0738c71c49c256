"""The drop zone for files of signals: what was understood is shown, and kept when told to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from lib.access import gate
from lib.errors import ImportRejected, PulseError
from lib.formats import plain, told
from lib.holdings.context import Context
from lib.packages import normalized
from lib.panels.signals import question
from lib.settings import Settings
from lib.signals import LABELS, TERMS, SignalSeries
from lib.signals.data_explorer import QUERY
from lib.signals.files import understand
from lib.signals.kept import keep, signals_file
from lib.signals.terms import packages_of
from lib.signals.understood import Understood

_MEGABYTES = 10

_MOST_ASKED = 10
"""For more terms than this that no package is known by, the list of terms is the place to say."""

_ROUND, _OUTCOME = "signals_round", "signals_outcome"


@dataclass(frozen=True)
class _Placed:
    """A series with the package that it is of, empty without one.

    `is_new` is set where the list of terms does not say so yet.
    """

    series: SignalSeries
    package: str
    is_new: bool


@dataclass(frozen=True)
class _Outcome:
    """What came of keeping: the series, or why nothing was kept."""

    kept: tuple[_Placed, ...] = ()
    failure: str = ""


def draw(context: Context) -> None:
    """The drop zone; below it what was understood of each file, and the button that keeps it."""
    _say_outcome(context)
    files = st.file_uploader(
        "Add files: Google Trends’ “Interest over time”, or Stack Exchange Data Explorer",
        type=["csv", "tsv", "txt", "gz"],
        accept_multiple_files=True,
        max_upload_size=_MEGABYTES,
        key=f"signals_files_{st.session_state.setdefault(_ROUND, 0)}",
        help="What is understood of them is shown before anything is kept.",
    )
    understood = [_understood(context, file.getvalue(), file.name) for file in files]
    if understood and all(understood):
        _offer(context, [one for each in understood if each for one in each.series])
    with st.expander("Where such files come from", icon=":material/help:"):
        st.markdown(
            "- **Google Trends**: open `trends.google.com/trends/explore`, compare up to five "
            "terms, and press the arrow at “Interest over time”. Any language and range will do; "
            "give a term that means the package alone.\n"
            "- **Stack Overflow**: run this at `data.stackexchange.com/stackoverflow/query/new` "
            "with tags of your own, and press “Download CSV”:"
        )
        st.code(QUERY, language="sql")


def _understood(context: Context, content: bytes, name: str) -> Understood | None:
    """What a file holds, said; None, with the reason, where it cannot be taken."""
    try:
        found = understand(content, name, context.settings.now())
    except ImportRejected as refusal:
        st.error(plain(str(refusal)), icon=":material/error:")
        return None
    st.markdown(f":material/check: **{plain(found.file)}** · {plain(found.words)}")
    for remark in found.remarks:
        st.caption(plain(remark + "."))
    return found


def _offer(context: Context, series: Sequence[SignalSeries]) -> None:
    """The terms with their packages, and the button that keeps them."""
    if len({(one.signal, one.term) for one in series}) < len(series):
        st.error("Two of the files have the same term: keep one after the other.")
        return
    placed = [_placed(context, one) for one in series]
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "Signal": LABELS[one.series.signal],
                    "Term": one.series.term,
                    "Shown beside": one.package or "no package yet",
                    "Values": one.series.frame["value"].tolist(),
                    "In place of": _replaced(context, one.series),
                }
                for one in placed
            ]
        ),
        hide_index=True,
        height="content" if len(series) <= _MOST_ASKED else "auto",
        column_config={"Values": st.column_config.LineChartColumn()},
        alt="What was understood of the files",
    )
    asked = [one for one in placed if not one.package][:_MOST_ASKED]
    st.button(
        "Keep",
        type="primary",
        icon=":material/save:",
        key="keep_signals",
        on_click=_keep,
        args=(
            context.settings,
            [_asked(context, one) if one in asked else one for one in placed],
        ),
    )


def _placed(context: Context, series: SignalSeries) -> _Placed:
    """The package that a term stands for: as the list of terms has it, or one of that very name."""
    known = packages_of(series.signal, series.term, context.found.own_terms())
    held = [package for package in known if context.found.holds(package)]
    if known:
        return _Placed(series, (*held, *known)[0], is_new=False)
    try:
        name = normalized(series.term)
    except ValueError:
        name = ""
    is_new = name in context.found.packages()
    return _Placed(series, name if is_new else "", is_new)


def _asked(context: Context, placed: _Placed) -> _Placed:
    """A series with the package that a reader names."""
    series = placed.series
    package = st.selectbox(
        f"Which package is meant by the {TERMS[series.signal]} “{plain(series.term)}”?",
        context.found.packages(),
        index=None,
        key=f"package_of_{series.signal}_{series.term}",
        placeholder="None: kept, and not drawn",
    )
    return _Placed(series, package or "", is_new=bool(package))


def _replaced(context: Context, series: SignalSeries) -> str:
    before = context.found.signal(series.signal, series.term)
    return "" if before is None else f"{before.source}, {before.fetched_at:%Y-%m-%d}"


def _keep(settings: Settings, series: Sequence[_Placed]) -> None:
    """Keep what was understood, if whoever asks may. For the button."""
    if not gate.may_spend():
        return
    state = st.session_state
    terms = {(one.package, one.series.signal): one.series.term for one in series if one.is_new}
    try:
        keep(signals_file(settings), [one.series for one in series], terms)
    except PulseError as error:
        state[_OUTCOME] = _Outcome(failure=str(error))
        return
    state[_OUTCOME] = _Outcome(tuple(series))
    # A drop zone of another key is empty.
    state[_ROUND] += 1


def _say_outcome(context: Context) -> None:
    """What was kept, with links to what it looks like and to what it says."""
    outcome: _Outcome | None = st.session_state.pop(_OUTCOME, None)
    if outcome is None:
        return
    if outcome.failure:
        st.error(told(outcome.failure), icon=":material/error:")
        return
    named = ", ".join(one.series.name for one in outcome.kept)
    st.success(f"Kept: {plain(named)}.", icon=":material/check_circle:")
    for one in outcome.kept[:_MOST_ASKED]:
        if one.package and context.found.holds(one.package):
            with st.container(horizontal=True):
                st.page_link(
                    "pages/historical.py",
                    label=f"See {plain(one.series.name)} beside the downloads of {one.package}",
                    icon=":material/show_chart:",
                    query_params=_overlay(context, one),
                )
                st.page_link(
                    "pages/questions.py",
                    label="Does interest lead or follow?",
                    icon=":material/help:",
                    query_params=question(one.package, one.series.signal),
                )


def _overlay(context: Context, placed: _Placed) -> dict[str, str]:
    """The parameters of the Historical page that draw a series over all days that it shares."""
    shared = placed.series.period.overlap(context.found.held((placed.package,)))
    return {
        "packages": placed.package,
        "period": f"{shared.first}..{shared.last}" if shared else "all",
        "signals": str(placed.series.signal),
    }
