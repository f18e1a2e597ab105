"""Read the rows of a pack's CSV files and say exactly which cell is wrong."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from importlib.resources.abc import Traversable
from typing import Any, TypeAlias, TypeVar

from mehvar.kernel import errors
from mehvar.organisations.data.register import AttributeValue

_ATTRIBUTE = re.compile(r"[a-z][a-z0-9_]*=[^=;]*")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)")
EnumT = TypeVar("EnumT", bound=StrEnum)
Span: TypeAlias = tuple[date | None, date | None]


class BadCellError(Exception):
    """Say what is wrong with one row."""


@dataclass(frozen=True, slots=True)
class Row:
    """Hold one line of a file with where it stands."""

    file: str
    line: int
    cells: Mapping[str | Any, str | Any]

    def __getitem__(self, column: str) -> str:
        """Give a cell without outer spaces; a column that the file lacks is empty."""
        return (self.cells.get(column) or "").strip()

    def check_width(self) -> None:
        """Refuse a row with more cells than columns, most often a comma outside quotation marks."""
        if None in self.cells:
            raise BadCellError("more cells than columns (a text with commas must stand in quotation marks)")

    def required(self, column: str) -> str:
        """Give a cell that must not be empty."""
        if not self[column]:
            raise BadCellError(f"{column} is empty")
        return self[column]

    def day(self, column: str) -> date | None:
        """Read an ISO date, or nothing."""
        raw = self[column]
        if not raw:
            return None
        try:
            return date.fromisoformat(raw)
        except ValueError:
            raise BadCellError(f"{column}: {raw!r} is not a date of the form 2025-03-01") from None

    def choice(self, column: str, choices: type[EnumT]) -> EnumT:
        """Read one of the allowed words."""
        raw = self.required(column)
        try:
            return choices(raw)
        except ValueError:
            raise BadCellError(f"{column}: {raw!r} is none of {', '.join(choices)}") from None

    def words(self, column: str) -> tuple[str, ...]:
        """Read words separated by spaces."""
        return tuple(self[column].split())

    def attributes(self, column: str) -> dict[str, AttributeValue]:
        """Read ``key=value`` pairs separated by semicolons.

        ``yes``, ``no`` and whole numbers are typed, except under keys that begin with ``code``.
        """
        found: dict[str, AttributeValue] = {}
        for pair in filter(None, (part.strip() for part in self[column].split(";"))):
            if not _ATTRIBUTE.fullmatch(pair):
                raise BadCellError(f"{column}: {pair!r} is not of the form key=value")
            key, value = pair.split("=", 1)
            found[key] = value if key.startswith("code") else attribute_value(value)
        return found

    def span(self) -> tuple[date | None, date | None]:
        """Read valid_from and valid_to, which must be in order."""
        start, end = self.day("valid_from"), self.day("valid_to")
        if start and end and start >= end:
            raise BadCellError(f"valid_to {end} is not after valid_from {start}")
        return start, end


def attribute_value(value: str) -> AttributeValue:
    """Type an attribute: yes/no, a whole number, else text."""
    if value in {"yes", "no"}:
        return value == "yes"
    return int(value) if _NUMBER.fullmatch(value) else value


def rows_of(folder: Traversable, prefix: str) -> Iterator[Row]:
    """Read the rows of ``prefix.csv`` and of ``prefix-….csv``, in the order of the file names."""
    files = [entry for entry in folder.iterdir() if re.fullmatch(rf"{prefix}(-[a-z0-9-]+)?\.csv", entry.name)]
    for file in sorted(files, key=lambda entry: entry.name.removesuffix(".csv")):
        reader = csv.DictReader(io.StringIO(_text_of(file)))
        for cells in reader:
            yield Row(file.name, reader.line_num, cells)


def _text_of(file: Traversable) -> str:
    """Read a file that must be UTF-8.

    Raises:
        InputError: The file has another encoding.
    """
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise errors.InputError(
            "{file} is not encoded in UTF-8.", code="wrong-pack", file=file.name
        ) from None
