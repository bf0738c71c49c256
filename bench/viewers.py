"""Simulates readers who have the Live page open: each answers the server as a browser does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ButtonGroup_pb2 import ButtonGroup
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.MultiSelect_pb2 import MultiSelect
from streamlit.proto.Selectbox_pb2 import Selectbox
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

_PAGE = "live"
_PATIENCE_SECONDS = 120


@dataclass
class _KeptMessages:
    """The large messages that a browser keeps: the server sends their hashes in their place."""

    runs: int = 0
    used: dict[str, tuple[int, str]] = field(default_factory=dict)
    """By hash, the run that last used a message, and its fragment."""

    def take(self, message: ForwardMsg) -> None:
        if message.metadata.cacheable:
            self.used[message.hash] = self.runs, message.delta.fragment_id
        elif message.ref_hash in self.used:
            self.used[message.ref_hash] = self.runs, self.used[message.ref_hash][1]

    def end_run(self, fragments: list[str], most_runs: int) -> None:
        """Forget what the run could have used, and no run has for so long."""
        self.runs += 1
        self.used = {
            name: (run, fragment)
            for name, (run, fragment) in self.used.items()
            if (fragments and fragment not in fragments) or self.runs - run <= most_runs
        }


class Viewer:
    """One open tab. It asks for a part of the page again whenever the server told it to.

    `waits` are the seconds from asking for a part until it was drawn, one for each part drawn: from
    the first time where the server had to be asked again. `received` counts bytes.
    """

    def __init__(self, connection: ClientConnection) -> None:
        self.waits: list[float] = []
        self.received = 0
        self.drawn = asyncio.Event()
        self._connection = connection
        self._state = ClientState(page_name=_PAGE)
        self._state.context_info.timezone = "UTC"
        self._state.context_info.locale = "en-US"
        self._state.context_info.url = f"http://localhost/{_PAGE}"
        self._state.context_info.color_scheme = "light"
        self._kept = _KeptMessages()
        self._kept_for_runs = 0
        self._asked_since_start = False
        self._widgets: dict[str, WidgetState] = {}
        self._paces: dict[str, float] = {}
        self._timers: dict[str, asyncio.Task[None]] = {}
        self._asked: dict[str, float] = {}
        self._answering: dict[str, float] = {}

    @property
    def due(self) -> float:
        """Parts that are to be drawn again in a second."""
        return sum(1 / pace for pace in self._paces.values())

    def forget(self) -> None:
        """Count from now on."""
        self.waits, self.received = [], 0

    async def watch(self) -> None:
        """Ask for the page, and take all that the server sends until this is canceled.

        Raises AssertionError where the page shows an error.
        """
        try:
            await self._ask("")
            async for payload in self._connection:
                self.received += len(payload)
                self._take(ForwardMsg.FromString(bytes(payload)))
        finally:
            self._stop(list(self._timers))

    async def _ask(self, fragment: str) -> None:
        state = ClientState(fragment_id=fragment, is_auto_rerun=bool(fragment))
        state.MergeFrom(self._state)
        state.widget_states.widgets.extend(self._widgets.values())
        state.cached_message_hashes.extend(self._kept.used)
        self._asked_since_start = True
        if fragment:
            self._asked.setdefault(fragment, monotonic())
        await self._connection.send(BackMsg(rerun_script=state).SerializeToString())

    async def _ask_every(self, seconds: float, fragment: str) -> None:
        at = monotonic()
        while True:
            at += seconds
            await asyncio.sleep(max(at - monotonic(), 0))
            await self._ask(fragment)

    def _take(self, message: ForwardMsg) -> None:
        self._kept.take(message)
        match message.WhichOneof("type"):
            case "new_session":
                self._start_run(message)
            case "script_finished":
                self._end_run(message)
            case "auto_rerun":
                self._start(message.auto_rerun.fragment_id, message.auto_rerun.interval)
            case "stop_auto_rerun":
                self._stop(list(message.stop_auto_rerun.fragment_ids))
            case "navigation":
                self._state.page_script_hash = message.navigation.page_script_hash
                self._state.page_name = ""
            case "page_info_changed":
                self._state.query_string = message.page_info_changed.query_string
            case "delta":
                self._draw(message.delta.new_element)

    def _start_run(self, message: ForwardMsg) -> None:
        fragments = list(message.metadata.run.fragment_ids)
        self._asked_since_start = False
        if not fragments:
            self._stop(list(self._timers))
            self._kept_for_runs = message.new_session.config.max_cached_message_age
        self._answering |= {f: self._asked.pop(f) for f in fragments if f in self._asked}

    def _end_run(self, message: ForwardMsg) -> None:
        fragments = list(message.metadata.run.fragment_ids)
        for fragment in fragments:
            asked = self._answering.pop(fragment, None)
            if asked is not None:
                self.waits.append(monotonic() - asked)
        # A part is there even if the server calls its run ended early: it does so for each run
        # whose end it has not sent yet when the next begins.
        if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            self.drawn.set()
            if not self._asked_since_start:
                self._kept.end_run(fragments, self._kept_for_runs)

    def _start(self, fragment: str, seconds: float) -> None:
        if self._paces.get(fragment) != seconds:
            self._stop([fragment])
            self._paces[fragment] = seconds
            self._timers[fragment] = asyncio.create_task(self._ask_every(seconds, fragment))

    def _stop(self, fragments: list[str]) -> None:
        for fragment in fragments:
            if fragment in self._timers:
                self._timers.pop(fragment).cancel()
                del self._paces[fragment]

    def _draw(self, element: Element) -> None:
        """Take over the value of a widget: a browser sends all of them with each request."""
        kind = element.WhichOneof("type")
        if kind == "exception" or (kind == "alert" and element.alert.format == element.alert.ERROR):
            raise AssertionError(f"The Live page shows an error: {element}")
        if kind in ("button_group", "multiselect", "selectbox"):
            widget = getattr(element, kind)
            if widget.set_value or widget.id not in self._widgets:
                self._widgets[widget.id] = _value_of(widget)


def _value_of(widget: ButtonGroup | MultiSelect | Selectbox) -> WidgetState:
    """The value that the server gave a widget, as a browser sends it back."""
    state = WidgetState(id=widget.id)
    if not isinstance(widget, Selectbox):
        state.string_array_value.data.extend(widget.raw_values)
    elif widget.HasField("raw_value"):
        state.string_value = widget.raw_value
    return state


@asynccontextmanager
async def viewing(address: str) -> AsyncIterator[Viewer]:
    """A viewer whose page is drawn, and who leaves at the end.

    Raises what the viewer raised meanwhile, and TimeoutError where nothing is drawn.
    """
    async with connect(
        address, subprotocols=[Subprotocol("streamlit")], max_size=None, ping_interval=None
    ) as connection:
        viewer = Viewer(connection)
        watching = asyncio.create_task(viewer.watch())
        drawing = asyncio.create_task(viewer.drawn.wait())
        try:
            await asyncio.wait(
                (watching, drawing), timeout=_PATIENCE_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            if not drawing.done():
                raise TimeoutError("The Live page was not drawn.")
            yield viewer
        finally:
            drawing.cancel()
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
