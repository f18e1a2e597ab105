"""Read and write the spreadsheets in which bodies, names and positions are exchanged.

One form for both ways: what is exported can be handed in again.
"""

from mehvar.organisations.rules.sheets.columns import (
    COLUMNS,
    BodyRow,
    CellError,
    NameRow,
    PositionRow,
    Sheet,
    SheetKind,
    read_rows,
)
from mehvar.organisations.rules.sheets.files import MAX_BYTES, MAX_ROWS, read_table, write_csv, write_xlsx

__all__ = [
    "COLUMNS",
    "MAX_BYTES",
    "MAX_ROWS",
    "BodyRow",
    "CellError",
    "NameRow",
    "PositionRow",
    "Sheet",
    "SheetKind",
    "read_rows",
    "read_table",
    "write_csv",
    "write_xlsx",
]
