"""Rankings: the most downloaded packages, and what rises, falls, emerges or goes quiet."""

from lib import frame

frame.require()

import streamlit as st

from lib import address, opening, own_groups
from lib.formats import plain
from lib.questions.question import CannotTell
from lib.rankings.choice import Show
from lib.rankings.scope import Scope
from lib.rankings_page import controls, head
from lib.rankings_page.flow import draw_flow
from lib.rankings_page.moved import draw_moved
from lib.rankings_page.parts import draw_parts
from lib.rankings_page.report import draw_report
from lib.rankings_page.steady import draw_steady
from lib.rankings_page.top import draw_top, follow_click
from lib.router import NotHeld

follow_click()
found = opening.downloads()
chosen = controls.choose(found)
choice = chosen.choice
group = chosen.groups.get(choice.group, ())
members = tuple(name for name in group if found.holds(name))
days = choice.days(found.held(members))
scope = Scope(found, choice.selection(members, days), choice.group, opening.settings().yesterday())
parted = ((choice.group, members),) if choice.group else tuple(chosen.groups.items())
theme = frame.current_theme()

st.title(head.TITLES[choice.show], anchor=False)
st.caption(frame.source_line(found))
frame.sample_notice(found)
address.say_ignored(chosen.ignored)
controls.draw_switch()

try:
    if choice.group and not members:
        st.info(f"No package of the group {plain(choice.group)} is held: choose another.")
    else:
        head.draw_sentence(scope, choice.show)
        head.draw_limits(scope)
        head.say_unheld(tuple(name for name in group if name not in members))
        if choice.show is Show.TOP:
            if own_groups.is_own(choice.group):
                draw_report(scope, group, theme, address.link(address.asked()))
            draw_top(scope, choice)
            draw_flow(scope, theme)
            draw_parts(scope, parted, theme)
        elif choice.show is Show.STEADY:
            draw_steady(scope, theme)
        else:
            draw_moved(scope, choice, theme)
except CannotTell as reason:
    head.say_cannot_tell(reason, choice.period)
except NotHeld as missing:
    head.say_not_held(missing, choice)
