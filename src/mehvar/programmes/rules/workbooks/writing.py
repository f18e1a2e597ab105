"""Write a plan as a workbook that can be filled in and handed in again."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mehvar.kernel.text import to_ascii_digits
from mehvar.programmes.rules import lines
from mehvar.programmes.rules.lines import Writing
from mehvar.programmes.rules.plans import ItemContent
from mehvar.programmes.rules.workbooks.columns import (
    GUIDE,
    INSTRUCTIONS,
    PRODUCT_WORDS,
    SHEETS,
    SheetKey,
    in_language,
    sheet_name,
)

EMPTY_ROWS = 200
_WIDTHS = {
    "text": 50,
    "source": 40,
    "indicator": 30,
    "title": 40,
    "owner_office": 28,
    "key": 12,
    "number": 6,
    "item": 8,
}
_LONGEST_CHOICE = 200


@dataclass(frozen=True, slots=True)
class Measure:
    """Hold a measure that items may serve: its key in the workbook and its words."""

    pk: int
    label: str

    @property
    def choice(self) -> str:
        """Return what the cell holds."""
        return f"M{self.pk} {self.label}"[:_LONGEST_CHOICE]


@dataclass(frozen=True, slots=True)
class WrittenItem:
    """Hold an item to be written with its number and key."""

    number: int
    content: ItemContent
    key: str = ""


def write_plan(
    items: Sequence[WrittenItem], measures: Sequence[Measure], writing: Writing, *, title: str, guidance: str
) -> bytes:
    """Write the workbook in the reader's language: items, milestones, budget, instructions and the choices."""
    import xlsxwriter

    target = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(target, options) as book:
        styles = _styles(book)
        choices = {measure.pk: measure.choice for measure in measures}
        sheets = {key: book.add_worksheet(sheet_name(key, writing.language)) for key in SheetKey}
        _instructions(book, styles, writing, title, guidance)
        if measures:
            _choices(book, list(choices.values()))
            # A list of choices that may be left: other words are read by their wording.
            sheets[SheetKey.ITEMS].data_validation(
                1, 2, EMPTY_ROWS, 2,
                {"validate": "list", "source": f"=choices!$A$1:$A${len(choices)}", "error_type": "warning"},
            )  # fmt: skip
        for key, sheet in sheets.items():
            _head(sheet, key, styles, writing)
        _items(sheets[SheetKey.ITEMS], items, choices, styles, writing)
        _lines(sheets, items, styles, writing)
    return target.getvalue()


def _styles(book: Any) -> dict[str, Any]:
    return {
        "head": book.add_format({"bold": True, "text_wrap": True, "bg_color": "#e0f1f1", "border": 1}),
        "text": book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"}),
        "number": book.add_format({"valign": "top"}),
        "title": book.add_format({"bold": True, "font_size": 14, "text_wrap": True}),
        "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
    }


def _head(sheet: Any, key: SheetKey, styles: Mapping[str, Any], writing: Writing) -> None:
    if writing.language == "fa":
        sheet.right_to_left()
    sheet.freeze_panes(1, 0)
    for at, (column, words) in enumerate(SHEETS[key].items()):
        sheet.set_column(at, at, _WIDTHS.get(column, 16), styles["text"])
        sheet.write_string(0, at, in_language(words, writing.language), styles["head"])
        if column == "product_class":
            found = [in_language(one, writing.language) for one in PRODUCT_WORDS.values()]
            sheet.data_validation(1, at, EMPTY_ROWS, at, {"validate": "list", "source": found})


def _items(
    sheet: Any,
    items: Sequence[WrittenItem],
    choices: Mapping[int, str],
    styles: Mapping[str, Any],
    writing: Writing,
) -> None:
    for row, item in enumerate(items, 1):
        content = item.content
        cells = {
            "text": content.text,
            "source": choices.get(content.source_id or 0, ""),
            "owner_office": content.owner_office,
            "starts_on": _day(content.starts_on, writing),
            "due_on": _day(content.due_on, writing),
            "indicator": content.indicator,
            "target": content.target,
            "product_class": in_language(PRODUCT_WORDS[content.product_class], writing.language),
            "needs": ", ".join(map(str, content.needs)),
            "key": item.key,
        }
        sheet.write_number(row, 0, item.number, styles["number"])
        for at, column in enumerate(SHEETS[SheetKey.ITEMS]):
            if column == "weight":
                sheet.write_number(row, at, content.weight, styles["number"])
            elif column in cells:
                sheet.write_string(row, at, cells[column], styles["text"])


def _day(day: Any, writing: Writing) -> str:
    return to_ascii_digits(lines.write_day(day, writing))


def _lines(
    sheets: Mapping[SheetKey, Any],
    items: Sequence[WrittenItem],
    styles: Mapping[str, Any],
    writing: Writing,
) -> None:
    row = 1
    for item in items:
        for line in item.content.milestones:
            sheet = sheets[SheetKey.MILESTONES]
            sheet.write_number(row, 0, item.number, styles["number"])
            sheet.write_string(row, 1, line.title, styles["text"])
            sheet.write_string(row, 2, _day(line.due_on, writing), styles["text"])
            sheet.write_number(row, 3, line.weight, styles["number"])
            row += 1
    row = 1
    for item in items:
        for amount in item.content.budget:
            sheet = sheets[SheetKey.BUDGET]
            sheet.write_number(row, 0, item.number, styles["number"])
            sheet.write_string(row, 1, amount.title, styles["text"])
            # As text: a spreadsheet's floating numbers would not keep every amount exactly.
            sheet.write_string(row, 2, lines.write_amount(amount.amount, "en"), styles["text"])
            sheet.write_string(row, 3, amount.currency, styles["text"])
            sheet.write_string(row, 4, amount.source, styles["text"])
            row += 1


def _instructions(book: Any, styles: Mapping[str, Any], writing: Writing, title: str, guidance: str) -> None:
    sheet = book.add_worksheet(in_language(INSTRUCTIONS, writing.language))
    if writing.language == "fa":
        sheet.right_to_left()
    sheet.set_column(0, 0, 100)
    written = [*GUIDE.get(writing.language, GUIDE["en"]), *guidance.splitlines()]
    sheet.write_string(0, 0, title, styles["title"])
    for row, line in enumerate(written, 2):
        sheet.write_string(row, 0, line, styles["wrap"])


def _choices(book: Any, choices: Sequence[str]) -> None:
    sheet = book.add_worksheet("choices")
    for row, choice in enumerate(choices):
        sheet.write_string(row, 0, choice)
    sheet.hide()
