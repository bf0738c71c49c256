"""The widgets by which a reader makes, changes and removes own groups."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

import streamlit as st

from lib.data import Downloads
from lib.dependencies import MOST_BYTES, Dependencies, read_dependencies
from lib.errors import DependenciesRejected
from lib.formats import plain, told
from lib.own_groups.group import (
    LONGEST_NAME,
    MOST_GROUPS,
    MOST_PACKAGES,
    OwnGroup,
    checked_name,
    without_room,
)
from lib.own_groups.kept import groups_kept, keep
from lib.packages import normalized
from lib.questions.telling.wording import counted

_KEY = "own_group_{}"
"""How the widgets' keys in the session are made."""

_NEW = ""
"""What is picked while a group is made."""

_MOST_SAID = 6
"""More entries of a file, or packages, than these are counted, not named."""

Saved = Callable[[OwnGroup], None]


@dataclass(frozen=True)
class _Removed:
    group: OwnGroup
    place: int


def draw_editor(found: Downloads, when_saved: Saved | None = None) -> None:
    """An expander in which own groups are made, renamed, changed, removed and brought back.

    Once on a page. What is changed is kept by callbacks, so that the run that follows has it;
    `when_saved` is called in them with the group that was made or changed.
    """
    editor = st.expander(
        "Own groups", icon=":material/playlist_add:", key=_key("open"), on_change="rerun"
    )
    if editor.open:
        with editor:
            _seed()
            _draw_picker()
            _draw_file(found)
            _draw_group(found)
            _draw_buttons(when_saved)
            _draw_messages()


def _key(name: str) -> str:
    return _KEY.format(name)


def _seed() -> None:
    """Give the widgets their first values, or those that are left where a group has gone."""
    state = st.session_state
    offered = _offered()
    if state.get(_key("picked"), _NEW) not in offered:
        _pick(offered[0])
    for name, value in (("picked", _NEW), ("name", ""), ("packages", [])):
        state.setdefault(_key(name), value)


def _offered() -> list[str]:
    """The names of the groups that can be changed, after the one that means another group."""
    names = [group.name for group in groups_kept()]
    return [_NEW, *names] if len(names) < MOST_GROUPS else names


def _pick(name: str) -> None:
    """Show a group in the widgets, or none."""
    state = st.session_state
    group = next((each for each in groups_kept() if each.name == name), OwnGroup("", ()))
    state[_key("picked")] = group.name
    state[_key("name")] = group.name
    state[_key("packages")] = list(group.packages)


def _draw_picker() -> None:
    if not groups_kept():
        return
    st.selectbox(
        "Group to change",
        _offered(),
        key=_key("picked"),
        format_func=lambda name: name or "A new group",
        on_change=lambda: _pick(st.session_state[_key("picked")]),
    )


def _draw_group(found: Downloads) -> None:
    chosen: list[str] = st.session_state[_key("packages")]
    known = found.packages()
    held = set(known)
    st.text_input("Name", key=_key("name"), max_chars=LONGEST_NAME, placeholder="My stack")
    st.multiselect(
        "Packages",
        [*known, *(name for name in chosen if name not in held)],
        key=_key("packages"),
        accept_new_options=True,
        max_selections=MOST_PACKAGES,
        placeholder="Type any part of a name",
    )
    unheld = [name for name in _normalized(chosen)[0] if not found.holds(name)]
    if unheld:
        st.caption(f"Not held here, and kept in the group: {_named(unheld)}.")


def _draw_file(found: Downloads) -> None:
    """Offer to read packages from a file; what is read is shown before it is taken."""
    file = st.file_uploader(
        "From a file of dependencies",
        key=_key(f"file_{st.session_state.get(_key('files'), 0)}"),
        max_upload_size=MOST_BYTES // 1_000_000,
        help="requirements.txt, pyproject.toml, or the lock file of any tool. It is read, not run, "
        "and not kept.",
    )
    if file is None:
        return
    try:
        read = read_dependencies(file.name, file.getvalue())
    except DependenciesRejected as error:
        st.error(told(str(error)))
        return
    held = sum(found.holds(name) for name in read.packages)
    st.caption(f"{counted(len(read.packages), 'package')} read as {read.form}; {held:,} held here.")
    if read.not_read:
        st.caption(f"Not read: {_named(read.not_read, '; ')}.")
    st.button(
        f"Take {counted(min(len(read.packages), MOST_PACKAGES), 'package')}",
        key=_key("take"),
        icon=":material/download_done:",
        on_click=_take,
        args=(file.name, read),
        width="stretch",
    )


def _take(file_name: str, read: Dependencies) -> None:
    """Put the packages of a file into the widgets, and make room for another file."""
    state = st.session_state
    packages = list(dict.fromkeys([*state[_key("packages")], *read.packages]))
    state[_key("packages")] = packages[:MOST_PACKAGES]
    if len(packages) > MOST_PACKAGES:
        _say(f"A group has at most {MOST_PACKAGES} packages: the first are taken.")
    if not state[_key("name")]:
        stem = " ".join(PurePath(file_name).stem.split())
        state[_key("name")] = "".join(filter(str.isprintable, stem))[:LONGEST_NAME]
    state[_key("files")] = state.get(_key("files"), 0) + 1


def _draw_buttons(when_saved: Saved | None) -> None:
    picked = st.session_state[_key("picked")]
    left, right = st.columns(2)
    left.button(
        "Save", key=_key("save"), type="primary", on_click=_save, args=(when_saved,),
        width="stretch",
    )  # fmt: skip
    if picked:
        right.button("Remove", key=_key("remove"), on_click=_remove, width="stretch")
    removed: _Removed | None = st.session_state.get(_key("removed"))
    if removed:
        st.button(
            f"Bring back {plain(removed.group.name)}", key=_key("undo"), on_click=_bring_back,
            icon=":material/undo:", width="stretch",
        )  # fmt: skip


def _save(when_saved: Saved | None) -> None:
    state = st.session_state
    picked, own = state[_key("picked")], list(groups_kept())
    others = [group.name for group in own if group.name != picked]
    try:
        name = checked_name(state[_key("name")] or "")
        if name in others:
            raise ValueError("another group has this name")
    except ValueError as error:
        _say(f"Not saved: {error}.")
        return
    packages, wrong = _normalized(state[_key("packages")])
    if wrong:
        _say(f"Left out, for no package can be called so: {_named(wrong)}.")
    if not packages:
        _say("Not saved: a group needs a package.")
        return
    group = OwnGroup(name, packages)
    places = {each.name: place for place, each in enumerate(own)}
    if picked in places:
        own[places[picked]] = group
    else:
        own.append(group)
    keep(own[:MOST_GROUPS])
    _pick(name)
    _say(f"Saved: {plain(name)}, {counted(len(packages), 'package')}.")
    if when_saved:
        when_saved(group)


def _normalized(names: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """The packages among what was typed, each once, and what is no name of one."""
    packages: dict[str, None] = {}
    wrong = []
    for text in names:
        try:
            packages[normalized(text)] = None
        except ValueError:
            wrong.append(text)
    return tuple(packages)[:MOST_PACKAGES], wrong


def _remove() -> None:
    own, picked = list(groups_kept()), st.session_state[_key("picked")]
    for place, group in enumerate(own):
        if group.name == picked:
            st.session_state[_key("removed")] = _Removed(group, place)
            keep([*own[:place], *own[place + 1 :]])
    _pick(_NEW)


def _bring_back() -> None:
    removed: _Removed = st.session_state.pop(_key("removed"))
    own = [group for group in groups_kept() if group.name != removed.group.name]
    own.insert(removed.place, removed.group)
    keep(own[:MOST_GROUPS])
    _pick(removed.group.name)


def _say(text: str) -> None:
    """Have a message shown in the run that follows."""
    st.session_state.setdefault(_key("said"), []).append(text)


def _draw_messages() -> None:
    for text in st.session_state.pop(_key("said"), []):
        st.caption(f":material/info: {text}")
    left_out = without_room(groups_kept())
    if left_out:
        names = _named([group.name for group in left_out])
        st.warning(f"Links have no room for {names}: kept in this session only.")


def _named(names: list[str] | tuple[str, ...], between: str = ", ") -> str:
    """The first of them by name, safe in Markdown, and how many more there are."""
    shown = [plain(name[:200]) for name in names[:_MOST_SAID]]
    more = len(names) - len(shown)
    return between.join([*shown, *([f"and {more:,} more"] if more > 0 else [])])
