"""A stocktake goes from plan to end; decisions are resolutions; figures are frozen with their hash; nobody else's room opens."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from mehvar.accounts.data import Role
from mehvar.directives.actions import resolutions
from mehvar.directives.models import Resolution
from mehvar.kernel import clock, errors, identifiers
from mehvar.kernel.calendars import parse_date
from mehvar.ledger import queries as ledger
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import stocktakes
from mehvar.programmes.models import Delivery
from mehvar.programmes.queries import stocktakes as queries
from tests.factories.promulgation import MORNING, PROMULGATED_ON
from tests.factories.stocktakes import Room, begun, minister_room, planned

pytestmark = pytest.mark.django_db

MEETING = datetime(2026, 7, 4, 6, 0, tzinfo=UTC)  # 61 days after promulgation: two of four are overdue


@pytest.fixture
def room() -> Iterator[Room]:
    with clock.fixed(MORNING):
        made = minister_room()
    with clock.fixed(MEETING):
        yield made


def decided(room: Room, public_id: str, text: str = "Send equipment north.") -> Resolution:
    return stocktakes.decide(
        room.world.officer,
        public_id,
        text=text,
        owner_id=room.world.house.north.pk,
        due=parse_date("1405/06/31"),
    )


def test_from_plan_to_frozen_figures(room: Room) -> None:
    officer = room.world.officer
    row = planned(room, MEETING.date())
    with pytest.raises(errors.Conflict, match="while the stocktake runs"):
        decided(room, row.public_id)
    row = begun(room, row)
    resolution = decided(room, row.public_id)
    assert (resolution.due_on.isoformat(), resolution.due_raw, resolution.due_calendar) == (
        "2026-09-22", "1405/06/31", "jalali",
    )  # fmt: skip
    with pytest.raises(errors.InputError) as raised:
        stocktakes.decide(officer, row.public_id, text="X", owner_id=room.world.house.north.pk, due=None)
    assert raised.value.field == "due_on"
    ended = stocktakes.end_stocktake(officer, row.public_id, version=row.version)
    assert ended.content_hash == identifiers.content_hash(ended.figures)
    assert ended.figures["overview"]["cells"]["open_overdue"] == 3
    assert [one["text"] for one in ended.figures["decisions"]] == ["Send equipment north."]
    assert ended.session.content_hash == ended.figures["session"]["content_hash"]
    entries = ledger.history_of("stocktake", row.public_id, person=officer)
    assert {entry.action for entry in entries.object_list} == {
        "stocktake.plan",
        "stocktake.begin",
        "stocktake.end",
    }
    Delivery.objects.filter(organisation__code="xx.north").update(state="done", done_on=PROMULGATED_ON)
    ended.refresh_from_db()
    authority = organisations.authority_of(officer)
    assert queries.figures(authority, ended, "red")["count"] == 3  # what was on the wall stays
    assert queries.is_intact(ended)
    ended.figures["overview"]["cells"]["open_overdue"] = 0
    assert not queries.is_intact(ended)
    with pytest.raises(errors.TransitionNotAllowed):
        stocktakes.end_stocktake(officer, row.public_id, version=ended.version)


def test_the_next_one_shows_what_became_of_decisions(room: Room) -> None:
    officer = room.world.officer
    first = begun(room, planned(room, MEETING.date()))
    kept, open_one = decided(room, first.public_id, "One."), decided(room, first.public_id, "Two.")
    stocktakes.end_stocktake(officer, first.public_id, version=first.version)
    resolutions.claim_done(officer, kept.pk, note="Sent.")
    with clock.fixed(MEETING + timedelta(30)):
        second = planned(room, MEETING.date() + timedelta(30))
        assert second.previous_id == first.pk
        found = queries.figures(organisations.authority_of(officer), second, "earlier")
    assert [(one["text"], one["state"]) for one in found] == [("One.", "claimed"), ("Two.", "open")]
    assert found[1]["owner"]["code"] == "xx.north"
    assert open_one.due_on.isoformat() == found[1]["due_on"]


def test_red_list_says_why(room: Room) -> None:
    Delivery.objects.filter(organisation__code="xx.north").update(
        approved=40, self_rating="green", silent=False
    )
    row = planned(room, MEETING.date())
    red = queries.figures(organisations.authority_of(room.world.officer), row, "red")
    by_body = {one["body"]["code"]: one for one in red["rows"]}
    north = by_body["xx.north"]
    assert north["province"] == "xx.north"
    assert north["why"] | {"expected": 100, "approved": 40, "rosy": True, "silent": False} == north["why"]
    assert north["why"]["cause"] == "overdue"
    assert north["why"]["days"] >= 1
    assert by_body["xx.health"]["why"]["silent"] is True


def test_only_who_holds_stocktakes_sees_them_and_decides(room: Room) -> None:
    row = begun(room, planned(room, MEETING.date()))
    house = room.world.house
    minister = house.people[Role.MINISTER]
    assert queries.stocktake_for(organisations.authority_of(minister), row.public_id) == row
    assert queries.may_run(organisations.authority_of(minister), row)
    for person in (room.world.north, room.world.south, room.world.health, house.people[Role.ADMINISTRATOR]):
        with pytest.raises(errors.NotFound):
            queries.stocktake_for(organisations.authority_of(person), row.public_id)
        with pytest.raises(errors.NotFound):
            stocktakes.end_stocktake(person, row.public_id, version=row.version)
    with pytest.raises(errors.Conflict):
        stocktakes.end_stocktake(room.world.officer, row.public_id, version=row.version - 1)
    with pytest.raises(errors.NotPermitted):
        stocktakes.plan_stocktake(
            room.world.north, title="Ours", committee_id=room.committee_id, held_on=MEETING.date()
        )
    ended = stocktakes.end_stocktake(minister, row.public_id, version=row.version)
    assert [seat["present"] for seat in ended.figures["attendance"]] == [True, True]
    assert ended.figures["meeting"]["number"] == 1
