"""What the feed watches, whether that may cost anything, and how much."""

from __future__ import annotations

from dataclasses import dataclass

from lib.budget import gigabytes


@dataclass(frozen=True)
class Terms:
    """Packages to count, for at most `daily` bytes a UTC day, where spending is `allowed`."""

    packages: tuple[str, ...]
    allowed: bool
    daily: int

    @property
    def spending(self) -> bool:
        """Whether anything may be asked that costs money."""
        return self.allowed and self.daily > 0

    @property
    def scope(self) -> str:
        """What the minutes are about."""
        if not self.spending:
            return "no packages counted"
        return (
            "1 package watched"
            if len(self.packages) == 1
            else f"{len(self.packages)} packages watched"
        )

    @property
    def notices(self) -> tuple[str, ...]:
        """Why nothing is counted, where that is so, and how to have it counted."""
        if self.spending:
            return ()
        free = "Only the number of all downloads is read, which costs nothing. To count the "
        packages = f"downloads of {len(self.packages)} packages too, "
        if self.allowed:
            return (f"{free}{packages}set PULSE_LIVE_GB above 0: the most gigabytes of a day.",)
        most = f"for at most {gigabytes(self.daily)} of queries a day, "
        return (f"{free}{packages}{most}set PULSE_FETCH_FROM_APP=yes.",)
