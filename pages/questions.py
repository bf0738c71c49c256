"""Questions: ask the data, get a finding with its evidence."""

from lib import frame

frame.require()

import streamlit as st

from lib import address, opening
from lib.formats import plain
from lib.questions_page.answer import draw_answer
from lib.questions_page.asked import choose, question_asked, words_asked
from lib.questions_page.catalog import draw_catalog
from lib.questions_page.words import draw_box, draw_understood

found = opening.downloads()
settings = opening.settings()
question, ignored = question_asked()

if question is None:
    st.title("Questions", anchor=False)
    st.caption(frame.source_line(found))
    frame.sample_notice(found)
    address.say_ignored(ignored)
    draw_box()
    if words := words_asked():
        draw_understood(words, found, settings.now().date())
    elif not ignored:
        address.write({}, ())
    draw_catalog(found, settings)
else:
    st.caption(f"**{plain(question.prompt)}**")
    draw_answer(choose(question, found), found, settings, frame.current_theme())
    frame.sample_notice(found)
    draw_box()
