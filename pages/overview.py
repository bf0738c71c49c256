"""Overview: what this is, what the store holds, and the ways into every page."""

from lib import frame

frame.require()

import streamlit as st

from lib import opening, overview

found = opening.downloads()
page = overview.Page(found, frame.current_theme())

st.title("How Python packages are downloaded", anchor=False)
st.write(
    "PyPI writes a row for every file that it serves. PyPI Pulse lets you watch, compare and "
    "question those downloads by package, country, Python version, system and installer."
)
st.caption(frame.source_line(found))
frame.sample_notice(found)

page.headline()
page.ways_in()
left, right = st.columns([2, 3])
with left:
    page.top_ten()
with right:
    page.world()
page.facts()
