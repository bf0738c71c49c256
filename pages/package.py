"""Package: all that is held about one package."""

from lib import frame

frame.require()

import streamlit as st

from lib import address, embedding, fetching, opening, sidebar
from lib.formats import plain
from lib.package_page import choosing
from lib.package_page.cards import draw_cards
from lib.package_page.embedded import draw_embedded
from lib.package_page.start import draw_start
from lib.panels.context import Context

found = opening.downloads()
embedded = embedding.is_asked()
choice = choosing.from_address(found) if embedded else choosing.choose(found)
context = Context(found, choice.selection, frame.current_theme(), opening.settings().yesterday())

if embedded:
    draw_embedded(context, choice)
else:
    name = next(iter(choice.packages), "")
    st.title(plain(name) or "Package", anchor=False)
    st.caption(frame.source_line(found))
    frame.sample_notice(found)
    address.say_ignored(choice.ignored)
    sidebar.say_unheld(choice.unheld, found, choosing.take)
    fetching.offer_missing(opening.settings(), found, choice.packages, context.period)
    if words := choice.selection.words():
        st.markdown(f":material/filter_alt: Only {plain(words)}")
    if choice.selection.packages:
        draw_cards(context)
    else:
        draw_start(context)
