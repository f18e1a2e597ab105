"""Make directives that are approved, or promulgated, without walking their whole life.

``approved_directive(house)`` gives a directive of the small ministry with three measures: the first led by the Ministry
of Health with all provinces coordinating, the second led by all provinces, the third by the department of the north
with the ministry monitoring. It is approved, and all gates are closed.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from mehvar.accounts.data import Role
from mehvar.accounts.models import User
from mehvar.directives.actions import lifecycle, promulgation
from mehvar.directives.models import Assignment, Citation, Directive, Measure, Promulgation
from mehvar.organisations.models import Organisation
from tests.factories.deliberation import make_directive
from tests.factories.organisations import SmallMinistry, make_organisation, make_user

PROMULGATED_ON = date(2026, 5, 4)
MORNING = datetime(2026, 5, 4, 6, 0, tzinfo=UTC)


def assign(
    measure: Measure, role: str, *, body: Organisation | None = None, group: str = "", name: str = ""
) -> Assignment:
    """Give a body, a group or an unresolved name a role in a measure."""
    return Assignment.objects.create(
        measure=measure,
        role=role,
        organisation=body,
        group_code=group,
        raw_name=name,
        position=measure.assignments.count(),
    )


def approve(directive: Directive) -> Directive:
    """Bring a draft to the approved state, its text kept as the approved edition."""
    lifecycle.freeze_edition(None, directive)
    Directive.objects.filter(pk=directive.pk).update(state="approved")
    directive.refresh_from_db()
    return directive


def drafted_directive(house: SmallMinistry, *, language: str = "en", title: str = "") -> Directive:
    """Make the draft described above."""
    directive = make_directive(
        house.ministry, title=title or "Directive on smart industry", language=language
    )
    first, second, third = directive.measures.order_by("position")
    assign(first, "lead", body=house.health)
    assign(first, "coordinating", group="@provinces")
    assign(second, "lead", group="@provinces")
    assign(third, "lead", body=house.north_ict)
    assign(third, "monitoring", body=house.ministry)
    return directive


def approved_directive(
    house: SmallMinistry, *, language: str = "en", title: str = "", cites: Sequence[str] = ()
) -> Directive:
    """Make the directive described above, approved; ``cites`` are documents that every body must disseminate."""
    directive = drafted_directive(house, language=language, title=title)
    for position, raw in enumerate(cites):
        Citation.objects.create(directive=directive, position=position, raw=raw, to_disseminate=True)
    return approve(directive)


def promulgated(house: SmallMinistry, *, number: str = "2026/001", cites: Sequence[str] = ()) -> Promulgation:
    """Promulgate the directive described above, as the planning officer."""
    directive = approved_directive(house, title=f"Directive {number}", cites=cites)
    return promulgation.promulgate_directive(house.people[Role.PLANNING_OFFICER], directive.pk, number=number)


def officers_of_provinces(house: SmallMinistry) -> tuple[User, User]:
    """Let somebody act for each province itself: (north, south)."""
    return (
        make_user(Role.PROVINCIAL_DIRECTOR, house.north, name="north officer"),
        make_user(Role.PROVINCIAL_DIRECTOR, house.south, name="south officer"),
    )


def wide_directive(house: SmallMinistry, *, measures: int, bodies: int) -> Directive:
    """Make an approved directive whose group leads every measure: ``measures`` × ``bodies`` assignments."""
    for number in range(bodies - 2):
        make_organisation(
            f"xx.p{number:03}", parent=house.state, type="province", name_en=f"Province {number}"
        )
    directive = make_directive(house.ministry, title="Wide directive", measures=measures)
    Assignment.objects.bulk_create(
        Assignment(measure=measure, role="lead", group_code="@provinces")
        for measure in directive.measures.all()
    )
    return approve(directive)
