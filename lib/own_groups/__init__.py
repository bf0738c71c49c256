"""Own groups: sets of packages that a reader names, kept in the session and in the address.

A page that offers them

- calls `ignored = own_groups.follow_address()` before it draws a widget, and says what was ignored
  (`address.say_ignored`);
- offers `own_groups.all_groups(found.packages())`, the groups of the app and the reader's own by
  name, and calls `own_groups.draw_editor(found)` once, where they are made and changed;
- writes them with its own parameters:
  `address.write({**mine, **own_groups.parameters()}, (*my_widgets, own_groups.KEY))`.

The packages of an own group need not be held.
"""

from __future__ import annotations

from lib.own_groups.editor import draw_editor
from lib.own_groups.group import OwnGroup, from_parameters, to_parameters
from lib.own_groups.kept import KEY, all_groups, follow_address, groups_kept, is_own, parameters

__all__ = [
    "KEY",
    "OwnGroup",
    "all_groups",
    "draw_editor",
    "follow_address",
    "from_parameters",
    "groups_kept",
    "is_own",
    "parameters",
    "to_parameters",
]
