"""Make what reporting needs: a promulgated directive with dated deliveries, an open round, and people at every place.

``reporting_house()`` is ``small_ministry()`` on ``MORNING`` with the directive of ``tests.factories.promulgation``: Health, both provinces and
the department of the north have one delivery each, due 30, 60 and 90 days after promulgation.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from mehvar.accounts.data import Role
from mehvar.accounts.models import User
from mehvar.directives.models import Directive, Measure
from mehvar.organisations.models import Organisation
from mehvar.programmes.actions import making, reports, rounds
from mehvar.programmes.actions.reports import Entry
from mehvar.programmes.models import Delivery, ProgressReport, ReportingRound, RoundRequest
from tests.factories.organisations import SmallMinistry, make_organisation, make_user, small_ministry
from tests.factories.promulgation import PROMULGATED_ON, officers_of_provinces, promulgated


@dataclass
class ReportingHouse:
    """Hold the ministry, its promulgated directive, and who reports and reviews."""

    house: SmallMinistry
    directive: Directive
    officer: User
    health: User
    north: User
    south: User
    auditor: User
    inspector: User

    def delivery(self, code: str) -> Delivery:
        """Give the delivery of a body, as it is now."""
        return Delivery.objects.select_related("organisation", "issuer").get(organisation__code=code)

    def request(self, asked: ReportingRound, code: str) -> RoundRequest:
        """Give what a body is asked in a round."""
        return RoundRequest.objects.get(round=asked, organisation__code=code)


def reporting_house(*, language: str = "en", calendar: str = "gregorian") -> ReportingHouse:
    """Make the house described above; ``inspector`` speaks for a body outside the ministry."""
    house = small_ministry(language=language, calendar=calendar)
    north, south = officers_of_provinces(house)
    made = promulgated(house)
    for position, measure in enumerate(Measure.objects.order_by("position"), 1):
        Measure.objects.filter(pk=measure.pk).update(due_end=PROMULGATED_ON + timedelta(30 * position))
    making.make_deliveries(made.directive_id)
    inspectorate: Organisation = make_organisation("xx.inspect", parent=house.state, name_en="Inspectorate")
    return ReportingHouse(
        house=house,
        directive=made.directive,
        officer=house.people[Role.PLANNING_OFFICER],
        health=house.people[Role.BODY_OFFICER],
        north=north,
        south=south,
        auditor=house.people[Role.AUDITOR],
        inspector=make_user(Role.BODY_OFFICER, inspectorate, name="inspector"),
    )


def opened_round(
    world: ReportingHouse, *, period: str = "2026-Q2", due_on: date = PROMULGATED_ON + timedelta(10)
) -> ReportingRound:
    """Ask every body for its progress."""
    return rounds.open_round(world.officer, period=period, due_on=due_on, directive_id=world.directive.pk)


def reported(
    world: ReportingHouse,
    asked: ReportingRound,
    actor: User,
    code: str,
    *,
    claimed: int = 40,
    rating: str = "green",
) -> ProgressReport:
    """Let a body claim its progress."""
    entry = Entry(world.delivery(code).pk, 0, claimed, rating, "Two plants assessed.", "Eight more.")
    return reports.save_reports(actor, world.request(asked, code).pk, [entry], submit=True)[0]


def approved(world: ReportingHouse, report: ProgressReport, reviewer: User) -> ProgressReport:
    """Accept and approve a report with its own figure, by two people's roles."""
    accepted = reports.accept_report(reviewer, report.pk, version=report.version)
    return reports.approve_report(world.officer, report.pk, version=accepted.version)
