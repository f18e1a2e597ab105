"""Turn rows of the room's lists into spreadsheets, and spreadsheets into rows, in one form for both ways."""

from mehvar.programmes.rules.imports.columns import (
    COLUMNS,
    ERRORS_HEAD,
    SUBJECT_OF,
    heads,
    is_errors_head,
    word_of,
)
from mehvar.programmes.rules.imports.files import MAX_CSV_ROWS, Source, open_table
from mehvar.programmes.rules.imports.reading import (
    FoundTable,
    ReadRow,
    RowNote,
    count_rows,
    find_table,
    most_rows,
    read_rows,
    readable,
)
from mehvar.programmes.rules.imports.registers import sheet_column
from mehvar.programmes.rules.imports.specs import ColumnSpec, ValueKind
from mehvar.programmes.rules.imports.writing import csv_lines, written, xlsx_of

__all__ = [
    "COLUMNS",
    "ERRORS_HEAD",
    "MAX_CSV_ROWS",
    "SUBJECT_OF",
    "ColumnSpec",
    "FoundTable",
    "ReadRow",
    "RowNote",
    "Source",
    "ValueKind",
    "count_rows",
    "csv_lines",
    "find_table",
    "heads",
    "is_errors_head",
    "most_rows",
    "open_table",
    "read_rows",
    "readable",
    "sheet_column",
    "word_of",
    "written",
    "xlsx_of",
]
