"""What every part of the Data page is about: the store, the settings, and the colors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from lib.data import Downloads, StoreState
from lib.periods import provisional_since
from lib.settings import Settings
from lib.theme import Theme


@dataclass(frozen=True)
class Context:
    """The store, the settings of the server, and the theme."""

    found: Downloads
    settings: Settings
    theme: Theme

    @property
    def state(self) -> StoreState:
        """What the store holds."""
        return self.found.state

    @property
    def yesterday(self) -> date:
        """The last UTC day that is over."""
        return self.settings.yesterday()

    @property
    def provisional(self) -> date:
        """The first day to which sources may still add downloads."""
        return provisional_since(self.yesterday)
