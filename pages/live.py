"""Live: what is being downloaded now, how fast, and where in the world."""

from lib import frame

frame.require()

import streamlit as st

from lib import address, opening
from lib.formats import plain
from lib.live_page import controls, stage
from lib.live_page.again import look_again
from lib.live_page.feeds import first_look
from lib.live_page.parts import draw_parts
from lib.live_page.scene import filter_words

head = st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center")
head.title("Being downloaded now", anchor=False, width="content")
feed, look = first_look(opening.settings())
watch, ignored = controls.choose(look)
stage.set_up(watch.present)
with head.container(horizontal=True, width="content"):
    controls.pause_button(watch.paused)
    controls.present_button(watch.present)
if look.feed == "sample":
    frame.say_simulated()
address.say_ignored(ignored)
if words := filter_words(watch):
    st.markdown(f":material/filter_alt: Only {plain(words)}")

look_again(draw_parts, feed, frame.current_theme(), watch)
