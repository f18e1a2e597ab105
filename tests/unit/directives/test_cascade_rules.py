"""Expansion, standing, reminders, numbering, provinces: the pure rules of promulgation and cascade."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mehvar.directives.rules import coverage, reminders
from mehvar.directives.rules.cascade import Given, Standing, expand, standing_of
from mehvar.directives.rules.coverage import Place
from mehvar.directives.rules.gates import SHOWN_POINTS, OpenPoint, state_of
from mehvar.directives.rules.numbering import proposed_number

ROLES = ("lead", "coordinating", "overseeing", "monitoring")
GROUPS = ("@provinces", "@ministries", "@nobody")
bodies = st.integers(1, 12)
given_rows = st.lists(
    st.one_of(
        st.builds(Given, st.integers(1, 4), st.sampled_from(ROLES), bodies, st.just(""), st.booleans()),
        st.builds(
            Given,
            st.integers(1, 4),
            st.sampled_from(ROLES),
            st.none(),
            st.sampled_from(GROUPS),
            st.booleans(),
        ),
    ),
    max_size=25,
)
members = st.fixed_dictionaries(
    {code: st.lists(bodies, unique=True, max_size=8) for code in ("@provinces", "@ministries")}
)


@given(given_rows, members)
def test_each_body_has_each_role_once_and_nobody_leads_and_coordinates(
    rows: list[Given], groups: dict[str, list[int]]
) -> None:
    expanded = expand(rows, groups)
    keys = [(row.measure_id, row.organisation_id, row.role) for row in expanded]
    assert len(keys) == len(set(keys))
    leads = {key[:2] for key in keys if key[2] == "lead"}
    assert leads.isdisjoint({key[:2] for key in keys if key[2] == "coordinating"})


@given(given_rows, members)
def test_exactly_those_who_were_named_are_found(rows: list[Given], groups: dict[str, list[int]]) -> None:
    wanted = {
        (row.measure_id, body, row.role)
        for row in rows
        for body in ([row.organisation_id] if row.organisation_id else groups.get(row.group_code, []))
    }
    leads = {key[:2] for key in wanted if key[2] == "lead"}
    expected = {key for key in wanted if not (key[2] == "coordinating" and key[:2] in leads)}
    assert {(row.measure_id, row.organisation_id, row.role) for row in expand(rows, groups)} == expected


@given(given_rows, members)
def test_a_body_named_by_itself_does_not_come_through_a_group(
    rows: list[Given], groups: dict[str, list[int]]
) -> None:
    named = {(row.measure_id, row.organisation_id, row.role) for row in rows if row.organisation_id}
    for row in expand(rows, groups):
        assert (row.via_group == "") == ((row.measure_id, row.organisation_id, row.role) in named)


@given(given_rows, members)
def test_naming_the_same_twice_changes_nothing(rows: list[Given], groups: dict[str, list[int]]) -> None:
    assert set(expand(rows + rows, groups)) == set(expand(rows, groups))


def test_who_is_principal_once_is_principal() -> None:
    rows = [Given(1, "lead", 7, "", False), Given(1, "lead", 7, "", True)]
    assert [row.principal for row in expand(rows, {})] == [True]


DUE = date(2026, 5, 11)


@pytest.mark.parametrize(
    ("acknowledged", "today", "standing"),
    [
        (DUE, DUE, Standing.ON_TIME),
        (DUE + timedelta(1), DUE + timedelta(9), Standing.LATE),
        (None, DUE, Standing.WAITING),
        (None, DUE + timedelta(1), Standing.OVERDUE),
    ],
)
def test_the_last_day_itself_is_in_time(acknowledged: date | None, today: date, standing: Standing) -> None:
    assert standing_of(due_on=DUE, acknowledged_on=acknowledged, today=today) is standing


@pytest.mark.parametrize(
    ("days", "steps"),
    [
        (-3, ()),
        (-2, ("before",)),
        (0, ("before", "due")),
        (1, ("before", "due", "late")),
        (30, ("before", "due", "late", "escalated")),
    ],
)
def test_steps_come_with_their_day(days: int, steps: tuple[str, ...]) -> None:
    assert reminders.due_steps(DUE, DUE + timedelta(days)) == steps


@given(st.integers(-10, 40), st.sets(st.sampled_from([name for name, _days in reminders.STEPS])))
def test_no_step_is_sent_twice(days: int, sent: set[str]) -> None:
    found = reminders.unsent_steps(DUE, DUE + timedelta(days), sent)
    assert sent.isdisjoint(found)
    assert set(found) | sent >= set(reminders.due_steps(DUE, DUE + timedelta(days)))


@pytest.mark.parametrize(
    ("pack", "kind", "abbreviation", "taken", "number"),
    [
        ("vn", "directive", "BTTTT", [], "01/CT-BTTTT"),
        ("vn", "directive", "BTTTT", ["01/CT-BTTTT", "09/NQ-BTTTT"], "10/CT-BTTTT"),
        ("vn", "plan", "", ["2/KH"], "03/KH"),
        ("ir", "directive", "", [], "1399/001"),
        ("ir", "directive", "", ["1399/001", "۱۳۹۹/۰۱۲"], "1399/013"),
        ("ir", "directive", "", ["without a serial"], "1399/001"),
    ],
)
def test_the_next_number_has_its_country_form(
    pack: str, kind: str, abbreviation: str, taken: list[str], number: str
) -> None:
    proposed = proposed_number(pack=pack, kind=kind, year=1399, issuer_abbreviation=abbreviation, taken=taken)
    assert proposed == number


def test_a_gate_counts_all_points_and_shows_the_first() -> None:
    points = [OpenPoint(str(number), "/x/") for number in range(213)]
    state = state_of("missing-outcome", "Measures without outcome", points)
    assert (state.count, len(state.points), state.is_open) == (213, SHOWN_POINTS, True)
    assert not state_of("missing-outcome", "Measures without outcome", []).is_open


def test_a_body_belongs_to_the_province_in_whose_tree_it_lies() -> None:
    places = {"00010002": Place(2, "00010002", "p", "P", 0, 0)}
    assert coverage.place_of("0001000200030004", places) == places["00010002"]
    assert coverage.place_of("00010002", places) == places["00010002"]
    assert coverage.place_of("00010003", places) is None
    by_place, elsewhere = coverage.tallies(
        [("00010002", "on_time"), ("000100020001", "overdue"), ("0001", "waiting")], places
    )
    assert (by_place[2].total, elsewhere.total) == (2, 1)
    assert by_place[2].counts[Standing.OVERDUE] == 1


def test_the_layout_follows_the_set_of_provinces() -> None:
    kept = {"tile_x": "1", "tile_y": "1", "tile63_x": "2", "tile63_y": "2"}
    gone = {"tile63_x": "3", "tile63_y": "2"}
    assert coverage.layout_of([kept, gone]) == "tile63"
    assert coverage.layout_of([kept]) == "tile"
    assert coverage.layout_of([]) == "tile"
    assert coverage.square_of(gone, "tile63") == (3, 2)
    assert coverage.square_of(gone, "tile") is None
    assert coverage.square_of({"tile_x": "a", "tile_y": "1"}, "tile") is None


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("vi", ["Đà Nẵng", "Đồng Nai", "Hà Nội", "Hà Nam", "Bắc Ninh", "Bắc Giang"]),
        ("en", ["Kerman", "Kermanshah", "East Azerbaijan", "West Azerbaijan", "Qom"]),
        ("fa", ["کرمان", "کرمانشاه", "خراسان رضوی", "خراسان شمالی", "خراسان جنوبی", "یزد"]),
    ],
)
def test_short_names_are_short_and_differ(language: str, names: list[str]) -> None:
    short = coverage.short_names(names, language)
    assert len(set(short.values())) == len(names)
    assert max(len(each) for each in short.values()) <= coverage.LONGEST_SHORT


@given(
    st.lists(st.text(min_size=1, max_size=12), unique=True, max_size=30), st.sampled_from(["fa", "vi", "en"])
)
def test_short_names_never_fail(names: list[str], language: str) -> None:
    assert set(coverage.short_names(names, language)) == set(names)
