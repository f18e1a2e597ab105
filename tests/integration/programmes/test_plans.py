"""Programme, call, plan, review: what people and other rooms notice of each act."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from mehvar.accounts.data import Role
from mehvar.accounts.models import Notification
from mehvar.kernel import clock, events
from mehvar.kernel.errors import Conflict, InputError, NotFound, NotPermitted, TransitionNotAllowed
from mehvar.ledger import queries as ledger
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import calls, plans, programmes, reviews
from mehvar.programmes.actions.plans import ItemEdit
from mehvar.programmes.models import Delivery, Milestone, Plan, PlanItem, ProgrammeMeasure
from mehvar.programmes.queries import plans as queries
from mehvar.programmes.queries import programmes as programme_queries
from mehvar.programmes.rules.plans import BudgetAmount, ProgrammeStep
from tests.factories.organisations import small_ministry
from tests.factories.plans import DEADLINE, Calling, calling, fill, good_item, running_programme, stored
from tests.factories.promulgation import MORNING

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with clock.fixed(MORNING):
        yield


@pytest.fixture
def case() -> Calling:
    return calling()


def edits_of(plan: Plan, **changes: object) -> list[ItemEdit]:
    return [
        ItemEdit(replace(item.content, **changes), item.public_id, item.version, item.number)  # type: ignore[arg-type]
        for item in stored(plan)
    ]


def accepted(case: Calling) -> Plan:
    fill(case.north, case.north_plan, good_item())
    reviews.submit_plan(case.north, case.north_plan.pk)
    return reviews.accept_plan(case.planner, case.north_plan.pk)


def told(user_id: int) -> list[str]:
    rows = Notification.objects.filter(user_id=user_id, kind__startswith="plan").order_by("pk")
    return list(rows.values_list("kind", flat=True))


def test_programme_gathers_a_directive_by_field_and_its_deliveries_count_for_it(case: Calling) -> None:
    rows = list(programme_queries.measures_of(case.programme.pk))
    assert [row.objective.field for row in rows if row.objective] == ["Industry"] * 3
    assert programmes.gather_directive(case.planner, case.programme.pk, case.directive.pk) == 0
    from mehvar.programmes.actions import making

    making.make_deliveries(case.directive.pk)
    assert set(Delivery.objects.values_list("programme__title", flat=True)) == {"Smart industry"}


def test_a_programme_begins_only_with_measures_and_ends_for_good() -> None:
    house = small_ministry()
    planner = house.people[Role.PLANNING_OFFICER]
    empty = programmes.create_programme(planner, title="Empty", organisation_code="xx.min", language="en")
    with pytest.raises(InputError):
        programmes.advance(planner, empty.pk, ProgrammeStep.BEGIN)
    own = programmes.add_measure(
        planner, empty.pk, text="Build it", organisation_id=house.it.pk, due_on=date(2027, 1, 1)
    )
    programmes.advance(planner, empty.pk, ProgrammeStep.BEGIN)
    assert Delivery.objects.get(programme_measure=own).organisation_id == house.it.pk
    programmes.advance(planner, empty.pk, ProgrammeStep.FINISH)
    with pytest.raises(Conflict):
        programmes.add_measure(planner, empty.pk, text="Late idea")
    with pytest.raises(TransitionNotAllowed):
        programmes.advance(planner, empty.pk, ProgrammeStep.BEGIN)
    with pytest.raises(NotPermitted):
        programmes.create_programme(
            house.people[Role.BODY_OFFICER], title="No", organisation_code="xx.min", language="en"
        )


def test_local_measures_are_derived_once_and_not_later_than_the_national(case: Calling) -> None:
    national = ProgrammeMeasure.objects.filter(programme=case.programme).first()
    assert national is not None
    programmes.edit_measure(case.planner, national.pk, version=national.version, product_class="emerging")
    national.measure.due_end = date(2026, 12, 31)
    national.measure.save()
    bodies = [case.house.north.pk, case.house.south.pk]
    with pytest.raises(InputError, match="later than the national"):
        programmes.derive_measures(case.planner, national.pk, bodies, due_on=date(2027, 1, 1))
    made = programmes.derive_measures(case.planner, national.pk, bodies, due_on=date(2026, 11, 1))
    assert {row.product_class for row in made} == {"emerging"}
    assert programmes.derive_measures(case.planner, national.pk, bodies) == []
    with pytest.raises(InputError):
        programmes.derive_measures(case.planner, made[0].pk, bodies)
    north = organisations.authority_of(case.north)
    row = programme_queries.programme_measure(north, case.programme, national.pk)
    assert [local.organisation_id for local in programme_queries.derived_of(north, row)] == [
        case.house.north.pk
    ]
    with pytest.raises(NotFound):
        programme_queries.programme_measure(north, case.programme, made[1].pk)
    asked = {one.pk for one in queries.measures_asked(case.north_plan)}
    assert made[0].pk in asked
    assert national.pk not in asked
    assert made[1].pk not in asked


def test_an_item_goes_on_serving_when_a_local_measure_is_derived_later(case: Calling) -> None:
    national = queries.measures_asked(case.north_plan)[0]
    fill(case.north, case.north_plan, good_item(1, source_id=national.pk))
    assert case.north_plan.covered == 33
    programmes.derive_measures(case.planner, national.pk, [case.house.north.pk])
    assert queries.quality_of(case.north_plan).covered == 33
    assert (
        plans.save_items(case.north, case.north_plan.pk, edits_of(case.north_plan, target="13")).clashes == ()
    )


def test_a_call_makes_silent_plans_and_tells_the_bodies(case: Calling) -> None:
    assert set(Plan.objects.values_list("state", "started_at")) == {("draft", None)}
    assert told(case.north.pk) == ["plan-call"]
    assert (
        Notification.objects.get(user=case.north, kind="plan-call").path
        == f"/programmes/plans/{case.north_plan.public_id}/"
    )
    with pytest.raises(InputError):
        calls.open_call(
            case.planner, case.programme.pk, title="Past", deadline_on=date(2026, 5, 4), organisation_ids=[1]
        )
    calls.extend_call(case.planner, case.call.pk, deadline_on=date(2026, 7, 1), reason="Floods")
    case.call.refresh_from_db()
    assert (case.call.first_deadline_on, case.call.deadline_on) == (DEADLINE, date(2026, 7, 1))
    assert told(case.north.pk) == ["plan-call"] * 2
    assert calls.call_further(case.planner, case.call.pk, [case.house.north.pk, case.house.health.pk]) == 1


def test_reminders_go_once_per_step_and_then_climb(case: Calling) -> None:
    fill(case.north, case.north_plan, good_item())
    reviews.submit_plan(case.north, case.north_plan.pk)
    assert calls.send_plan_reminders(DEADLINE - timedelta(8)) == 0
    assert calls.send_plan_reminders(DEADLINE - timedelta(7)) == 1
    assert calls.send_plan_reminders(DEADLINE - timedelta(6)) == 0
    assert calls.send_plan_reminders(DEADLINE - timedelta(1)) == 1
    assert calls.send_plan_reminders(DEADLINE + timedelta(1)) == 1
    assert "plan-silence" not in told(case.planner.pk)
    assert calls.send_plan_reminders(DEADLINE + timedelta(3)) == 1
    assert "plan-silence" in told(case.planner.pk)
    assert calls.send_plan_reminders(DEADLINE + timedelta(4)) == 0
    assert told(case.south.pk) == ["plan-call"] * 4


def test_closing_early_needs_a_reason_and_stops_changes(case: Calling) -> None:
    with pytest.raises(InputError):
        calls.close_call(case.planner, case.call.pk)
    calls.close_call(case.planner, case.call.pk, reason="The programme changes.")
    with pytest.raises(Conflict):
        plans.begin_plan(case.north, case.north_plan.pk)


def test_a_prefilled_plan_begins_with_one_item_for_each_measure() -> None:
    case = calling(prefill=True)
    plans.begin_plan(case.north, case.north_plan.pk)
    plans.begin_plan(case.north, case.north_plan.pk)
    assert [item.content.text[:30] for item in stored(case.north_plan)] == [
        "Assess the digital maturity of"
    ] * 3
    assert (case.north_plan.quality, case.north_plan.covered) == (20, 100)
    assert case.north_plan.started_at is not None


def test_the_whole_way_to_acceptance(case: Calling, django_capture_on_commit_callbacks: object) -> None:
    heard: list[int] = []

    def hear(**facts: object) -> None:
        heard.append(int(str(facts["plan_id"])))

    events.subscribe("programmes.plan-accepted", hear)
    source = queries.measures_asked(case.north_plan)[0].pk
    fill(case.north, case.north_plan, good_item(1, source_id=source), good_item(2, needs=(1,)))
    plan = case.north_plan
    assert (plan.quality, plan.covered) == (100, 33)
    items = stored(plan)
    reviews.submit_plan(case.north, plan.pk, seen_hash=queries.hash_of(plan, items))
    assert "plan-submitted" in told(case.planner.pk)
    with pytest.raises(Conflict):
        plans.save_items(case.north, plan.pk, edits_of(plan, text="Sneak in"))
    reviews.add_remark(case.planner, plan.pk, "Name the plants.", item_public_id=items[0].public_id)
    reviews.return_plan(case.planner, plan.pk)
    remark = queries.remarks_of(plan.pk)[0]
    plans.save_items(case.north, plan.pk, edits_of(plan, due_on=date(2026, 9, 30), due_raw="30/9/2026"))
    reviews.settle_remark(case.north, remark.pk)
    reviews.submit_plan(case.north, plan.pk)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        reviews.accept_plan(case.planner, plan.pk)
    plan = case.north_plan
    assert plan.state == "accepted"
    assert plan.content_hash == queries.hash_of(plan, stored(plan))
    assert heard == [plan.pk]
    first = PlanItem.objects.filter(plan=plan).first()
    assert first is not None
    assert (first.first_due_on, first.due_on) == (date(2026, 9, 22), date(2026, 9, 30))
    assert set(Milestone.objects.values_list("first_due_on", flat=True)) == {
        date(2026, 7, 1),
        date(2026, 9, 1),
    }
    assert Delivery.objects.filter(plan_item__plan=plan).count() == 2
    acts = [row.action for row in ledger.history_of("plan", plan.public_id, person=case.planner)]
    assert acts == ["plan.accept", "plan.submit", "plan.return", "plan.submit"]
    assert told(case.north.pk) == ["plan-call", "plan-returned", "plan-accepted"]
    with pytest.raises(Conflict):
        plans.save_items(case.north, plan.pk, edits_of(plan, text="Changed afterwards"))


def test_submission_is_refused_while_something_required_is_missing() -> None:
    case = calling(required=("owner", "budget"))
    fill(case.north, case.north_plan, replace(good_item(), owner_office="", budget=()))
    with pytest.raises(InputError, match="2 things"):
        reviews.submit_plan(case.north, case.north_plan.pk)
    plans.save_items(
        case.north,
        case.north_plan.pk,
        edits_of(case.north_plan, owner_office="A", budget=(BudgetAmount("", Decimal("0.00"), "IRR"),)),
    )
    reviews.submit_plan(case.north, case.north_plan.pk)


def test_an_empty_plan_cannot_be_submitted(case: Calling) -> None:
    with pytest.raises(InputError):
        reviews.submit_plan(case.north, case.north_plan.pk)


def test_submitting_what_somebody_changed_meanwhile_is_refused(case: Calling) -> None:
    fill(case.north, case.north_plan, good_item())
    seen = queries.hash_of(case.north_plan, stored(case.north_plan))
    plans.save_items(case.north, case.north_plan.pk, edits_of(case.north_plan, target="13"))
    with pytest.raises(Conflict):
        reviews.submit_plan(case.north, case.north_plan.pk, seen_hash=seen)


def test_two_people_in_one_row_lose_nothing_and_other_rows_are_saved(case: Calling) -> None:
    fill(case.north, case.north_plan, good_item(1), good_item(2))
    mine, other = edits_of(case.north_plan)
    plans.save_items(
        case.north, case.north_plan.pk, [replace(mine, content=replace(mine.content, target="theirs"))]
    )
    saved = plans.save_items(
        case.north,
        case.north_plan.pk,
        [
            replace(mine, content=replace(mine.content, target="mine")),
            replace(other, content=replace(other.content, target="untouched by others")),
        ],
    )
    assert saved.changed == (other.public_id,)
    (clash,) = saved.clashes
    assert clash.theirs is not None
    assert (clash.edit.content.target, clash.theirs.content.target) == ("mine", "theirs")
    assert [item.content.target for item in stored(case.north_plan)] == ["theirs", "untouched by others"]
    again = replace(clash.edit, version=clash.theirs.version)
    assert plans.save_items(case.north, case.north_plan.pk, [again]).clashes == ()
    assert stored(case.north_plan)[0].content.target == "mine"


def test_a_row_that_somebody_took_out_comes_back_as_a_clash(case: Calling) -> None:
    fill(case.north, case.north_plan, good_item(1), good_item(2, needs=(1,)))
    first, _second = edits_of(case.north_plan)
    plans.save_items(case.north, case.north_plan.pk, [replace(first, remove=True)])
    assert [item.content.needs for item in stored(case.north_plan)] == [()]
    saved = plans.save_items(
        case.north, case.north_plan.pk, [replace(first, content=replace(first.content, target="x"))]
    )
    assert saved.clashes[0].theirs is None
    stale_removal = replace(edits_of(case.north_plan)[0], version=99, remove=True)
    assert plans.save_items(case.north, case.north_plan.pk, [stale_removal]).clashes[0].theirs is not None


def test_circles_and_unknown_items_are_refused_and_nothing_is_saved(case: Calling) -> None:
    fill(case.north, case.north_plan, good_item(1), good_item(2, needs=(1,)))
    first, second = edits_of(case.north_plan)
    with pytest.raises(InputError, match="circle"):
        plans.save_items(
            case.north,
            case.north_plan.pk,
            [replace(first, content=replace(first.content, needs=(2,), target="lost"))],
        )
    with pytest.raises(InputError, match="no item 9"):
        plans.save_items(
            case.north, case.north_plan.pk, [replace(second, content=replace(second.content, needs=(9,)))]
        )
    assert stored(case.north_plan)[0].content.target == "12"


def test_new_rows_may_wait_for_one_another_by_the_numbers_they_were_shown_with(case: Calling) -> None:
    plans.begin_plan(case.north, case.north_plan.pk)
    fill(case.north, case.north_plan, good_item(1))
    plans.save_items(
        case.north,
        case.north_plan.pk,
        [ItemEdit(good_item(3, needs=(8,)), number=7), ItemEdit(good_item(4), number=8)],
    )
    assert [(item.number, item.content.needs) for item in stored(case.north_plan)] == [
        (1, ()),
        (2, (3,)),
        (3, ()),
    ]


def test_the_same_day_in_another_calendar_is_no_change(case: Calling) -> None:
    fill(case.north, case.north_plan, good_item())
    before = case.north_plan.version
    saved = plans.save_items(case.north, case.north_plan.pk, edits_of(case.north_plan, due_raw="1405/06/31"))
    assert saved.changed == ()
    assert case.north_plan.version == before


def test_another_province_neither_sees_nor_touches_a_plan(case: Calling) -> None:
    fill(case.north, case.north_plan, good_item())
    south = organisations.authority_of(case.south)
    with pytest.raises(NotFound):
        queries.visible_plan(south, case.north_plan.public_id)
    with pytest.raises(NotFound):
        plans.save_items(case.south, case.north_plan.pk, [])
    with pytest.raises(NotFound):
        reviews.submit_plan(case.south, case.north_plan.pk)
    with pytest.raises(NotPermitted):
        reviews.accept_plan(case.south, case.north_plan.pk)
    assert set(queries.visible_plans(south).values_list("organisation__code", flat=True)) == {"xx.south"}
    outsider = organisations.authority_of(case.house.people[Role.BODY_OFFICER])
    assert not queries.visible_calls(outsider).exists()
    assert not programme_queries.visible_programmes(outsider).filter(deliveries=None).exists()


def test_a_plan_for_a_measure_already_delivered_makes_no_second_delivery(case: Calling) -> None:
    from mehvar.programmes.actions import making

    making.make_deliveries(case.directive.pk)
    second = queries.measures_asked(case.north_plan)[1]
    fill(case.north, case.north_plan, good_item(1, source_id=second.pk))
    reviews.submit_plan(case.north, case.north_plan.pk)
    reviews.accept_plan(case.planner, case.north_plan.pk)
    assert Delivery.objects.filter(organisation=case.house.north).count() == 1


def test_who_submitted_does_not_accept(case: Calling) -> None:
    from tests.factories.organisations import make_position

    make_position(case.planner, Role.PROVINCIAL_DIRECTOR, case.house.north)
    fill(case.planner, case.north_plan, good_item())
    reviews.submit_plan(case.planner, case.north_plan.pk)
    with pytest.raises(NotPermitted):
        reviews.accept_plan(case.planner, case.north_plan.pk)


def test_a_submitted_plan_can_be_taken_back_until_it_is_decided(case: Calling) -> None:
    fill(case.north, case.north_plan, good_item())
    reviews.submit_plan(case.north, case.north_plan.pk)
    reviews.take_back(case.north, case.north_plan.pk)
    assert case.north_plan.state == "draft"
    with clock.fixed(datetime(2026, 6, 8, 6, 0, tzinfo=UTC)):
        reviews.submit_plan(case.north, case.north_plan.pk)
        latest = next(iter(ledger.history_of("plan", case.north_plan.public_id, person=case.planner)))
    assert latest.action == "plan.submit"
    reviews.accept_plan(case.planner, case.north_plan.pk)
    with pytest.raises(TransitionNotAllowed):
        reviews.take_back(case.north, case.north_plan.pk)


def test_two_programmes_may_run_side_by_side() -> None:
    house = small_ministry()
    first, second = running_programme(house, title="One"), running_programme(house, title="Two")
    authority = organisations.authority_of(house.people[Role.MINISTER])
    assert {row.title: row.measure_count for row in programme_queries.listed(authority)} == {
        "One": 3,
        "Two": 3,
    }
    assert first.pk != second.pk
