"""Data: what the store holds, where it comes from, what it cost, and how to get more."""

from lib import frame

frame.require()

import streamlit as st

from lib import opening
from lib.holdings import connecting, fetch, held, origin, record, signals, spending, summary
from lib.holdings.context import Context

context = Context(opening.downloads(), opening.settings(), frame.current_theme())

st.title("Data", anchor=False)
st.caption(frame.source_line(context.found))
frame.sample_notice(context.found)

summary.draw(context)
more = st.container()
held.draw_chart(context)
held.draw_table(context)
signals.draw(context)
spending.draw(context)
origin.draw(context)
connecting.draw(context)
record.draw(context)
with more:
    # Last, because asking BigQuery for a price takes a moment.
    fetch.draw(context)
