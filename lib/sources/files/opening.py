"""Opens files of every accepted kind, and makes plain copies that hold what their names say."""

from __future__ import annotations

import codecs
import gzip
import shutil
import zlib
from dataclasses import dataclass
from enum import StrEnum
from io import IncrementalNewlineDecoder
from pathlib import Path
from typing import IO, cast

from lib.errors import ImportRejected

_CHUNK = 1 << 20

_PARQUET = b"PAR1"
_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"


class Kind(StrEnum):
    """How the rows of a file are written down."""

    CSV = "CSV"
    JSONL = "JSON Lines"
    PARQUET = "Parquet"


_KINDS = {
    ".csv": Kind.CSV,
    ".jsonl": Kind.JSONL,
    ".ndjson": Kind.JSONL,
    ".json": Kind.JSONL,
    ".parquet": Kind.PARQUET,
}


@dataclass(frozen=True)
class PlainFile:
    """A private copy of a file: decompressed, and text as UTF-8 with line feeds at line ends.

    The copy has no byte order mark and no empty lines at its end. `lines` counts the lines of a
    text.
    """

    path: Path
    kind: Kind
    lines: int = 0


def plain_copy(path: Path, folder: Path) -> PlainFile:
    """Copy a file into `folder` as every reader expects it.

    Raises ImportRejected where there is no file, or where it is not what its name says.
    """
    kind, zipped = _kind(path)
    _refuse_absent(path)
    target = folder / "plain"
    try:
        _refuse_disguised(path, zipped=zipped)
        with _opened(path, zipped=zipped) as file:
            _refuse_other_kind(file.read(len(_PARQUET)), kind)
            file.seek(0)
            if kind is Kind.PARQUET:
                with target.open("wb") as copy:
                    shutil.copyfileobj(file, copy, _CHUNK)
                return PlainFile(target, kind)
            return PlainFile(target, kind, _TextCopy().copy(file, target))
    except (gzip.BadGzipFile, zlib.error, EOFError):
        raise ImportRejected("its gzip compression is damaged or cut short.") from None
    except OSError as error:
        raise ImportRejected(f"it cannot be read: {error.strerror or 'unknown'}.") from error


def _kind(path: Path) -> tuple[Kind, bool]:
    """The kind that a file's name promises, and whether it is compressed with gzip."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    zipped = suffixes[-1:] == [".gz"]
    suffix = "".join(suffixes[:-1][-1:] if zipped else suffixes[-1:])
    if suffix not in _KINDS:
        raise ImportRejected(f"its name must end in {', '.join(_KINDS)}, or one of these with .gz.")
    return _KINDS[suffix], zipped


def _refuse_absent(path: Path) -> None:
    if path.is_dir():
        raise ImportRejected("it is a folder: name the files in it.")
    if not path.exists():
        raise ImportRejected("there is no such file.")
    if not path.is_file():
        raise ImportRejected("it is not a regular file.")
    if path.stat().st_size == 0:
        raise ImportRejected("it is empty.")


def _refuse_disguised(path: Path, *, zipped: bool) -> None:
    """Refuse a file whose compression is not the one in its name."""
    with path.open("rb") as file:
        head = file.read(4)
    if zipped and not head.startswith(_GZIP):
        raise ImportRejected("its name ends in .gz, but it is not gzip-compressed.")
    if not zipped and head.startswith(_GZIP):
        raise ImportRejected("it is gzip-compressed: its name must end in .gz.")
    if head == _ZIP:
        raise ImportRejected("it is a ZIP archive: unpack it and import what is inside.")


def _opened(path: Path, *, zipped: bool) -> IO[bytes]:
    """The content of a file, decompressed as it is read."""
    return cast("IO[bytes]", gzip.open(path)) if zipped else path.open("rb")


def _refuse_other_kind(head: bytes, kind: Kind) -> None:
    """Refuse Parquet under the name of a text, and anything else under the name of Parquet."""
    if kind is Kind.PARQUET and head != _PARQUET:
        raise ImportRejected("its name says Parquet, but it is not a Parquet file.")
    if kind is not Kind.PARQUET and head == _PARQUET:
        raise ImportRejected(f"its name says {kind}, but it is a Parquet file.")


class _TextCopy:
    """Copies one text chunk by chunk, counting lines to say where it goes wrong."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._line_ends = IncrementalNewlineDecoder(None, translate=True)
        self._lines = 1
        self._withheld = 0

    def copy(self, file: IO[bytes], target: Path) -> int:
        """Write the text to `target` and return its number of lines. Raises ImportRejected."""
        with target.open("wb") as copy:
            while chunk := file.read(_CHUNK):
                copy.write(self._checked(chunk, final=False).encode())
            copy.write(self._checked(b"", final=True).encode())
        if target.stat().st_size == 0:
            raise ImportRejected("it is empty.")
        return self._lines

    def _checked(self, chunk: bytes, *, final: bool) -> str:
        """The text of a chunk, without line ends that may turn out to be the last ones."""
        try:
            decoded = self._decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            line = self._line_after(bytes(error.object[: error.start]).decode(errors="replace"))
            raise ImportRejected(f"line {line}: it is not UTF-8 text.") from None
        text = self._line_ends.decode(decoded, final)
        if "\0" in text:
            line = self._line_after(text[: text.index("\0")])
            raise ImportRejected(f"line {line}: it is not text, for it holds a NUL character.")
        kept = text.rstrip("\n")
        withheld = len(text) - len(kept)
        if kept:
            kept = "\n" * self._withheld + kept
            self._withheld = 0
            self._lines += kept.count("\n")
        self._withheld += withheld
        return kept

    def _line_after(self, text: str) -> int:
        """The number of the line that follows `text`, itself after all that was copied."""
        return self._lines + self._withheld + text.count("\n")
