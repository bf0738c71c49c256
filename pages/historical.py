"""Historical: trends, comparisons, splits, countries and days of what was chosen."""

from lib import frame

frame.require()

import streamlit as st

from lib import fetching, opening, sidebar
from lib.formats import plain
from lib.panels.context import Context
from lib.panels.countries import draw_countries
from lib.panels.days import draw_days
from lib.panels.headline import draw_headline
from lib.panels.over_time import draw_over_time
from lib.panels.package_table import draw_package_table
from lib.panels.signals import draw_signals
from lib.panels.split import draw_split
from lib.panels.suggested import draw_suggested

found = opening.downloads()
choice = sidebar.choose(found)
context = Context(found, choice.selection, frame.current_theme(), opening.settings().yesterday())

subject = context.subject if choice.selection.packages or not choice.unheld else "packages not held"
st.title(f"Downloads of {plain(subject)}", anchor=False)
st.caption(frame.source_line(found))
frame.sample_notice(found)
sidebar.explain(choice, found)
fetching.offer_missing(opening.settings(), found, choice.packages, context.period)
if words := choice.selection.words():
    st.markdown(f":material/filter_alt: Only {plain(words)}")
draw_suggested(context)

if (choice.selection.packages or not choice.unheld) and draw_headline(context):
    draw_over_time(context)
    draw_signals(context)
    draw_split(context)
    draw_countries(context)
    draw_days(context)
    draw_package_table(context)
