"""The colors and type that charts and maps share with the app's own theme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lib.aggregate import REST
from lib.cubes import UNKNOWN

FONT = "Inter, system-ui, sans-serif"


@dataclass(frozen=True)
class Theme:
    """The colors of one appearance, as `.streamlit/config.toml` has them.

    `series` is a palette for categories that stays apart for color-blind readers: its colors
    keep at least 3:1 against the background. `sequential` goes from few to many, `diverging`
    from less than usual to more.
    """

    dark: bool
    background: str
    text: str
    muted: str
    grid: str
    unknown: str
    rest: str
    series: tuple[str, ...]
    sequential: tuple[str, ...]
    diverging: tuple[str, ...]
    size: int = 13
    """Pixels of the type in figures."""

    @property
    def stronger(self) -> Theme:
        """The theme for a stage: larger, and what is muted is as strong as text."""
        return replace(self, muted=self.text, grid=self.rest, size=18)

    def colors(self, names: Sequence[str]) -> dict[str, str]:
        """A color for each name, in order; `unknown` and the rest are always gray."""
        gray = {UNKNOWN: self.unknown, REST: self.rest}
        named = [name for name in names if name not in gray]
        cycle = {name: self.series[i % len(self.series)] for i, name in enumerate(named)}
        return {name: gray.get(name) or cycle[name] for name in names}


LIGHT = Theme(
    dark=False,
    background="#ffffff",
    text="#0b131c",
    muted="#5a6672",
    grid="#e6eaef",
    unknown="#8b96a3",
    rest="#c2cad3",
    series=(
        "#0b62a8",
        "#d55e00",
        "#00805f",
        "#b3478c",
        "#a86c00",
        "#2f8fcb",
        "#6b4fbb",
        "#727272",
        "#7d3c0a",
        "#0c8080",
    ),
    sequential=(
        "#e8f1f9",
        "#c3dcef",
        "#92c0e2",
        "#599fd2",
        "#2b7dbb",
        "#0b5a99",
        "#083d6b",
    ),
    diverging=(
        "#b35806",
        "#e08214",
        "#fdd0a2",
        "#eef0f2",
        "#a9cfe8",
        "#4b93c7",
        "#0b5a99",
    ),
)

DARK = Theme(
    dark=True,
    background="#0e141b",
    text="#e8edf2",
    muted="#a3b0bd",
    grid="#24303c",
    unknown="#7d8a98",
    rest="#475361",
    series=(
        "#5aa9e6",
        "#ff8a3d",
        "#2fc39b",
        "#e58ac4",
        "#f0b93a",
        "#a6dcf7",
        "#a993f0",
        "#a8a8a8",
        "#d09a6e",
        "#4fc9c9",
    ),
    sequential=(
        "#16273a",
        "#1c3d5c",
        "#215680",
        "#2b75a9",
        "#4497cf",
        "#7dbdec",
        "#c4e3fb",
    ),
    diverging=(
        "#f2953d",
        "#b96a22",
        "#6a4526",
        "#2a333d",
        "#27567a",
        "#3b8bc2",
        "#8fcaf3",
    ),
)


def theme_for(appearance: str | None) -> Theme:
    """The theme of an appearance: `dark`, or light for anything else."""
    return DARK if appearance == "dark" else LIGHT
