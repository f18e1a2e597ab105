"""A plan goes out as a workbook and comes in again; every doubtful cell is named, and nothing else is lost."""

import io
import time
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter

from mehvar.kernel import clock
from mehvar.kernel.calendars import Calendar
from mehvar.kernel.errors import Conflict, InputError, LimitExceeded, NotFound
from mehvar.programmes.actions import plans, reviews, sheets
from mehvar.programmes.actions.plans import ItemEdit
from mehvar.programmes.models import PlanSheet
from mehvar.programmes.queries import plans as queries
from mehvar.programmes.rules.lines import Writing
from mehvar.programmes.rules.workbooks import SHEETS, SheetKey, head_words, sheet_name
from tests.factories.plans import Calling, calling, fill, good_item, stored
from tests.factories.promulgation import MORNING

pytestmark = pytest.mark.django_db

WRITINGS = {
    "en": Writing("en", Calendar.GREGORIAN, "IRR", date(2026, 5, 4)),
    "fa": Writing("fa", Calendar.JALALI, "IRR", date(2026, 5, 4)),
    "vi": Writing("vi", Calendar.GREGORIAN, "VND", date(2026, 5, 4)),
}


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with clock.fixed(MORNING):
        yield


@pytest.fixture
def case() -> Calling:
    return calling()


def book_of(
    items: Sequence[dict[str, Any]],
    *,
    milestones: Sequence[Sequence[Any]] = (),
    budget: Sequence[Sequence[Any]] = (),
    language: str = "en",
    columns: Sequence[str] | None = None,
) -> tuple[io.BytesIO, xlsxwriter.Workbook, Any]:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet(sheet_name(SheetKey.ITEMS, language))
    heads = head_words(SheetKey.ITEMS, language)
    columns = columns or list(heads)
    for at, column in enumerate(columns):
        sheet.write(0, at, heads[column])
        for row, item in enumerate(items, 1):
            if column in item:
                sheet.write(row, at, item[column])
    for key, rows in ((SheetKey.MILESTONES, milestones), (SheetKey.BUDGET, budget)):
        other = book.add_worksheet(sheet_name(key, language))
        other.write_row(0, 0, list(head_words(key, language).values()))
        for row, cells in enumerate(rows, 1):
            other.write_row(row, 0, cells)
    return target, book, sheet


def made(*items: dict[str, Any], **options: Any) -> bytes:
    target, book, _sheet = book_of(items, **options)
    book.close()
    return target.getvalue()


def read(case: Calling, content: bytes, language: str = "en") -> PlanSheet:
    return sheets.hand_in_workbook(
        case.north, case.north_plan.pk, file_name="plan.xlsx", content=content, writing=WRITINGS[language]
    )


def notes(sheet: PlanSheet) -> list[tuple[str, int, str]]:
    return [
        (note.column, note.row, note.message.format(**note.params)) for note in sheets.sheet_plan(sheet).notes
    ]


@pytest.mark.parametrize("language", ["en", "fa", "vi"])
def test_what_goes_out_comes_in_unchanged(case: Calling, language: str) -> None:
    source = queries.measures_asked(case.north_plan)[0].pk
    fill(case.north, case.north_plan, good_item(1, source_id=source), good_item(2, needs=(1,)))
    before = stored(case.north_plan)
    content = sheets.workbook_of(case.north_plan, WRITINGS[language])
    found = sheets.sheet_plan(read(case, content, language))
    assert (found.fresh, found.changed, found.unchanged, found.notes) == (0, 0, 2, ())
    assert stored(case.north_plan) == before


def test_reading_changes_nothing_and_taking_over_happens_once(case: Calling) -> None:
    sheet = read(case, made({"number": 1, "text": "First"}, {"number": 2, "text": "Second", "needs": "1"}))
    assert stored(case.north_plan) == ()
    saved = sheets.take_over(case.north, sheet.pk)
    assert len(saved.fresh) == 2
    assert [(item.content.text, item.content.needs) for item in stored(case.north_plan)] == [
        ("First", ()),
        ("Second", (1,)),
    ]
    with pytest.raises(Conflict):
        sheets.take_over(case.north, sheet.pk)
    with pytest.raises(NotFound):
        sheets.take_over(case.south, sheet.pk)


def test_dates_of_three_kinds_persian_digits_and_floats_are_understood(case: Calling) -> None:
    content = made(
        {"number": 1.0, "text": "Cell", "due_on": datetime(2026, 9, 22, tzinfo=UTC).replace(tzinfo=None), "weight": 2.0},
        {"number": 2.0, "text": "Jalali", "due_on": "۱۴۰۵/۰۶/۳۱", "weight": "۲٫۵", "needs": 1.0},
        {"number": 3.0, "text": "Vietnamese", "due_on": "ngày 22 tháng 9 năm 2026", "needs": "۱ و ۲"},
        {"number": 4.0, "text": "Serial", "due_on": 46287},
        {"number": 5.0, "text": "Compact", "due_on": 14050631},
        {"number": 6.0, "text": "Lunar", "due_on": "1448/04/10"},
        milestones=[[1.0, "Contract", "1405/05/01", ""], ["۲", "Pilot", "soon", 1]],
        budget=[[1, "Sensors", 1200000, "", ""], [2, "Work", "۱٬۲۰۰٬۰۰۰", "irr", "Fund"], [3, "", "a lot", "", ""], [9, "Nobody", 1, "", ""]],
    )  # fmt: skip
    sheet = read(case, content, "fa")
    sheets.take_over(case.north, sheet.pk)
    items = [item.content for item in stored(case.north_plan)]
    assert [item.due_on for item in items] == [date(2026, 9, 22)] * 5 + [None]
    assert [item.needs for item in items] == [(), (1,), (1, 2), (), (), ()]
    assert [item.weight for item in items[:2]] == [2.0, 2.5]
    assert items[0].milestones[0].due_on == date(2026, 7, 23)
    assert items[1].milestones[0].due_on is None
    assert [line.amount for item in items for line in item.budget] == [Decimal("1200000.00")] * 2
    found = notes(sheet)
    assert ("F", 5, "The number 46287 is taken as a spreadsheet's date.") in found
    assert (
        "F",
        7,
        "“1448/04/10” would lie in 2069. Dates are read by the Gregorian and the Jalali calendar only.",
    ) in found
    assert ("C", 3, "“soon” is not a date.") in found
    assert ("C", 4, "“a lot” is not an amount of money.") in found
    assert ("A", 5, "The line names no item of the first sheet; it is left out.") in found


def test_formulas_and_merged_cells_are_named_with_what_was_kept(case: Calling) -> None:
    target, book, sheet = book_of(
        [{"number": 1, "text": "One"}, {"number": 2, "text": "Two"}, {"number": 3, "text": "Three"}]
    )
    owner = list(SHEETS[SheetKey.ITEMS]).index("owner_office")
    goal = list(SHEETS[SheetKey.ITEMS]).index("target")
    sheet.merge_range(1, owner, 2, owner, "Office of industry")
    sheet.write_formula(1, goal, "=6*2", None, 12)
    sheet.write_formula(2, goal, '=HYPERLINK("http://example.org")', None, "")
    book.close()
    handed = read(case, target.getvalue())
    sheets.take_over(case.north, handed.pk)
    items = [item.content for item in stored(case.north_plan)]
    assert [item.owner_office for item in items] == ["Office of industry", "Office of industry", ""]
    assert [item.target for item in items] == ["12", "", ""]
    kept = {(note.column, note.row): (note.kept, note.mild) for note in sheets.sheet_plan(handed).notes}
    assert kept[("H", 2)] == ("12", True)
    assert kept[("H", 3)] == ("", False)
    assert kept[("D", 3)] == ("Office of industry", True)


def test_a_changed_row_is_taken_and_an_unreadable_cell_keeps_what_is_stored(case: Calling) -> None:
    fill(case.north, case.north_plan, good_item(1), good_item(2))
    first, second = stored(case.north_plan)
    content = made(
        {"number": 1, "text": "Changed", "due_on": "soon", "key": f"{first.public_id}:{first.version}"},
        {"number": 7, "text": "New", "needs": "1"},
        columns=["number", "text", "due_on", "needs", "key"],
    )
    handed = read(case, content)
    found = sheets.sheet_plan(handed)
    assert (found.fresh, found.changed, found.unchanged) == (1, 1, 0)
    sheets.take_over(case.north, handed.pk)
    changed, same, new = stored(case.north_plan)
    assert (changed.content.text, changed.content.due_on) == ("Changed", date(2026, 9, 22))
    assert changed.content.owner_office == "Office of industry"
    assert same.content == second.content
    assert (new.content.text, new.content.needs) == ("New", (1,))


def test_a_row_changed_by_somebody_since_the_download_stays_theirs(case: Calling) -> None:
    fill(case.north, case.north_plan, good_item(1), good_item(2))
    first, second = stored(case.north_plan)
    content = made(
        {"number": 1, "text": "Mine", "key": f"{first.public_id}:{first.version}"},
        {"number": 2, "text": "Also mine", "key": f"{second.public_id}:{second.version}"},
        columns=["number", "text", "key"],
    )
    plans.save_items(case.north, case.north_plan.pk, [ItemEdit(good_item(9), first.public_id, first.version)])
    handed = read(case, content)
    assert sheets.sheet_plan(handed).clashing == (1,)
    saved = sheets.take_over(case.north, handed.pk)
    assert [clash.edit.content.text for clash in saved.clashes] == ["Mine"]
    assert [item.content.text for item in stored(case.north_plan)] == ["Equip plant 9", "Also mine"]


def test_circles_in_a_workbook_are_refused_as_a_whole(case: Calling) -> None:
    handed = read(
        case, made({"number": 1, "text": "A", "needs": "2"}, {"number": 2, "text": "B", "needs": "1"})
    )
    with pytest.raises(InputError, match="circle"):
        sheets.take_over(case.north, handed.pk)
    assert stored(case.north_plan) == ()
    assert PlanSheet.objects.get().taken_over_at is None


def test_doubled_numbers_unknown_measures_and_changed_keys_are_named(case: Calling) -> None:
    content = made(
        {"number": 1, "text": "A", "source": "M999999 Something", "product_class": "فناوری نوظهور"},
        {"number": 1, "text": "B", "key": "broken", "product_class": "Gold"},
        {"number": 3, "text": "x" * 5000},
    )
    handed = read(case, content)
    words = " ".join(message for _column, _row, message in notes(handed))
    assert "is none of the measures asked" in words
    assert "The number 1 stands twice" in words
    assert "The key was changed" in words
    assert "“Gold” is no product class" in words
    assert "Longer than 4000 characters" in words
    sheets.take_over(case.north, handed.pk)
    assert [item.content.product_class for item in stored(case.north_plan)] == ["emerging", "none", "none"]


def test_a_measure_is_recognised_by_its_key_or_its_words(case: Calling) -> None:
    measure = queries.measures_asked(case.north_plan)[0]
    assert measure.measure is not None
    content = made(
        {"number": 1, "text": "A", "source": f"M{measure.pk} whatever"},
        {"number": 2, "text": "B", "source": measure.measure.text.upper()},
    )
    sheets.take_over(case.north, read(case, content).pk)
    assert {item.content.source_id for item in stored(case.north_plan)} == {measure.pk}


def test_a_hundred_thousand_rows_are_refused_quickly_and_as_many_empty_ones_are_not(case: Calling) -> None:
    full = made(*({"number": number, "text": f"Item {number}"} for number in range(1, 100_001)))
    began = time.perf_counter()
    with pytest.raises(LimitExceeded, match="100"):
        read(case, full)
    assert time.perf_counter() - began < 30
    target, book, sheet = book_of([{"number": 1, "text": "Alone"}])
    bold = book.add_format({"bold": True})
    for row in range(2, 100_000):
        sheet.write_blank(row, 0, None, bold)
    book.close()
    assert len(read(case, target.getvalue()).content["items"]) == 1


def test_files_that_are_no_workbook_are_refused_with_a_reason(case: Calling) -> None:
    good = made({"number": 1, "text": "A"})
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("hello.txt", "hello")
    for content in (b"", b"hello", good[: len(good) // 2], packed.getvalue()):
        with pytest.raises(InputError):
            read(case, content)
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.add_worksheet("Other").write_row(0, 0, ["Name", "Age"])
    with pytest.raises(InputError, match="columns"):
        read(case, target.getvalue())


def test_a_workbook_for_a_submitted_plan_or_by_another_province_is_refused(case: Calling) -> None:
    content = made({"number": 1, "text": "A"})
    with pytest.raises(NotFound):
        sheets.hand_in_workbook(
            case.south, case.north_plan.pk, file_name="p.xlsx", content=content, writing=WRITINGS["en"]
        )
    handed = read(case, content)
    fill(case.north, case.north_plan, good_item())
    reviews.submit_plan(case.north, case.north_plan.pk)
    with pytest.raises(Conflict):
        sheets.take_over(case.north, handed.pk)
    with pytest.raises(Conflict):
        read(case, content)


def test_text_that_looks_like_a_formula_goes_out_as_text(case: Calling) -> None:
    from dataclasses import replace

    import python_calamine

    fill(case.north, case.north_plan, replace(good_item(), text="=1+1", target='=cmd|"/c calc"!A0'))
    content = sheets.workbook_of(case.north_plan, WRITINGS["en"])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml").replace(b"<formula", b"")
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert book.get_sheet_by_index(0).to_python()[1][1] == "=1+1"
