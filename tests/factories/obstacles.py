"""Make obstacles of the small ministry, its provincial committee, its council and deputies, without walking through pages."""

from datetime import date
from typing import Any

from mehvar.accounts.data import Role
from mehvar.accounts.models import User
from mehvar.kernel.outside import hash_of_code
from mehvar.organisations.data import Capacity, CommitteeKind
from mehvar.organisations.models import Committee, CommitteeMember, Organisation
from mehvar.programmes.actions import obstacles
from mehvar.programmes.actions.obstacles import Words
from mehvar.programmes.data import Cause
from mehvar.programmes.models import Obstacle
from tests.factories.organisations import SmallMinistry, make_user


def make_committee(body: Organisation, *, chair: User | None = None, name: str = "") -> Committee:
    """Establish a provincial committee at a body."""
    committee = Committee.objects.create(
        organisation=body,
        kind=CommitteeKind.PROVINCIAL,
        name=name or f"Committee of {body.name_en}",
        mandate="Remove what is in the way.",
        established_on=date(2020, 1, 1),
    )
    if chair is not None:
        CommitteeMember.objects.create(
            committee=committee, user=chair, capacity=Capacity.CHAIR, valid_from=date(2020, 1, 1)
        )
    return committee


def make_deputy(house: SmallMinistry) -> User:
    """Seat a deputy at an office below the ministry."""
    return make_user(Role.DEPUTY, house.it, name="deputy of technology")


def raised_by_north(house: SmallMinistry, **fields: Any) -> Obstacle:
    """Raise an obstacle as the director of the north, for the department of the north."""
    return obstacles.raise_obstacle(
        house.people[Role.PROVINCIAL_DIRECTOR],
        Words(
            title=fields.pop("title", "No land for the data centre"),
            text=fields.pop("text", "The municipality has not handed over the plot."),
            cause=fields.pop("cause", Cause.LAND),
            decision_needed="Hand over the plot.",
        ),
        raised_by_id=house.north_ict.pk,
        **fields,
    )


def raised_from_outside(code: str = "AAAA-BBBB-CCCC-DDDD", *, key: str = "one", **fields: Any) -> Obstacle:
    """Take an obstacle from outside, whose tracking code is ``code``."""
    return obstacles.raise_from_outside(
        Words(title="A permit takes nine months", text="We wait for a permit.", cause=Cause.LEGAL),
        name="A firm",
        contact="firm@example.org",
        tracking_sha256=hash_of_code(code),
        submission_key=key,
        province_id=fields.get("province_id"),
    )
