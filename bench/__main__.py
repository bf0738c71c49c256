"""The command line: `python -m bench`, or one measurement with `--only`."""

from __future__ import annotations

import argparse
import sys

from bench.figures import Outcome
from bench.machine import this_machine
from bench.measurements import MEASUREMENTS, outcome_of
from bench.report import RESULTS, keep_outcomes, print_outcomes


def main() -> int:
    """Measure, print and keep. Returns 0 whether targets are met or not: the table says it."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", choices=MEASUREMENTS, help="one of them; the others are kept")
    only = parser.parse_args().only
    outcomes: dict[str, Outcome] = {}
    for name in [only] if only else MEASUREMENTS:
        print(f"Measuring: {name}", flush=True)
        outcomes[name] = outcome_of(name)
    machine = this_machine()
    print_outcomes(machine, outcomes)
    keep_outcomes(machine, outcomes)
    print(f"\nKept in {RESULTS.parent.name}/{RESULTS.name}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
