"""What a plan's rules say: circles, quality, cells as people write them, templates."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mehvar.kernel.calendars import Calendar
from mehvar.kernel.errors import InputError
from mehvar.programmes.rules import lines, quality, templates
from mehvar.programmes.rules.lines import Writing
from mehvar.programmes.rules.plans import (
    PLAN_LIFE,
    PROGRAMME_LIFE,
    BudgetAmount,
    ItemContent,
    MilestoneLine,
    as_json,
    check_needs,
    circle_in,
    from_json,
)
from mehvar.programmes.rules.quality import Asked, Check
from mehvar.programmes.rules.templates import DoneItem, Step

TODAY = date(2026, 5, 4)
PERSIAN = Writing("fa", Calendar.JALALI, "IRR", TODAY)
VIETNAMESE = Writing("vi", Calendar.GREGORIAN, "VND", TODAY)
ENGLISH = Writing("en", Calendar.GREGORIAN, "USD", TODAY)
WHOLE = ItemContent(
    text="Equip",
    owner_office="Office",
    starts_on=date(2026, 6, 1),
    due_on=date(2026, 9, 22),
    indicator="Plants",
    milestones=(MilestoneLine("Contract", date(2026, 7, 1)),),
    budget=(BudgetAmount("Sensors", Decimal("10.00"), "IRR"),),
)


def checks(*items: ItemContent, asked: Asked | None = None) -> list[tuple[int, Check]]:
    found = quality.quality_of(dict(enumerate(items, 1)), asked or Asked(today=TODAY))
    return [(one.item, one.check) for one in found.findings]


@given(st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12)), max_size=40))
def test_a_circle_is_found_exactly_when_an_order_is_impossible(edges: list[tuple[int, int]]) -> None:
    needs: dict[int, set[int]] = {number: set() for number in range(1, 13)}
    for item, needed in edges:
        needs[item].add(needed)
    left, moved = {key: set(value) for key, value in needs.items()}, True
    while moved:
        ready = [key for key, value in left.items() if not value & left.keys()]
        moved = bool(ready)
        for key in ready:
            del left[key]
    circle = circle_in(needs)
    assert bool(circle) == bool(left)
    if circle:
        assert circle[0] == circle[-1]
        assert all(after in needs[before] for before, after in pairwise(circle))


def test_a_long_chain_is_no_circle_and_exhausts_nothing() -> None:
    needs = {number: [number + 1] for number in range(5000)}
    assert circle_in(needs) == ()
    assert len(circle_in(needs | {5000: [0]})) == 5002


def test_an_item_that_waits_for_itself_or_for_nobody_is_refused() -> None:
    with pytest.raises(InputError, match="1 ← 1"):
        check_needs({1: replace(WHOLE, needs=(1,))})
    with pytest.raises(InputError, match="no item 7"):
        check_needs({1: replace(WHOLE, needs=(7,))})
    check_needs({1: WHOLE, 2: replace(WHOLE, needs=(1,))})


def test_quality_names_all_that_each_item_needs() -> None:
    assert checks(WHOLE) == []
    empty = checks(ItemContent(text="Only words"))
    assert [check for _item, check in empty] == ["owner", "milestone", "date", "indicator", "budget"]
    assert quality.score_of([WHOLE, ItemContent(text="Only words")]) == 50
    assert quality.score_of([]) == 0


def test_quality_compares_dates() -> None:
    asked = Asked(measures={1: "A", 2: "B"}, dates={1: date(2026, 9, 1)}, today=TODAY)
    assert (1, Check.LATER) in checks(replace(WHOLE, source_id=1), asked=asked)
    assert (0, Check.UNCOVERED) in checks(replace(WHOLE, source_id=1), asked=asked)
    assert (1, Check.ORDER) in checks(replace(WHOLE, starts_on=date(2026, 10, 1)))
    assert (1, Check.PAST) in checks(replace(WHOLE, starts_on=None, due_on=date(2026, 5, 3)))
    late = replace(WHOLE, milestones=(MilestoneLine("After", date(2026, 10, 1)), MilestoneLine("Undated")))
    assert checks(late) == [(1, Check.MILESTONE_LATE), (1, Check.MILESTONE_DATE)]
    assert checks(WHOLE, replace(WHOLE, due_on=date(2026, 8, 1), needs=(1,)))[-1] == (2, Check.NEEDED_LATER)


def test_coverage_counts_the_measures_that_are_served() -> None:
    items = [replace(WHOLE, source_id=1), replace(WHOLE, source_id=1), WHOLE]
    assert quality.covered_share(items, Asked({1: "A", 2: "B", 3: "C"})) == 33
    assert quality.covered_share(items, Asked()) == 100
    local = Asked({9: "A, here"}, stands_for={1: 9})
    assert quality.covered_share(items, local) == 100


def test_what_the_call_requires_hinders_submission_and_the_rest_does_not() -> None:
    bare = {1: ItemContent(text="Only words")}
    assert quality.quality_of(bare, Asked(today=TODAY)).hindrances == ()
    found = quality.quality_of(bare, Asked(today=TODAY, required=frozenset({"owner"})))
    assert [one.check for one in found.hindrances] == [Check.OWNER]
    assert [one.check for one in quality.quality_of({}, Asked()).hindrances] == [Check.NO_ITEMS]


@pytest.mark.parametrize(
    "written",
    ["1405/06/31", "۱۴۰۵/۰۶/۳۱", "14050631", "31 شهریور 1405", "22/9/2026", "2026-09-22", "20260922", "ngày 22 tháng 9 năm 2026"],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(written: str) -> None:
    stated = lines.read_day(written, PERSIAN)
    assert stated is not None
    assert (stated.day, stated.raw) == (date(2026, 9, 22), written)


@pytest.mark.parametrize(
    "written", ["soon", "1405/13/01", "1447/09/15", "۱۵ رمضان ۱۴۴۷", "31/2/2026", "2026/09"]
)
def test_what_is_no_day_or_one_of_the_lunar_calendar_is_refused(written: str) -> None:
    with pytest.raises(InputError):
        lines.read_day(written, PERSIAN)


@pytest.mark.parametrize(
    ("written", "language", "amount"),
    [
        ("۱٬۲۰۰٬۰۰۰٫۵", "fa", "1200000.50"), ("1,200,000", "en", "1200000.00"), ("1.200.000", "vi", "1200000.00"),
        ("1.200.000,25", "vi", "1200000.25"), ("1.5", "en", "1.50"), ("0", "en", "0.00"), ("1 200 000", "vi", "1200000.00"),
        ("99999999999999999", "en", "99999999999999999.00"),
    ],
)  # fmt: skip
def test_an_amount_is_read_exactly(written: str, language: str, amount: str) -> None:
    assert lines.read_amount(written, language) == Decimal(amount)


@pytest.mark.parametrize("written", ["", "much", "-5", "1e99", "NaN", "Infinity", "1,2,3.4.5"])
def test_what_is_no_amount_is_refused(written: str) -> None:
    with pytest.raises(InputError):
        lines.read_amount(written, "en")


@given(
    st.decimals(0, 10**15, places=2), st.sampled_from([PERSIAN, VIETNAMESE, ENGLISH]), st.sampled_from(["", "Fund"])
)  # fmt: skip
def test_a_budget_line_is_read_as_it_was_written(amount: Decimal, writing: Writing, source: str) -> None:
    for currency in (writing.currency, "EUR"):
        line = BudgetAmount("Sensors", amount.quantize(Decimal("0.01")), currency, source)
        assert lines.read_budget(lines.write_budget([line], writing), writing) == (line,)


@given(st.dates(date(2020, 1, 1), date(2035, 1, 1)), st.sampled_from([PERSIAN, VIETNAMESE, ENGLISH]))
def test_a_milestone_is_read_as_it_was_written(day: date, writing: Writing) -> None:
    for line in (
        MilestoneLine("Contract signed", day),
        MilestoneLine("Handover", day, 2.5),
        MilestoneLine("Undated"),
    ):
        assert lines.read_milestones(lines.write_milestones([line], writing), writing) == (line,)


def test_numbers_of_items_are_read_in_any_digits_and_from_floats() -> None:
    assert lines.read_needs("۱ و ۳، 2.0; 3") == (1, 3, 2)
    for wrong in ("one", "1-3", "0", "2.5"):
        with pytest.raises(InputError):
            lines.read_needs(wrong)


def test_an_item_survives_its_canonical_form() -> None:
    item = replace(WHOLE, needs=(2, 3), due_raw="1405/06/31", source_id=9)
    assert from_json(as_json(item)) == item


def test_lives_end_where_they_must() -> None:
    assert PLAN_LIFE.is_final("accepted")
    assert PROGRAMME_LIFE.is_final("closed")
    assert PLAN_LIFE.reachable("draft") == {"draft", "submitted", "returned", "accepted"}


def done(key: str, start: int, days: int | None, *needs: str) -> DoneItem:
    begin = TODAY + timedelta(days=start)
    ended = None if days is None else begin + timedelta(days=days)
    return DoneItem(key, key.upper(), begin, begin + timedelta(days=500), ended, needs)


def test_steps_take_the_median_of_the_days_they_really_took() -> None:
    steps = templates.measured_steps(
        [done("b", 40, 20, "a"), done("a", 0, 10), done("a", 0, 30), done("a", 10, 90), done("c", 5, None)],
        TODAY,
    )
    assert [(step.title, step.after_days, step.duration_days, step.bodies) for step in steps] == [
        ("A", 0, 30, 3), ("C", 5, 500, 0), ("B", 40, 20, 1),
    ]  # fmt: skip
    assert steps[2].depends_on == (1,)


def test_steps_that_bodies_did_in_either_order_do_not_wait_in_a_circle() -> None:
    steps = templates.measured_steps([done("a", 0, 5, "b"), done("b", 1, 5, "a")], TODAY)
    assert [step.depends_on for step in steps] == [(), (1,)]


def test_steps_are_laid_out_after_those_that_they_wait_for() -> None:
    dated = templates.laid_out(
        [Step("Late", 0, 10, (2,)), Step("First", 0, 30), Step("Free", 5, 1)], date(2026, 3, 21)
    )
    assert [(one.starts_on, one.due_on) for one in dated] == [
        (date(2026, 4, 20), date(2026, 4, 30)),
        (date(2026, 3, 21), date(2026, 4, 20)),
        (date(2026, 3, 26), date(2026, 3, 27)),
    ]


def test_a_template_survives_its_stored_form() -> None:
    experience = templates.Experience(
        (Step("A", 0, 5, (), "Share", 2),), (templates.Hurdle("legal", "No law", "A law", 12),), ("Share",)
    )
    assert templates.from_content(templates.as_content(experience)) == experience
