"""Turn rows of the room's lists into spreadsheets, and spreadsheets into rows, in one form for both ways."""

from mehvar.programmes.rules.imports.columns import (
    COLUMNS,
    ERRORS_HEAD,
    SUBJECT_OF,
    ColumnSpec,
    ValueKind,
    heads,
    is_errors_head,
    word_of,
)
from mehvar.programmes.rules.imports.files import open_table
from mehvar.programmes.rules.imports.reading import (
    MOST_ROWS,
    FoundTable,
    ReadRow,
    RowNote,
    find_table,
    read_rows,
)
from mehvar.programmes.rules.imports.writing import csv_lines, written, xlsx_of

__all__ = [
    "COLUMNS",
    "ERRORS_HEAD",
    "MOST_ROWS",
    "SUBJECT_OF",
    "ColumnSpec",
    "FoundTable",
    "ReadRow",
    "RowNote",
    "ValueKind",
    "csv_lines",
    "find_table",
    "heads",
    "is_errors_head",
    "open_table",
    "read_rows",
    "word_of",
    "written",
    "xlsx_of",
]
