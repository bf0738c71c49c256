"""The errors that a person reads: each says what happened, why, and what to do."""


class PulseError(Exception):
    """A failure with a message meant for a reader, on a page or a command line."""


class StoreError(PulseError):
    """A store cannot be opened, read or written."""


class StoreMissing(StoreError):
    """No store stands where the settings say."""


class StoreBusy(StoreError):
    """Another process is writing the store."""


class SettingsError(PulseError):
    """A setting is missing or does not make sense."""


class ImportRejected(PulseError):
    """A file holds something that cannot be imported; nothing of it was kept."""


class DependenciesRejected(PulseError):
    """A file of dependencies cannot be read, or names no package."""


class BigQueryError(PulseError):
    """BigQuery could not be asked, or did not answer."""


class OverBudget(PulseError):
    """A query could cost more than is allowed; it was not sent."""


class ClickHouseError(PulseError):
    """ClickHouse could not be asked, did not answer, or answered with less than all."""


class SignalError(PulseError):
    """A source of signals could not be asked, or did not answer."""


class FeedNotReady(PulseError):
    """The Live page's feed has no minutes to show yet, or none at all."""
