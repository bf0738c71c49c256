"""Carries out a fetch of signals: what it takes is said, then the work is done and kept."""

from __future__ import annotations

from lib.errors import PulseError, SignalError, StoreBusy
from lib.progress import Progress, Report, signals_progress
from lib.settings import Settings
from lib.signals.fetching import Say, remarks
from lib.signals.kept import signals_file
from lib.signals.order import Order, Outside
from lib.signals.work import wanted, work_of
from lib.stores.duckdb import lock

_LOCK = ".signals.lock"


def is_fetching(settings: Settings) -> bool:
    """Whether some process is fetching signals into what the settings name."""
    path = signals_file(settings)
    if not path.with_name(path.name + _LOCK).exists():
        return False
    try:
        lock(path, _LOCK).close()
    except StoreBusy:
        return True
    return False


def fetch(
    settings: Settings,
    order: Order,
    report: Report,
    say: Say,
    *,
    outside: Outside | None = None,
) -> None:
    """Fetch as ordered; with `dry_run` only say what it would take, and ask no free service.

    Its progress is kept for pages to show. Raises PulseError; what was fetched before is kept.
    """
    where = outside or Outside()
    if order.dry_run:
        say(work_of(settings, order, say, where).words)
        return
    path = signals_file(settings)
    kept = signals_progress(path)

    def tell(fraction: float, text: str) -> None:
        kept.write(Progress(fraction, text))
        report(fraction, text)

    with lock(path, _LOCK):
        try:
            told = _carry_out(settings, order, tell, say, where)
        except PulseError as error:
            kept.write(Progress(1.0, str(error), failed=True))
            raise
        except Exception:
            text = "Fetching signals failed. The log of the server says why."
            kept.write(Progress(1.0, text, failed=True))
            raise
        except BaseException:
            kept.end()
            raise
        if told and order.for_pages:
            kept.write(Progress(1.0, told, done=True))
        else:
            kept.end()


def _carry_out(settings: Settings, order: Order, report: Report, say: Say, where: Outside) -> str:
    """Do the work; what is to be remarked of its outcome. Raises PulseError."""
    work = work_of(settings, order, say, where)
    say(work.words)
    refused = work.run(report)
    terms, _, collecting = wanted(settings, order, lambda text: None)
    told = " ".join(remarks(collecting, terms))
    if told:
        say(told)
    if refused:
        raise SignalError(" ".join(refused))
    report(1.0, "Done")
    return told
