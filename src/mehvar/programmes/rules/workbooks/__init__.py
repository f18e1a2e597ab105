"""Turn a plan into a workbook and a filled workbook into items, noting every doubtful cell by sheet, row and column."""

from mehvar.programmes.rules.workbooks.cells import CellNote
from mehvar.programmes.rules.workbooks.columns import SHEETS, SheetKey, head_words, sheet_name
from mehvar.programmes.rules.workbooks.items import Reading, ReadItem, note_from, read_plan
from mehvar.programmes.rules.workbooks.opening import MAX_BYTES, open_workbook
from mehvar.programmes.rules.workbooks.writing import Measure, WrittenItem, write_plan

__all__ = [
    "MAX_BYTES",
    "SHEETS",
    "CellNote",
    "Measure",
    "ReadItem",
    "Reading",
    "SheetKey",
    "WrittenItem",
    "head_words",
    "note_from",
    "open_workbook",
    "read_plan",
    "sheet_name",
    "write_plan",
]
