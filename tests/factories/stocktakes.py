"""Make what a stocktake needs: the house of ``tests.factories.progress`` with a council of deputies that can resolve."""

from dataclasses import dataclass
from datetime import date

from mehvar.accounts.data import Role
from mehvar.directives.actions.council import Presence
from mehvar.organisations.actions import committees
from mehvar.organisations.data import Capacity, CommitteeKind
from mehvar.programmes.actions import stocktakes
from mehvar.programmes.models import Stocktake
from tests.factories.progress import ReportingHouse, reporting_house

LONG_AGO = date(2000, 1, 1)


@dataclass
class Room:
    """Hold the house and the council in which its stocktakes are held."""

    world: ReportingHouse
    committee_id: int


def minister_room(*, language: str = "en", calendar: str = "gregorian") -> Room:
    """Establish the council of deputies: the minister in the chair, two bodies as members."""
    world = reporting_house(language=language, calendar=calendar)
    house = world.house
    committee = committees.establish_committee(
        None,
        organisation_id=house.ministry.pk,
        kind=CommitteeKind.COUNCIL,
        name="Council of deputies",
        mandate="To take stock.",
        established_on=LONG_AGO,
    )
    seats = [
        (Capacity.CHAIR, house.people[Role.MINISTER].pk, house.ministry.pk, "Minister"),
        (Capacity.MEMBER, house.people[Role.DEPUTY].pk, house.ministry.pk, "Deputy"),
    ]
    for capacity, user_id, organisation_id, office in seats:
        committees.seat_member(
            None,
            committee.pk,
            capacity=capacity,
            user_id=user_id,
            organisation_id=organisation_id,
            office=office,
            valid_from=LONG_AGO,
        )
    return Room(world, committee.pk)


def planned(
    room: Room, held_on: date, *, title: str = "Stocktake of spring", language: str = "en"
) -> Stocktake:
    """Plan a stocktake over everything."""
    return stocktakes.plan_stocktake(
        room.world.officer, title=title, committee_id=room.committee_id, held_on=held_on, language=language
    )


def begun(room: Room, row: Stocktake) -> Stocktake:
    """Begin a stocktake with everybody present."""
    assert row.session is not None
    everybody = {seat.pk: Presence(present=True) for seat in row.session.attendance.all()}
    stocktakes.begin_stocktake(room.world.officer, row.public_id, version=row.version, presences=everybody)
    row.refresh_from_db()
    return row
