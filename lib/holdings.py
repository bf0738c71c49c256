"""The parts of the Data page: what is held, what it is modeled on, its breaks, how to add."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from lib.breaks import breaks_for
from lib.cubes import DIMENSION
from lib.data import Downloads
from lib.formats import compact, day, days, plain
from lib.panels.card import panel


@dataclass(frozen=True)
class Page:
    """What the parts share: the store."""

    found: Downloads

    def summary(self) -> None:
        """Period, packages, rows and size."""
        state = self.found.state
        place = st.grid(4, min_column_width=200)
        packages = state.packages
        place.metric(
            "Held",
            f"{state.held.days:,} days",
            border=True,
            height="stretch",
            delta_description=days(state.held.first, state.held.last),
        )
        place.metric(
            "Packages",
            "all of PyPI" if packages is None else f"{len(packages):,}",
            border=True,
            height="stretch",
            delta_description="by name",
        )
        place.metric(
            "Rows",
            compact(sum(state.rows.values())),
            border=True,
            height="stretch",
            delta_description=f"in {len(state.rows)} cubes",
        )
        place.metric(
            "Size",
            f"{compact(state.size)}B",
            border=True,
            height="stretch",
            delta_description="on disk",
        )

    def cubes(self) -> None:
        """A row for each cube and period."""
        with panel("What is held", "cubes"):
            st.caption(
                "A cube is a table of downloads per period, split by some dimensions. A question "
                "is answered from the narrowest one that holds all that it needs."
            )
            rows = [
                {
                    "Split by": ", ".join(DIMENSION[d].label for d in row.cube.dimensions),
                    "Grain": str(row.cube.grain),
                    "From": row.first,
                    "To": row.last,
                    "Packages": "all of PyPI" if row.packages is None else str(len(row.packages)),
                    "Rows": self.found.state.rows.get(row.cube.name, 0),
                    "Source": row.source,
                    "Written (UTC)": row.written_at,
                }
                for row in self.found.state.coverage
            ]
            st.dataframe(
                pd.DataFrame(rows),
                hide_index=True,
                column_config={
                    "Split by": st.column_config.TextColumn(width="large"),
                    "Rows": st.column_config.NumberColumn(format="localized"),
                },
                alt="The cubes that the store holds",
            )

    def origin(self) -> None:
        """What simulated rows are modeled on, or which files were imported."""
        notes = self.found.state.notes
        if "sample" in notes:
            self._modeled(json.loads(notes["sample"]))
        if "imports" in notes:
            with panel("Files imported", "imports"):
                st.dataframe(
                    pd.DataFrame(json.loads(notes["imports"])), hide_index=True, alt="Files"
                )

    def breaks(self) -> None:
        """The breaks that charts of these rows mark."""
        with panel("Breaks in the record", "breaks"):
            st.caption(
                "Dates on which the public record changed. Charts mark them, and changes across "
                "those that move the counts themselves are not computed."
            )
            rows = [
                {
                    "When": (
                        days(found.first, found.last) if found.last else f"since {day(found.first)}"
                    ),
                    "What happened": plain(found.title),
                    "What a chart shows": plain(found.effect),
                    "Documented by": plain(found.reference),
                }
                for found in breaks_for(self.found.state.sources)
            ]
            st.table(pd.DataFrame(rows).set_index("When"), alt="Breaks in the record of downloads")

    def filling(self) -> None:
        """How to look at other data."""
        with panel("Look at your own data", "filling"):
            st.write(
                "Import CSV, JSON lines or Parquet files with the columns `date` or `month`, "
                "`project`, `downloads` and any of "
                + ", ".join(f"`{name}`" for name in DIMENSION if name != "project")
                + ", into a store of their own:"
            )
            st.code(
                "PULSE_STORE=store/mine.duckdb .venv/bin/python -m lib import downloads.csv\n"
                "PULSE_STORE=store/mine.duckdb make run",
                language="bash",
            )

    def _modeled(self, note: dict[str, object]) -> None:
        with panel("What the simulated sample is modeled on", "modeled"):
            until = self.found.state.held.last
            st.write(
                f"Every row to {day(until)} is computed, with the seed {note.get('seed')}: levels, "
                "splits, weekly cycle, holidays, launches and breaks follow these published "
                "figures, the noise around them is random. Nothing of it was counted by PyPI."
            )
            modeled = note.get("modeled_on", [])
            if isinstance(modeled, list):
                st.markdown("\n".join(f"- {plain(str(name))}" for name in modeled))
