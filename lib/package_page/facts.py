"""Facts about the package from PyPI: the lines under the title, drawn once they are known."""

from __future__ import annotations

import streamlit as st

from lib import opening
from lib.access import gate
from lib.formats import day, plain
from lib.panels.context import Context
from lib.pypi_facts import PackageFacts, look


def draw_facts(context: Context) -> None:
    """What PyPI says of the package selected; nothing where PyPI cannot be asked.

    The page does not wait: a line that looks again draws it anew once more is known, and ends.
    """
    for name in context.selection.packages[:1]:
        known = look(name, opening.settings())
        if known.facts:
            _draw(known.facts, simulated=context.found.state.simulated)
        elif known.awaited:
            _await(name)


def facts_known(context: Context) -> PackageFacts | None:
    """What is known by now of the package selected, such as its releases; nobody waits for it."""
    names = context.selection.packages[:1]
    return look(names[0], opening.settings()).facts if names else None


def _await(name: str) -> None:
    @gate.fragment(run_every=1)
    def watch() -> None:
        if not look(name, opening.settings()).awaited:
            st.rerun()
        st.caption(":material/hourglass_empty: Asking PyPI about the package …")

    watch()


def _draw(facts: PackageFacts, *, simulated: bool) -> None:
    if facts.summary:
        st.markdown(plain(facts.summary))
    told = " · ".join(plain(part) for part in _parts(facts))
    links = " · ".join(f"[{plain(link.label)}]({link.address})" for link in facts.links)
    origin = f"Facts from PyPI as of {day(facts.as_of)}"
    if simulated:
        origin += ": real, where the downloads are simulated"
    st.caption("  \n".join(filter(None, (told, links, plain(origin)))))


def _parts(facts: PackageFacts) -> list[str]:
    """What is told in a few words each: license, Python, the latest release and its day."""
    latest = f"Latest: {facts.latest}" if facts.latest else ""
    if latest and facts.latest_day:
        latest += f" of {day(facts.latest_day)}"
    parts = (
        latest,
        f"License: {facts.license}" if facts.license else "",
        f"Python {facts.requires_python}" if facts.requires_python else "",
    )
    return [part for part in parts if part]
