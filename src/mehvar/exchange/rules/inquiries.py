"""Decide on volumes of inquiries, read files of questions, and lay an answer out for people."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mehvar.exchange.data.operations import Ask, Operation, Payload
from mehvar.exchange.rules import operations, questions
from mehvar.kernel.errors import InputError, LimitExceeded, gettext_noop

IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
MOST_ROWS = 10_000
MOST_FAULTS = 200
LARGEST_FILE = 10 * 1024 * 1024
LEAST_NOTEWORTHY = 50
TIMES_THE_USUAL = 3.0
MOST_RECORD_ROWS = 400
_XLSX_MAGIC = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class RowFault:
    """Say what is wrong in a file: row from 1 with the heads as row 1, column by its head, fault as a kernel error."""

    row: int
    column: str
    fault: InputError


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """Hold what a file asks, row by row, or what is wrong with it."""

    rows: tuple[Mapping[str, Any], ...] = ()
    faults: tuple[RowFault, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordRow:
    """Hold one line of an answer as people read it; a line without ``text`` is a heading."""

    depth: int
    label: str
    text: str = ""
    is_head: bool = False


@dataclass(slots=True)
class _Sheet:
    """Collect rows and faults while a file is read."""

    asks: tuple[Ask, ...]
    rows: list[Mapping[str, Any]] = field(default_factory=list)
    faults: list[RowFault] = field(default_factory=list)


def is_unusual(count: int, past: Sequence[int]) -> bool:
    """Tell whether a day's questions are unusual against the officer's other days on which there were any.

    Without three such days the first measure alone counts: few questions are never unusual.
    """
    if count < LEAST_NOTEWORTHY:
        return False
    usual = sum(past) / len(past) if past else 0.0
    return count > TIMES_THE_USUAL * max(usual, LEAST_NOTEWORTHY / TIMES_THE_USUAL)


def read_file(data: bytes, asks: tuple[Ask, ...]) -> CheckedFile:
    """Read CSV (UTF-8) or XLSX with the keys (or labels) of what is asked as heads, and check each row as a form is checked.

    Raises:
        InputError: it is no such file, or its heads are not those expected.
        LimitExceeded: it is too large.
    """
    if len(data) > LARGEST_FILE:
        raise LimitExceeded(
            gettext_noop("The file is larger than {limit} MB."), code="file-too-big", limit=LARGEST_FILE >> 20
        )
    lines = _xlsx_lines(data) if data.startswith(_XLSX_MAGIC) else _csv_lines(data)
    heads = next(lines, [])
    columns = _columns(heads, asks)
    sheet = _Sheet(asks)
    for number, line in enumerate(lines, start=2):
        if any(cell.strip() for cell in line):
            _take(sheet, number, {columns[at]: cell for at, cell in enumerate(line) if at in columns})
    if not sheet.rows and not sheet.faults:
        raise InputError(gettext_noop("The file has no rows."), code="no-rows", field="file")
    return CheckedFile(() if sheet.faults else tuple(sheet.rows), tuple(sheet.faults))


def _take(sheet: _Sheet, number: int, given: Mapping[str, str]) -> None:
    values, faults = questions.checked(sheet.asks, given)
    if len(sheet.faults) < MOST_FAULTS:
        sheet.faults += [RowFault(number, key, fault) for key, fault in faults.items()]
    if not faults:
        sheet.rows.append(values)
    if len(sheet.rows) > MOST_ROWS:
        raise LimitExceeded(
            gettext_noop("A file may hold at most {limit} rows."),
            code="too-many-rows",
            field="file",
            limit=MOST_ROWS,
        )


def _columns(heads: list[str], asks: tuple[Ask, ...]) -> dict[int, str]:
    """Find the columns by key, by the key's last part, or by label; all that are required must be there."""
    names = {ask.key.casefold(): ask.key for ask in asks}
    names |= {ask.key.partition(".")[2].casefold(): ask.key for ask in asks if "." in ask.key}
    names |= {ask.label.strip().casefold(): ask.key for ask in asks if ask.label}
    found = {
        at: names[head.strip().casefold()]
        for at, head in enumerate(heads)
        if head.strip().casefold() in names
    }
    missing = [ask.key for ask in asks if ask.is_required and ask.key not in found.values()]
    if missing or not found or len(set(found.values())) != len(found):
        raise InputError(
            gettext_noop("The first row must name the columns: {columns}."),
            code="bad-heads",
            field="file",
            columns=", ".join(questions.heads_of(asks)),
        )
    return found


def _csv_lines(data: bytes) -> Iterator[list[str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(
            gettext_noop("Save the file as CSV in UTF-8, or as XLSX."), code="not-utf8", field="file"
        ) from None
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    except csv.Error as error:
        raise InputError(
            gettext_noop("The file cannot be read as CSV."), code="not-csv", field="file"
        ) from error


def _xlsx_lines(data: bytes) -> Iterator[list[str]]:
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        rows = book.get_sheet_by_index(0).to_python(nrows=MOST_ROWS + 2)
    except Exception as error:  # calamine raises errors of several kinds for a broken file
        raise InputError(
            gettext_noop("The file cannot be read as XLSX."), code="not-xlsx", field="file"
        ) from error
    for row in rows:
        yield [_cell(value) for value in row]


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def record_of(
    document: Mapping[str, Any], operation: Operation, status: int, text: str, language: str
) -> list[RecordRow]:
    """Lay a JSON answer out as labelled lines, labels in the reader's language where the description has them."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return []
    payload = _payload_for(operation, status)
    schema = operations.resolved(document, payload.schema) if payload else {}
    rows: list[RecordRow] = []
    for row in _record_rows(_Place(document, schema, 0, language), value):
        rows.append(row)
        if len(rows) >= MOST_RECORD_ROWS:
            break
    return rows


def _payload_for(operation: Operation, status: int) -> Payload | None:
    wanted = (str(status), f"{status // 100}XX", "default")
    return next(
        (one for name in wanted for one in operation.answers if one.status.upper() == name.upper()), None
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """Stand at one place of an answer: the schema there, how deep, in which language."""

    document: Mapping[str, Any]
    schema: Mapping[str, Any]
    depth: int
    language: str

    def inner(self, schema: Mapping[str, Any], *, deeper: int = 0) -> _Place:
        """Give the place of a member."""
        return _Place(self.document, schema, self.depth + deeper, self.language)


def _record_rows(place: _Place, value: Any) -> Iterator[RecordRow]:
    if place.depth > operations.DEEPEST:
        return
    node = operations.merged(place.document, place.schema)
    if isinstance(value, Mapping):
        properties = node.get("properties", {})
        for name, inner in value.items():
            stated = properties.get(name) if isinstance(properties, Mapping) else None
            member = operations.merged(place.document, operations.resolved(place.document, stated))
            label = operations.said(member, str(name), place.language)
            yield from _member_rows(place.inner(member), label, inner)
    elif isinstance(value, list):
        item = operations.resolved(place.document, node.get("items"))
        for number, inner in enumerate(value, start=1):
            yield from _member_rows(place.inner(item), str(number), inner)
    else:
        yield RecordRow(place.depth, "", _shown(value))


def _member_rows(place: _Place, label: str, value: Any) -> Iterator[RecordRow]:
    if isinstance(value, Mapping | list):
        yield RecordRow(place.depth, label, is_head=True)
        yield from _record_rows(place.inner(place.schema, deeper=1), value)
    else:
        yield RecordRow(place.depth, label, _shown(value))


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "✓" if value else "✗"
    return str(value)[:2_000]
