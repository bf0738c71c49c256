"""Data: what the store holds, where it comes from, and the breaks in the record."""

from lib import frame

frame.require()

import streamlit as st

from lib import holdings

found = frame.downloads()
page = holdings.Page(found)

st.title("Data", anchor=False)
st.caption(frame.source_line(found))
frame.sample_notice(found)

page.summary()
page.cubes()
page.origin()
page.breaks()
page.filling()
