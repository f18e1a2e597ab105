"""Spreadsheets are read by heads in three languages, cell by cell, and written in the form in which they are read."""

import contextlib
import csv
import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from mehvar.kernel.calendars import Calendar
from mehvar.kernel.errors import InputError, LimitExceeded, MehvarError
from mehvar.programmes.data import SheetKind
from mehvar.programmes.rules import imports as rules
from mehvar.programmes.rules.imports import ReadRow, choices
from mehvar.programmes.rules.lines import Writing
from mehvar.programmes.rules.plans import BudgetAmount, MilestoneLine
from mehvar.programmes.rules.workbooks.opening import MAX_ROWS, RawSheet

WRITINGS = {
    "en": Writing("en", Calendar.GREGORIAN, "IRR", date(2026, 5, 4)),
    "fa": Writing("fa", Calendar.JALALI, "IRR", date(2026, 5, 4)),
    "vi": Writing("vi", Calendar.GREGORIAN, "VND", date(2026, 5, 4)),
}
ITEM = {
    "body": "xx.north — شمال", "number": 3, "text": "Equip", "source": "M12 Equip plants", "owner_office": "Office",
    "starts_on": date(2026, 6, 1), "due_on": date(2026, 9, 22), "indicator": "Plants", "target": "12",
    "product_class": "emerging", "weight": 2.5, "needs": (1, 2), "milestones": (MilestoneLine("Contract", date(2026, 7, 1)),),
    "budget": (BudgetAmount("Sensors", Decimal("1200000.00"), "IRR", "Fund"),), "key": "01abc:7",
}  # fmt: skip


def read(kind: SheetKind, *rows: list[Any], language: str = "en") -> list[ReadRow]:
    found = rules.find_table([RawSheet("any", rows)], kind, language)
    return list(rules.read_rows(found, kind, WRITINGS[language]))


def wrong(row: ReadRow) -> list[str]:
    return [note.column for note in row.notes if not note.mild]


@pytest.mark.parametrize("language", ["en", "fa", "vi"])
def test_what_is_written_is_read_again(language: str) -> None:
    writing = WRITINGS[language]
    head = list(rules.heads(SheetKind.PLAN_ITEMS, language).values())
    cells = rules.written(SheetKind.PLAN_ITEMS, ITEM, writing)
    text = "".join(rules.csv_lines(head, [cells])).encode()
    (row,) = rules.read_rows(
        rules.find_table(rules.open_table(text), SheetKind.PLAN_ITEMS, language),
        SheetKind.PLAN_ITEMS,
        writing,
    )
    assert wrong(row) == []
    assert (row.public_id, row.version, row.values["body"], row.values["source"]) == (
        "01abc",
        7,
        "xx.north",
        12,
    )
    same = ("number", "text", "starts_on", "due_on", "product_class", "weight", "needs", "milestones")
    assert {name: row.values[name] for name in same} == {name: ITEM[name] for name in same}
    assert row.values["budget"][0].amount == Decimal("1200000.00")


def test_every_head_of_every_list_names_one_column() -> None:
    for kind, columns in rules.COLUMNS.items():
        for language in ("en", "fa", "vi"):
            heads = list(rules.heads(kind, language).values())
            assert len(set(heads)) == len(heads), (kind, language)
            found = rules.find_table([RawSheet("", [heads, ["x"] * len(heads)])], kind, language)
            assert set(found.columns) == set(columns), (kind, language)


def test_every_choice_is_read_in_every_language() -> None:
    for columns in rules.COLUMNS.values():
        for spec in columns.values():
            for value, words in (spec.choices or {}).items():
                assert {choices.choice_of(spec.choices or {}, word) for word in (value, *words)} == {value}


def test_dates_of_three_kinds_percentages_in_any_digits_and_codes_in_names() -> None:
    head = ["Claimed, %", "خوداظهاری", "Đã làm gì", "Key (leave as it is)"]
    first, second, third = read(
        SheetKind.REPORTS,
        head,
        ["۴۰٪", "سبز", "x", "d1:0"],
        [55.0, "Amber", "y", "d2:3"],
        ["101", "pink", "", "d3:1"],
    )
    assert (first.values["claimed"], first.values["self_rating"], second.values["claimed"]) == (
        40,
        "green",
        55,
    )
    assert wrong(third) == ["claimed", "self_rating"]
    head = ["Body", "Date", "With", "With whom (offices)", "Subject"]
    rows = read(
        SheetKind.MEETINGS, head,
        ["ir.yazd — یزد", "1405/02/10", "governor", "x", "1"], ["یزد (ir.yazd)", datetime(2026, 4, 30), "Others", "x", "2"],  # noqa: DTZ001
        ["Yazd", 46142, "Others", "x", "3"], ["ir.yazd", "۳۰/۰۴/۲۰۲۶", "Others", "x", "4"],
    )  # fmt: skip
    assert {row.values["held_on"] for row in rows} == {date(2026, 4, 30)}
    assert [row.values["body"] for row in rows] == ["ir.yazd", "ir.yazd", "Yazd", "ir.yazd"]


def test_rows_that_say_the_same_or_bear_one_key_are_refused_from_the_second_on() -> None:
    head = ["What is in the way", "Description", "Raised by", "Key (leave as it is)"]
    rows = read(
        SheetKind.OBSTACLES, head,
        ["A", "x", "xx.north", ""], ["A", "x", "xx.north", ""], ["A", "y", "xx.north", ""],
        ["B", "x", "xx.north", "o1:1"], ["C", "x", "xx.north", "o1:2"],
    )  # fmt: skip
    assert [row.is_wrong for row in rows] == [False, True, False, False, True]
    assert rows[0].fingerprint == rows[1].fingerprint != rows[2].fingerprint


def test_a_new_row_needs_its_columns_and_a_known_one_only_its_key() -> None:
    rows = read(SheetKind.OBSTACLES, ["Key (leave as it is)", "Cause"], ["o1:1", "Budget"], ["", "Budget"])
    assert (wrong(rows[0]), wrong(rows[1])) == ([], ["title"])
    assert set(rows[0].values) == {"cause"}, "what the file has no column for stays"


def test_the_head_may_stand_below_a_title_and_other_columns_are_left_alone() -> None:
    sheet = RawSheet("", [["Obstacles of the north"], [], ["Ours", "Title", "Description", "Raised by", "What is in the way", "What is wrong"], [1, "", "d", "xx", "t", "old error"]])  # fmt: skip
    with pytest.raises(InputError) as twice:
        rules.find_table([sheet], SheetKind.OBSTACLES, "en")
    assert twice.value.code == "column-twice", "“title” is the key of the same column"
    found = rules.find_table(
        [RawSheet("", []), RawSheet("", [row[:1] + row[2:] for row in sheet.rows])], SheetKind.OBSTACLES, "en"
    )
    assert (found.head, found.ignored, found.letters_of("title")) == (2, ("Ours",), "D")


def test_no_cell_of_a_csv_file_is_a_formula_and_all_come_back() -> None:
    written = ["=1+1", "+1", "-1", "@x", "\t=1", "'quoted", "plain"]
    lines = "".join(rules.csv_lines(["a"], [[cell] for cell in written]))
    cells = [row[0] for row in csv.reader(io.StringIO(lines.lstrip("\ufeff")))][1:]
    assert [cell[0] for cell in cells[:5]] == ["'"] * 5
    assert [row[0] for row in list(rules.open_table(lines.encode())[0].rows)[1:]] == written


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_of_other_programs_is_read(encoding: str, separator: str) -> None:
    text = separator.join(["عنوان", "b"]) + "\r\n" + separator.join(["یک", "2"]) + "\r\n\r\n"
    assert list(rules.open_table(text.encode(encoding))[0].rows) == [["عنوان", "b"], ["یک", "2"]]


def test_a_long_csv_file_is_read_row_by_row_and_its_limit_is_the_lists() -> None:
    head = ",".join(rules.COLUMNS[SheetKind.REPORTS])
    text = head + "\n" + "".join(f",,,,{n % 101},,,,,d{n}:0\n" for n in range(MAX_ROWS + 5))
    found = rules.find_table(rules.open_table(text.encode()), SheetKind.REPORTS, "en")
    assert rules.count_rows(found, SheetKind.REPORTS) == MAX_ROWS + 5
    first = next(rules.read_rows(found, SheetKind.REPORTS, WRITINGS["en"]))
    assert (first.number, first.public_id, first.values["claimed"]) == (2, "d0", 0)
    with pytest.raises(LimitExceeded, match="20000"):
        rules.count_rows(found, SheetKind.PLAN_ITEMS)
    short = rules.open_table(text.encode(), most_rows=3)
    with pytest.raises(LimitExceeded, match="more than 3 rows"):
        rules.count_rows(rules.find_table(short, SheetKind.REPORTS, "en"), SheetKind.REPORTS)
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for at in range(MAX_ROWS + 2):
            sheet.write_number(at, 0, at)
    with pytest.raises(LimitExceeded, match=r"CSV UTF-8.* 100000"):
        rules.open_table(target.getvalue())


@pytest.mark.parametrize("end", [b'"cut', b"a\x00b", b"\xff\xfe\xfa"])
def test_a_file_that_is_broken_at_its_end_is_found_before_anything_is_kept(end: bytes) -> None:
    text = b"What is in the way,Description,Raised by\n" + b"A,B,xx.north\n" * 9000 + end
    found = rules.find_table(rules.open_table(text), SheetKind.OBSTACLES, "en")
    with pytest.raises(InputError):
        rules.count_rows(found, SheetKind.OBSTACLES)


def test_several_words_bodies_and_periods_stand_in_one_cell() -> None:
    heads = rules.heads(SheetKind.CALLS, "fa")
    keys = ["title", "programme", "deadline_on", "bodies", "required", "prefill"]
    rows = read(
        SheetKind.CALLS, [heads[key] for key in keys],
        ["الف", "p1 — Ports", "۱۴۰۵/۰۳/۱۰", "xx.north — شمال؛ جنوب\nxx.north", "تاریخ، Owner", "Không"],
        ["ب", "p1", 46172, " ; ", "Luck", ""],
    )  # fmt: skip
    assert (rows[0].values["bodies"], rows[0].values["required"], rows[0].values["prefill"]) == (
        ("xx.north", "جنوب"), ("owner", "date"), "no",
    )  # fmt: skip
    assert (wrong(rows[0]), wrong(rows[1])) == ([], ["bodies", "required"])
    (edition,) = read(SheetKind.RECOGNITION, ["Title", "Period", "Provinces awarded"], ["A", "۱۴۰۵-q3", "۳"])
    assert (edition.values["period"], edition.values["places"]) == ("1405-Q3", 3)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=200), st.sampled_from([b"", b"PK\x03\x04", "\ufeff".encode(), b"\xff\xfe"]))
def test_any_bytes_are_read_or_refused_in_a_sentence(content: bytes, beginning: bytes) -> None:
    with contextlib.suppress(MehvarError):
        sheets = rules.open_table(beginning + content)
        found = rules.find_table(sheets, SheetKind.OBSTACLES, "en")
        list(rules.read_rows(found, SheetKind.OBSTACLES, WRITINGS["en"]))
