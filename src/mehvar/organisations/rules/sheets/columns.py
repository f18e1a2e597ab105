"""Say which columns each kind of sheet has, and read its rows, noting what is wrong by row and column."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar

from mehvar.accounts.data import Role
from mehvar.kernel import calendars, errors, text
from mehvar.organisations.data import AttributeValue, BodyType, NameKind
from mehvar.organisations.rules import bodies

_ENUM = TypeVar("_ENUM", bound=StrEnum)
_ROW = TypeVar("_ROW")


class SheetKind(StrEnum):
    """What a sheet holds."""

    ORGANISATIONS = "organisations"
    NAMES = "names"
    POSITIONS = "positions"


COLUMNS: Mapping[SheetKind, tuple[str, ...]] = {
    SheetKind.ORGANISATIONS: (
        "code", "parent", "type", "name_fa", "name_vi", "name_en", "valid_from", "valid_to", "email", "attributes",
    ),
    SheetKind.NAMES: ("organisation", "text", "language", "kind", "valid_from", "valid_to"),
    SheetKind.POSITIONS: (
        "email", "name", "language", "organisation", "role", "title", "valid_from", "valid_to",
    ),
}  # fmt: skip
"""The columns of each kind of sheet, in the order of the export; the import finds them by name in any order."""

REQUIRED: Mapping[SheetKind, tuple[str, ...]] = {
    SheetKind.ORGANISATIONS: ("code", "type"),
    SheetKind.NAMES: ("organisation", "text", "language", "kind"),
    SheetKind.POSITIONS: ("email", "organisation", "role"),
}

LANGUAGES = ("fa", "vi", "en")


@dataclass(frozen=True, slots=True)
class CellError:
    """Say what is wrong at a row (1 is the head) and a column; ``message`` is English with ``{name}`` places."""

    row: int
    column: str
    message: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BodyRow:
    """Hold one row of bodies; ``given`` names the columns that the file has."""

    row: int
    code: str
    parent: str
    type: BodyType
    official: Mapping[str, str]
    valid_from: date | None
    valid_to: date | None
    email: str
    attributes: Mapping[str, AttributeValue]
    given: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class NameRow:
    """Hold one row of names."""

    row: int
    organisation: str
    text: str
    language: str
    kind: NameKind
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class PositionRow:
    """Hold one row of positions."""

    row: int
    email: str
    name: str
    language: str
    organisation: str
    role: Role
    title: str
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Sheet(Generic[_ROW]):
    """Hold the rows that could be read and what is wrong with the others."""

    rows: tuple[_ROW, ...]
    errors: tuple[CellError, ...]


class _Cells:
    """Read the cells of one row by column; note what is wrong and go on."""

    def __init__(self, number: int, cells: Mapping[str, str]) -> None:
        self.number = number
        self.cells = cells
        self.errors: list[CellError] = []

    def wrong(self, column: str, message: str, **params: object) -> None:
        """Note what is wrong with a cell."""
        self.errors.append(CellError(self.number, column, message, params))

    def text(self, column: str, longest: int = 300) -> str:
        """Give a cell's text as people write it."""
        value = text.display_form(self.cells.get(column, "")).strip()
        if len(value) > longest:
            self.wrong(column, "At most {longest} characters.", longest=longest)
        return value

    def required(self, column: str) -> str:
        """Give a cell that must not be empty."""
        value = self.text(column)
        if not value:
            self.wrong(column, "Must not be empty.")
        return value

    def day(self, column: str) -> date | None:
        """Read a day in either calendar, with any digits."""
        value = self.text(column)
        if not value:
            return None
        try:
            return calendars.parse_date(value, None).day
        except errors.MehvarError:
            self.wrong(column, "“{value}” is not a date.", value=value)
            return None

    def choice(self, column: str, kind: type[_ENUM], fallback: _ENUM) -> _ENUM:
        """Read one of the allowed words."""
        value = self.required(column).lower()
        try:
            return kind(value)
        except ValueError:
            if value:
                self.wrong(column, "“{value}” is none of: {known}.", value=value, known=", ".join(kind))
            return fallback

    def language(self, column: str) -> str:
        """Read the code of a language."""
        value = self.text(column).lower()
        if value and value not in LANGUAGES:
            self.wrong(column, "“{value}” is none of: {known}.", value=value, known=", ".join(LANGUAGES))
        return value

    def span(self) -> tuple[date | None, date | None]:
        """Read the two dates, which must be in order."""
        start, end = self.day("valid_from"), self.day("valid_to")
        if start and end and end <= start:
            self.wrong("valid_to", "The last day must follow the first.")
        return start, end


def _body(cells: _Cells) -> BodyRow:
    """Read a row of bodies."""
    start, end = cells.span()
    return BodyRow(
        row=cells.number,
        code=_code(cells, "code"),
        parent=text.to_ascii_digits(cells.text("parent")),
        type=cells.choice("type", BodyType, BodyType.OTHER),
        official={language: cells.text(f"name_{language}") for language in LANGUAGES},
        valid_from=start,
        valid_to=end,
        email=_address(cells, "email", required=False),
        attributes=_attributes(cells),
        given=frozenset(cells.cells),
    )


def _code(cells: _Cells, column: str) -> str:
    """Read a body's code."""
    value = cells.required(column)
    try:
        return bodies.checked_code(value) if value else ""
    except errors.MehvarError as wrong:
        cells.wrong(column, wrong.message, **wrong.params)
        return ""


def _attributes(cells: _Cells) -> dict[str, AttributeValue]:
    """Read attributes."""
    try:
        return bodies.attributes_from(text.to_ascii_digits(cells.text("attributes", longest=2000)))
    except errors.MehvarError as wrong:
        cells.wrong("attributes", wrong.message, **wrong.params)
        return {}


def _address(cells: _Cells, column: str, *, required: bool) -> str:
    """Read an e-mail address."""
    value = (cells.required(column) if required else cells.text(column)).lower()
    local, at, domain = value.partition("@")
    if value and not (local and at and "." in domain and " " not in value):
        cells.wrong(column, "“{value}” is not an e-mail address.", value=value)
    return value


def _name(cells: _Cells) -> NameRow:
    """Read a row of names."""
    start, end = cells.span()
    if not cells.text("language"):
        cells.wrong("language", "Must not be empty.")
    return NameRow(
        row=cells.number,
        organisation=text.to_ascii_digits(cells.required("organisation")),
        text=cells.required("text"),
        language=cells.language("language"),
        kind=cells.choice("kind", NameKind, NameKind.ALIAS),
        valid_from=start,
        valid_to=end,
    )


def _position(cells: _Cells) -> PositionRow:
    """Read a row of positions."""
    start, end = cells.span()
    return PositionRow(
        row=cells.number,
        email=_address(cells, "email", required=True),
        name=cells.text("name", longest=200),
        language=cells.language("language"),
        organisation=text.to_ascii_digits(cells.required("organisation")),
        role=cells.choice("role", Role, Role.BODY_OFFICER),
        title=cells.text("title", longest=200),
        valid_from=start,
        valid_to=end,
    )


_READERS: Mapping[SheetKind, Callable[[_Cells], BodyRow | NameRow | PositionRow]] = {
    SheetKind.ORGANISATIONS: _body,
    SheetKind.NAMES: _name,
    SheetKind.POSITIONS: _position,
}


def read_rows(kind: SheetKind, table: Sequence[Sequence[str]]) -> Sheet[BodyRow | NameRow | PositionRow]:
    """Read a table whose first row names the columns; rows with errors are left out and their errors given."""
    head = [cell.strip().lower().replace(" ", "_") for cell in table[0]] if table else []
    if wrong := _head_errors(kind, head):
        return Sheet((), tuple(wrong))
    rows: list[BodyRow | NameRow | PositionRow] = []
    found: list[CellError] = []
    for number, line in enumerate(table[1:], start=2):
        if not any(line):
            continue
        named = dict(zip(head, line, strict=False))
        cells = _Cells(number, {name: named.get(name, "") for name in head if name in COLUMNS[kind]})
        row = _READERS[kind](cells)
        found += cells.errors
        if not cells.errors:
            rows.append(row)
    return Sheet(tuple(rows), tuple(found))


def _head_errors(kind: SheetKind, head: Sequence[str]) -> list[CellError]:
    """Say which columns are missing, unknown or twice there."""
    wrong = [
        CellError(1, column, "The column is missing.") for column in REQUIRED[kind] if column not in head
    ]
    for column in dict.fromkeys(filter(None, head)):
        if column not in COLUMNS[kind]:
            known = ", ".join(COLUMNS[kind])
            wrong.append(CellError(1, column, "The column is unknown. Known are: {known}.", {"known": known}))
        elif head.count(column) > 1:
            wrong.append(CellError(1, column, "The column stands twice."))
    return wrong
