"""Live: what is being downloaded now, how fast, and where in the world."""

from lib import frame

frame.require()

import streamlit as st

from lib import opening
from lib.formats import plain
from lib.live_page import controls, stage
from lib.live_page.again import BY_MINUTE, Repeater
from lib.live_page.feeds import first_look
from lib.live_page.headline import draw_pulse
from lib.live_page.packages import draw_packages, draw_risers
from lib.live_page.places import draw_places
from lib.live_page.rate import draw_rate
from lib.live_page.running import draw_running
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
    frame.sample_notice(opening.downloads())
controls.say_ignored(ignored)
if words := filter_words(watch):
    st.markdown(f":material/filter_alt: Only {plain(words)}")

again = Repeater(feed, frame.current_theme(), watch)
again.draw(draw_pulse)
left, right = st.columns(2)
with left:
    again.draw(draw_rate, BY_MINUTE)
with right:
    again.draw(draw_places)
again.draw(draw_packages, BY_MINUTE)
left, right = st.columns([9, 11])
with left:
    again.draw(draw_risers, BY_MINUTE)
with right:
    again.draw(draw_running)
