"""Hand spreadsheets in for tests: rows by column, checked and taken over, and what goes out as the cells of a file."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from mehvar.accounts.models import User
from mehvar.kernel.calendars import Calendar
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import imports
from mehvar.programmes.data import RowResult, SheetKind, SheetState
from mehvar.programmes.models import SheetImport
from mehvar.programmes.queries import exports
from mehvar.programmes.queries import imports as queries
from mehvar.programmes.rules import imports as rules
from mehvar.programmes.rules.lines import Writing

Cells = Mapping[str, Any]


def csv_of(
    kind: SheetKind, rows: Sequence[Cells], language: str = "en", columns: Sequence[str] = ()
) -> bytes:
    """Write rows under the heads of a language, in the order of ``columns``."""
    heads = rules.heads(kind, language)
    chosen = list(columns) or [key for key in heads if any(key in row for row in rows)]
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow([heads[key] for key in chosen])
    writer.writerows([[row.get(key, "") for key in chosen] for row in rows])
    return target.getvalue().encode("utf-8-sig")


def handed_in(
    actor: User,
    kind: SheetKind,
    rows: Sequence[Cells] | bytes,
    *,
    subject: str = "",
    language: str = "en",
    submit: bool = False,
) -> SheetImport:
    content = rows if isinstance(rows, bytes) else csv_of(kind, rows, language)
    return imports.hand_in(
        actor,
        kind,
        subject=subject,
        file_name="list.csv",
        content=content,
        language=language,
        calendar=Calendar.JALALI if language == "fa" else Calendar.GREGORIAN,
        submit=submit,
    )


def checked(actor: User, kind: SheetKind, rows: Sequence[Cells] | bytes, **given: Any) -> SheetImport:
    sheet = handed_in(actor, kind, rows, **given)
    done = imports.run_import(sheet.public_id)
    assert done is not None
    assert done.state == SheetState.CHECKED, done.error
    return done


def taken(actor: User, kind: SheetKind, rows: Sequence[Cells] | bytes, **given: Any) -> SheetImport:
    """Check rows and take them over; what the check foretold must come true."""
    sheet = checked(actor, kind, rows, **given)
    foretold = queries.counts(sheet)
    imports.accept_import(actor, sheet.public_id)
    done = imports.run_import(sheet.public_id)
    assert done is not None
    assert done.state == SheetState.DONE, done.error
    assert queries.counts(done) == foretold
    return done


def counts(sheet: SheetImport) -> tuple[int, int, int, int]:
    return sheet.created, sheet.updated, sheet.unchanged, sheet.refused


def wrong(sheet: SheetImport) -> dict[int, tuple[str, str]]:
    """Give the column and the words of the last note of each refused row."""
    return {
        row.number: (row.notes[-1]["column"], row.notes[-1]["message"].format(**row.notes[-1]["params"]))
        for row in queries.rows_told(sheet, RowResult.REFUSED)
    }


def exported(actor: User, kind: SheetKind, subject: str = "", language: str = "en") -> list[dict[str, Any]]:
    """Give what goes out, by column, as the cells of a file."""
    authority = organisations.authority_of(actor)
    place = queries.place_of(authority, kind, subject)
    calendar = Calendar.JALALI if language == "fa" else Calendar.GREGORIAN
    writing = Writing(language, calendar, place.currency, date(2026, 5, 4))
    columns = list(rules.COLUMNS[kind])
    return [
        dict(zip(columns, rules.written(kind, values, writing), strict=True))
        for values in exports.rows_of(authority, place, language)
    ]
