"""Turn a CSV or XLSX file into rows of text, within limits, and rows of text into a file."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterable, Sequence
from itertools import islice

from mehvar.kernel import errors

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 50_000
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_CELL = 4_000
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_SEPARATORS = (",", ";", "\t")
_ZIP = b"PK"


def read_table(content: bytes) -> list[list[str]]:
    """Read a file as rows of text, the head first, empty rows left out at the end.

    Which of the two kinds it is, is told by its content and not by its name.

    Raises:
        InputError: The file is empty, broken, or its text is not UTF-8.
        LimitExceeded: It is larger than ``MAX_BYTES`` or has more than ``MAX_ROWS`` rows.
    """
    if len(content) > MAX_BYTES:
        raise errors.LimitExceeded(
            "The file is larger than {limit} MB.", code="file-too-large", limit=MAX_BYTES >> 20
        )
    rows = _from_xlsx(content) if content.startswith(_ZIP) else _from_csv(content)
    while rows and not any(rows[-1]):
        rows.pop()
    if not rows:
        raise errors.InputError("The file is empty.", code="empty-file", field="file")
    return rows


def _limited(rows: Iterable[Sequence[object]]) -> list[list[str]]:
    """Take the rows as text; refuse too many."""
    taken = [[cell_text(cell) for cell in row] for row in islice(rows, MAX_ROWS + 2)]
    if len(taken) > MAX_ROWS + 1:
        raise errors.LimitExceeded(
            "The file has more than {limit} rows. Split it.", code="too-many-rows", limit=MAX_ROWS
        )
    return taken


def cell_text(cell: object) -> str:
    """Write a cell as text: whole numbers without decimals, dates in ISO 8601, no guard against formulas."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat()
    if isinstance(cell, dt.date):
        return cell.isoformat()
    text = str(cell).strip()[:MAX_CELL]
    return text[1:] if text.startswith("'") and text[1:].startswith(DANGEROUS) else text


def _from_csv(content: bytes) -> list[list[str]]:
    """Read CSV whose separator is a comma, a semicolon or a tabulator."""
    text = _decoded(content)
    head = text.split("\n", 1)[0]
    separator = max(_SEPARATORS, key=head.count)
    try:
        return _limited(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=False))
    except csv.Error:
        raise errors.InputError(
            "The file is not readable as CSV.", code="broken-file", field="file"
        ) from None


def _decoded(content: bytes) -> str:
    """Decode UTF-8, or UTF-16 with its mark."""
    encoding = "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise errors.InputError(
            "The file's text is not UTF-8. Save it as “CSV UTF-8” or as XLSX.",
            code="wrong-encoding",
            field="file",
        ) from None
    if "\x00" in text:
        raise errors.InputError("The file is neither CSV nor XLSX.", code="unknown-format", field="file")
    return text


def _from_xlsx(content: bytes) -> list[list[str]]:
    """Read the first sheet of a workbook."""
    _check_archive(content)
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        return _limited(book.get_sheet_by_index(0).iter_rows())
    except errors.MehvarError:
        raise
    except Exception:  # noqa: BLE001 - the reader's own errors share no class but Exception
        raise _broken() from None


def _check_archive(content: bytes) -> None:
    """Refuse an archive that is broken, is no workbook, or unpacks to far more than it should."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, EOFError):
        raise _broken() from None
    if unpacked > MAX_UNPACKED_BYTES:
        raise errors.LimitExceeded("The file unpacks to too much.", code="file-too-large")
    if "xl/workbook.xml" not in names:
        raise errors.InputError("The file is neither CSV nor XLSX.", code="unknown-format", field="file")


def _broken() -> errors.InputError:
    """Say that a workbook cannot be read."""
    return errors.InputError(
        "The workbook is broken or cut off. Save it again and hand it in once more.",
        code="broken-file",
        field="file",
    )


def guarded(cell: str) -> str:
    """Give a CSV cell that no spreadsheet takes for a formula; ``cell_text`` takes the guard off again."""
    return f"'{cell}" if cell.startswith(DANGEROUS) else cell


def write_csv(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Write rows as UTF-8 CSV with a byte order mark, by which spreadsheets know the encoding."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(head)
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return target.getvalue().encode("utf-8-sig")


def write_xlsx(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Write rows as a workbook of text cells."""
    import xlsxwriter

    target = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(head) - 1, 24)
        for number, row in enumerate([head, *rows]):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)
    return target.getvalue()
