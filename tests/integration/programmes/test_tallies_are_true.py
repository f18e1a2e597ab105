"""After whatever people do, in whatever order, the tallies and the stored days say what a count of all deliveries from the rules says."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from mehvar.accounts.models import User
from mehvar.directives.queries.days import today
from mehvar.kernel import clock
from mehvar.kernel.errors import MehvarError
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import (
    completion,
    deliveries,
    extensions,
    making,
    recomputation,
    reports,
    rounds,
    tallies,
)
from mehvar.programmes.actions.reports import Entry
from mehvar.programmes.models import (
    CellTally,
    CompletionClaim,
    Delivery,
    ExtensionRequest,
    ProgressReport,
    ReportingRound,
    RoundRequest,
    TallyDay,
)
from mehvar.programmes.queries import cells, scope
from mehvar.programmes.queries import deliveries as queries
from mehvar.programmes.rules import status
from mehvar.programmes.rules.cells import Standing, cell_of
from tests.factories.progress import ReportingHouse, reporting_house
from tests.factories.promulgation import MORNING

pytestmark = pytest.mark.django_db
BODIES = ("xx.health", "xx.north", "xx.north.ict", "xx.south")


@pytest.fixture
def world() -> Iterator[ReportingHouse]:
    with clock.fixed(MORNING):
        yield reporting_house()


def reporters(world: ReportingHouse) -> dict[str, User]:
    return {
        "xx.health": world.health,
        "xx.north": world.north,
        "xx.north.ict": world.north,
        "xx.south": world.south,
    }


def ask(world: ReportingHouse, number: int, _body: str) -> None:
    period = f"{2026 + number // 12}-{number % 12 + 1:02d}"
    rounds.open_round(
        world.officer, period=period, due_on=today() + timedelta(number % 9), directive_id=world.directive.pk
    )


def report(world: ReportingHouse, number: int, body: str) -> None:
    asked = RoundRequest.objects.filter(organisation__code=body, round__closed_at=None).latest("pk")
    delivery = world.delivery(body)
    known = ProgressReport.objects.filter(round=asked.round, delivery=delivery).first()
    rating = ("green", "amber", "red")[number % 3]
    entry = Entry(delivery.pk, known.version if known else 0, number % 101, rating, "Work.", "More.")
    reports.save_reports(reporters(world)[body], asked.pk, [entry], submit=number % 5 > 0)


def review(world: ReportingHouse, number: int, body: str) -> None:
    row = ProgressReport.objects.filter(delivery__organisation__code=body).latest("pk")
    if number % 4 == 0:
        reports.return_report(world.officer, row.pk, version=row.version, reason="Say more.")
    elif row.state == "accepted":
        reports.approve_report(world.officer, row.pk, version=row.version)
    else:
        reports.accept_report(world.officer, row.pk, version=row.version)


def extend(world: ReportingHouse, number: int, body: str) -> None:
    delivery = world.delivery(body)
    due_on = (delivery.due_on or today()) + timedelta(1 + number)
    with suppress(MehvarError):
        extensions.request_extension(reporters(world)[body], delivery.pk, due_on=due_on, reason="Late.")
    waiting = ExtensionRequest.objects.filter(delivery=delivery, granted=None).latest("pk")
    extensions.decide_extension(
        world.officer, waiting.pk, version=waiting.version, granted=number % 3 > 0, reason="Seen."
    )


def claim(world: ReportingHouse, number: int, body: str) -> None:
    day = today() - timedelta(number % 40)
    completion.claim_completion(reporters(world)[body], world.delivery(body).pk, claimed_on=day, note="Done.")


def verify(world: ReportingHouse, number: int, body: str) -> None:
    row = CompletionClaim.objects.filter(delivery__organisation__code=body, verified=None).latest("pk")
    completion.verify_completion(
        world.inspector if number % 2 else world.officer, row.pk, version=row.version,
        verified=number % 3 > 0, verdict="Seen.",
    )  # fmt: skip


def close(world: ReportingHouse, _number: int, _body: str) -> None:
    asked = ReportingRound.objects.filter(closed_at=None).latest("pk")
    rounds.close_round(world.officer, asked.pk, version=asked.version)


def discontinue(world: ReportingHouse, _number: int, body: str) -> None:
    with transaction.atomic():
        deliveries.discontinue([world.delivery(body).pk])


def make_again(world: ReportingHouse, _number: int, _body: str) -> None:
    assert making.make_deliveries(world.directive.pk) == 0


def turn_day(_world: ReportingHouse, _number: int, _body: str) -> None:
    tallies.turn_day()


def recompute(_world: ReportingHouse, _number: int, _body: str) -> None:
    recomputation.recompute_status()


ACTS: tuple[Callable[[ReportingHouse, int, str], None], ...] = (
    ask, report, report, review, review, extend, claim, verify, close, discontinue, make_again, turn_day, recompute,
)  # fmt: skip
STEPS = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 60), st.sampled_from(BODIES), st.integers(0, 25)),
    min_size=3,
    max_size=14,
)


def truth(day: date) -> Counter[tuple[int, int, str, str]]:
    """Count every delivery by the rule, one by one."""
    found: Counter[tuple[int, int, str, str]] = Counter()
    for row in Delivery.objects.all():
        cell = cell_of(Standing(row.state, row.due_on, row.done_on, row.silent), day)
        if cell is not None:
            found[row.organisation_id, row.issuer_id, row.field_name, cell.value] += 1
    return found


def tallied() -> Counter[tuple[int, int, str, str]]:
    return Counter(
        {
            (row.organisation_id, row.issuer_id, row.field_name, cell): getattr(row, cell)
            for row in CellTally.objects.all()
            for cell in cells.CELLS
            if getattr(row, cell)
        }
    )


def check(world: ReportingHouse) -> None:
    assert tallied() == truth(TallyDay.objects.get().day)
    authority = organisations.authority_of(world.officer)
    for day in (today(), today() + timedelta(33), today() - timedelta(20)):
        read = cells.counted(
            authority, cells.Narrowing(), ("organisation_id", "issuer_id", "field_name"), day
        )
        shown = Counter(
            {(*key, cell): getattr(four, cell) for key, four in read.items() for cell in cells.CELLS}
        )
        assert +shown == truth(day)
    for row in Delivery.objects.all():
        found = status.marks(queries.course_of(row), queries.thresholds())
        assert (row.amber_on, row.red_on) == (found.amber_on, found.red_on), row.organisation_id
        assert (
            row.amber_on is None
            or row.due_on is None
            or row.amber_on <= row.red_on <= row.due_on + timedelta(1)
        )
    seen = scope.visible_deliveries(authority)
    for colour in ("green", "amber", "red", "unknown"):
        listed = set(queries.rated(seen, colour, today()).values_list("pk", flat=True))
        counting = [row for row in seen if row.state != "discontinued" or colour == "green"]
        by_rule = {row.pk for row in counting if queries.rating_of(row) == colour}
        assert listed - {row.pk for row in seen if row.state == "discontinued"} == by_rule - {
            row.pk for row in seen if row.state == "discontinued"
        }


@settings(
    max_examples=12,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a list of acts reads well enough as it comes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(steps=[(recompute, 0, "xx.south", 0), (claim, 18, "xx.south", 84), (turn_day, 0, "xx.south", 1)])
@given(steps=STEPS)
def test_tallies_are_true_after_any_acts(
    world: ReportingHouse, steps: list[tuple[Callable[[ReportingHouse, int, str], None], int, str, int]]
) -> None:
    with transaction.atomic():
        passed = timedelta()
        for act, number, body, days in steps:
            passed += timedelta(days)
            with clock.fixed(MORNING + passed), suppress(MehvarError, RoundRequest.DoesNotExist,
                ProgressReport.DoesNotExist, ExtensionRequest.DoesNotExist, CompletionClaim.DoesNotExist,
                ReportingRound.DoesNotExist), transaction.atomic():  # fmt: skip
                act(world, number, body)
            with clock.fixed(MORNING + passed):
                check(world)
        transaction.set_rollback(True)
