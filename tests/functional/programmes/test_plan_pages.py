"""The way of a plan through its pages, in three languages; nothing of another province leaks; two people lose nothing."""

import re
from collections.abc import Iterator
from datetime import date
from functools import partial

import pytest
from django.test import Client
from django.urls import reverse

from mehvar.accounts.data import Role
from mehvar.kernel import clock
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import plans as plan_actions
from mehvar.programmes.actions import programmes as programme_actions
from mehvar.programmes.actions import reviews, templates
from mehvar.programmes.models import Plan, PlanCall, PlanItem, Programme, ProgrammeTemplate
from mehvar.programmes.queries import plans as queries
from mehvar.programmes.rules.plans import ProgrammeStep
from tests.factories.organisations import make_group
from tests.factories.plans import Calling, calling, fill, good_item, stored
from tests.factories.promulgation import MORNING, promulgated
from tests.functional import visiting
from tests.functional.visiting import signed_in

pytestmark = pytest.mark.django_db

page = partial(visiting.page, "programmes")


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with clock.fixed(MORNING):
        yield


@pytest.fixture
def case() -> Calling:
    return calling()


def send(client: Client, name: str, *args: object, **fields: object) -> str:
    response = client.post(reverse(f"programmes:{name}", args=args), fields)
    found = re.search(r'class="error-summary".*?</div>', response.content.decode(), re.DOTALL)
    assert response.status_code == 302, (name, response.status_code, found and found.group(0))
    return str(response.headers["Location"])


def row_fields(prefix: str, **cells: str) -> dict[str, str]:
    return {f"{prefix}-{name}": value for name, value in cells.items()}


def grid_rows(plan: Plan) -> dict[str, list[str] | str]:
    """Give the grid's fields for what is stored, as the English page shows them."""
    from mehvar.kernel.calendars import Calendar
    from mehvar.programmes.forms.plans import written
    from mehvar.programmes.rules.lines import Writing

    writing = Writing("en", Calendar.GREGORIAN, "IRR", date(2026, 5, 4))
    found: dict[str, list[str] | str] = {"rows": [f"r{item.public_id}" for item in stored(plan)]}
    for item in stored(plan):
        for name, value in written(item, writing).items():
            found[f"r{item.public_id}-{name}"] = str(value)
    return found


@pytest.mark.parametrize("language", ["en", "fa", "vi"])
def test_the_whole_way_through_the_pages(language: str) -> None:
    case = calling()
    planner, north = signed_in(case.planner, language), signed_in(case.north, language)
    plan = case.north_plan
    assert case.call.title in page(north, "calls")
    page(north, "plan", plan.public_id)
    assert send(north, "plan_begin", plan.public_id).endswith("/grid/")
    grid = page(north, "plan_grid", plan.public_id)
    assert 'name="rows" value="n1"' in grid
    source = queries.measures_asked(plan)[0]
    send(
        north,
        "plan_grid",
        plan.public_id,
        rows=["n1", "n2"],
        **row_fields(
            "n1",
            number="1",
            text="تجهیز ۱۲ کارخانه",
            source=str(source.pk),
            owner_office="Office",
            starts_on="1405/03/11",
            due_on="۱۴۰۵/۰۶/۳۱",
            milestones="1405/05/01 | Contract\n1/9/2026 | Handover",
            indicator="Plants",
            target="12",
            budget="Sensors | 1200000 | Fund",
        ),
        **row_fields("n2", number="2", text="Second", needs="۱", weight="2"),
    )
    first, second = stored(case.north_plan)
    assert first.content.due_on == date(2026, 9, 22)
    assert [line.due_on for line in first.content.milestones] == [date(2026, 7, 23), date(2026, 9, 1)]
    assert (second.content.needs, second.content.weight) == ((1,), 2.0)
    assert "plan-form" in page(north, "plan_grid", plan.public_id)
    asked = page(north, "plan_submit", plan.public_id)
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', asked)
    assert seen is not None
    send(north, "plan_submit", plan.public_id, seen=seen.group(1))
    shown = page(planner, "plan", plan.public_id)
    assert "تجهیز ۱۲ کارخانه" in shown
    send(planner, "remark_add", plan.public_id, item=first.public_id, text="Which plants?")
    send(planner, "plan_return", plan.public_id, reason="", version=case.north_plan.version)
    assert "Which plants?" in page(north, "plan", plan.public_id)
    assert "Which plants?" in page(north, "plan_grid", plan.public_id)
    remark = queries.remarks_of(plan.pk)[0]
    send(north, "remark_settle", plan.public_id, remark.pk)
    send(north, "plan_submit", plan.public_id)
    send(planner, "plan_accept", plan.public_id, reason="", version=case.north_plan.version)
    assert case.north_plan.state == "accepted"
    for client in (planner, north):
        page(client, "plan", plan.public_id)
        assert case.call.title in page(client, "call", case.call.public_id)
        page(client, "programme", case.programme.public_id)
        page(client, "measure", case.programme.public_id, source.pk)
    history = planner.get(reverse("ledger:history", args=["plan", plan.public_id]))
    assert history.status_code == 200


def test_making_a_programme_and_a_call_by_pages() -> None:
    case = calling()
    planner = signed_in(case.planner)
    made = promulgated(case.house, number="2026/077")
    send(
        planner, "programme_new", title="Leap", purpose="Grow", lead="xx.min", language="en", calendar="gregorian",
        starts_on="4/5/2026", ends_on="",
    )  # fmt: skip
    programme = Programme.objects.get(title="Leap")
    chosen = page(planner, "gather", programme.public_id)
    assert "2026/077" in chosen
    directive_id = made.directive.public_id
    offered = re.findall(
        r'name="measures" value="(\d+)"', page(planner, "gather", programme.public_id, directive=directive_id)
    )
    assert len(offered) == 3
    address = reverse("programmes:gather", args=[programme.public_id]) + f"?directive={directive_id}"
    assert (
        planner.post(
            address, {"measures": offered[:2], "objective": "", "product_class": "emerging"}
        ).status_code
        == 302
    )
    assert set(programme.measures.values_list("product_class", "objective__field")) == {
        ("emerging", "Industry")
    }
    send(
        planner,
        "measure_new",
        programme.public_id,
        text="Own",
        body="xx.min.it",
        due_on="1/2/2027",
        product_class="current",
        weight="۲",
        objective="",
        outcome_indicator="",
    )
    objective = programme.objectives.get()
    send(
        planner, "objectives", programme.public_id,
        **{
            "form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "1", "version": str(Programme.objects.get(pk=programme.pk).version),
            "form-0-key": str(objective.pk), "form-0-text": "Smart plants", "form-0-field": "Industry",
            "form-1-text": "New one", "form-1-field": "",
        },
    )  # fmt: skip
    assert list(programme.objectives.values_list("text", flat=True)) == ["Smart plants", "New one"]
    send(
        planner,
        "programme_step",
        programme.public_id,
        "begin",
        version=Programme.objects.get(pk=programme.pk).version,
    )
    fields = {
        "title": "Industrial provinces first", "audience": "industrial", "picked": "", "deadline": "1/7/2026",
        "guidance": "", "required": ["owner", "date"], "currency": "irr", "prefill": "on",
    }  # fmt: skip
    send(planner, "call_new", programme.public_id, **fields)
    call = PlanCall.objects.get(title="Industrial provinces first")
    assert list(call.plans.values_list("organisation__code", flat=True)) == ["xx.north"]
    assert call.template["required"] == ["date", "owner"]
    send(planner, "call_further", call.public_id, audience="picked", picked="xx.health\nSouth")
    assert call.plans.count() == 3
    send(planner, "call_extend", call.public_id, deadline="1405/05/01", reason="", version=1)
    send(planner, "call_remind", call.public_id)
    send(planner, "call_close", call.public_id, reason="Done", version="")
    refused = planner.post(
        reverse("programmes:call_new", args=[programme.public_id]),
        fields | {"audience": "picked", "picked": "Nowhere"},
    )
    assert refused.status_code == 422
    assert "Nowhere" in refused.content.decode()


def test_a_local_measure_is_traced_both_ways_on_the_pages(case: Calling) -> None:
    planner = signed_in(case.planner)
    national = case.programme.measures.first()
    assert national is not None
    send(
        planner,
        "measure_derive",
        case.programme.public_id,
        national.pk,
        audience="provinces",
        picked="",
        text="",
        due_on="",
    )
    shown = page(planner, "measure", case.programme.public_id, national.pk)
    assert "North" in shown
    assert "South" in shown
    local = national.derived.get(organisation=case.house.north)
    assert reverse("programmes:measure", args=[case.programme.public_id, national.pk]) in page(
        planner, "measure", case.programme.public_id, local.pk
    )
    north = signed_in(case.north)
    assert "South" not in page(north, "measure", case.programme.public_id, national.pk)


def test_a_row_is_saved_while_one_works_and_only_its_mark_comes_back(case: Calling) -> None:
    north = signed_in(case.north)
    address = reverse("programmes:plan_row", args=[case.north_plan.public_id])
    answer = north.post(
        address, {"rows": "n1", **row_fields("n1", number="1", text="First", due_on="22/9/2026")}
    )
    text = answer.content.decode()
    assert 'id="mark-n1"' in text
    assert 'id="checks"' in text
    assert 'hx-swap-oob="beforeend:#plan-rows"' in text
    item = PlanItem.objects.get()
    assert f'name="n1-public_id" value="{item.public_id}"' in text
    wrong = north.post(
        address,
        {
            "rows": "n1",
            **row_fields(
                "n1", public_id=item.public_id, version="1", number="1", text="First", due_on="soon"
            ),
        },
    ).content.decode()
    assert "“soon” is not a date." in wrong
    assert PlanItem.objects.get().due_on == date(2026, 9, 22)
    stale = north.post(
        address,
        {"rows": "n1", **row_fields("n1", public_id=item.public_id, version="0", number="1", text="Mine")},
    ).content.decode()
    assert "Somebody changed this item" in stale
    assert 'name="n1-version" value="1"' in stale
    assert PlanItem.objects.get().text == "First"


def test_two_people_edit_one_plan_without_scripts(case: Calling) -> None:
    fill(case.north, case.north_plan, good_item(1), good_item(2))
    first, second = stored(case.north_plan)
    mine = grid_rows(case.north_plan)
    theirs = dict(mine)
    theirs[f"r{first.public_id}-target"] = "theirs"
    north = signed_in(case.north)
    assert (
        north.post(reverse("programmes:plan_grid", args=[case.north_plan.public_id]), theirs).status_code
        == 302
    )
    mine[f"r{first.public_id}-target"] = "mine"
    mine[f"r{second.public_id}-target"] = "saved all the same"
    answer = north.post(reverse("programmes:plan_grid", args=[case.north_plan.public_id]), mine)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "theirs" in text
    assert 'value="mine"' in text
    assert [item.content.target for item in stored(case.north_plan)] == ["theirs", "saved all the same"]
    mine[f"r{first.public_id}-version"] = "2"
    mine[f"r{second.public_id}-version"] = "2"
    assert (
        north.post(reverse("programmes:plan_grid", args=[case.north_plan.public_id]), mine).status_code == 302
    )
    assert stored(case.north_plan)[0].content.target == "mine"


def test_what_cannot_be_read_stays_in_its_cell_and_the_rest_is_saved(case: Calling) -> None:
    north = signed_in(case.north)
    answer = north.post(
        reverse("programmes:plan_grid", args=[case.north_plan.public_id]),
        {
            "rows": ["n1", "n2"],
            **row_fields("n1", number="1", text="Good"),
            **row_fields("n2", number="2", text="Bad", budget="Sensors | a lot"),
        },
    )
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "“a lot” is not an amount of money." in text
    assert "Sensors | a lot" in text
    assert [item.content.text for item in stored(case.north_plan)] == ["Good"]


def test_another_provinces_addresses_are_not_found(case: Calling) -> None:
    fill(case.north, case.north_plan, good_item())
    item = stored(case.north_plan)[0]
    reviews.submit_plan(case.north, case.north_plan.pk)
    remark = reviews.add_remark(case.planner, case.north_plan.pk, "Secret remark")
    south = signed_in(case.south)
    plan_id = case.north_plan.public_id
    names = (
        "plan",
        "plan_grid",
        "plan_submit",
        "plan_take_back",
        "plan_return",
        "plan_accept",
        "workbook",
        "workbook_hand_in",
    )
    for name in names:
        assert south.get(reverse(f"programmes:{name}", args=[plan_id])).status_code == 404, name
    for name in ("plan_begin", "plan_row", "remark_add", "plan_submit", "plan_accept", "plan_grid"):
        fields = {"rows": "x", "text": "hello"}
        assert south.post(reverse(f"programmes:{name}", args=[plan_id]), fields).status_code == 404, name
    settle = reverse("programmes:remark_settle", args=[plan_id, remark.pk])
    assert south.post(settle).status_code == 404
    own = reverse("programmes:remark_settle", args=[case.south_plan.public_id, remark.pk])
    assert south.post(own).status_code == 404
    call = page(south, "call", case.call.public_id)
    assert plan_id not in call
    assert "North" not in call
    exported = south.get(reverse("programmes:call", args=[case.call.public_id]), {"export": "csv"})
    assert "North" not in b"".join(exported.streaming_content).decode()  # type: ignore[attr-defined]
    for name in ("call_extend", "call_close", "call_remind", "call_further"):
        assert south.get(reverse(f"programmes:{name}", args=[case.call.public_id])).status_code == 403, name
    assert south.get(reverse("programmes:programme_edit", args=[case.programme.public_id])).status_code == 403
    history = south.get(reverse("ledger:history", args=["plan", plan_id])).content.decode()
    assert "Submit a plan" not in history
    assert item.content.text not in page(south, "programme", case.programme.public_id)


def test_visitors_are_asked_to_sign_in(case: Calling) -> None:
    client = Client()
    for name, args in (("programmes", []), ("calls", []), ("plan", [case.north_plan.public_id])):
        assert client.get(reverse(f"programmes:{name}", args=args)).status_code == 302


def test_pages_cost_a_bounded_number_of_queries(case: Calling, django_assert_num_queries: object) -> None:
    fill(case.north, case.north_plan, *[good_item(number) for number in range(1, 31)])
    planner, north = signed_in(case.planner), signed_in(case.north)
    costs = {
        ("programmes",): (planner, 9),
        ("calls",): (planner, 10),
        ("programme", case.programme.public_id): (planner, 15),
        ("call", case.call.public_id): (planner, 15),
        ("plan", case.north_plan.public_id): (planner, 17),
        ("plan_grid", case.north_plan.public_id): (north, 18),
        ("templates",): (planner, 7),
    }
    for (name, *args), (client, cost) in costs.items():
        page(client, name, *args)
        with django_assert_num_queries(cost):  # type: ignore[operator]
            page(client, name, *args)
    row = stored(case.north_plan)[0]
    fields = {
        "rows": "n9",
        **row_fields("n9", public_id=row.public_id, version="1", number="1", text="Changed"),
    }
    with django_assert_num_queries(38):  # type: ignore[operator]
        north.post(reverse("programmes:plan_row", args=[case.north_plan.public_id]), fields)


def test_industrial_provinces_are_called_by_the_registers_attribute(case: Calling) -> None:
    from mehvar.programmes.queries import audience
    from mehvar.programmes.queries.audience import Audience

    make_group(
        "@industrial", {"types": ["province"], "attributes": {"industrial": True}}, "industrial provinces"
    )
    day = date(2026, 5, 4)
    assert [body.code for body in audience.bodies_of(Audience.INDUSTRIAL, "xx", day)] == ["xx.north"]
    case.house.north_ict.attributes = {"ict": True}
    case.house.north_ict.save()
    assert [body.code for body in audience.bodies_of(Audience.PROVINCES, "xx", day)] == [
        "xx.north.ict",
        "xx.south",
    ]


def test_a_shipped_template_starts_a_programme_in_the_readers_language(case: Calling) -> None:
    planner = signed_in(case.planner, "fa")
    assert "شاهکار" in page(planner, "templates")
    send(planner, "template_load", "shahkar-to-gnaf")
    send(planner, "template_load", "shahkar-to-gnaf")
    made = ProgrammeTemplate.objects.get()
    assert "سنجش وضع موجود" in page(planner, "template", made.public_id)
    send(
        planner,
        "template_start",
        made.public_id,
        title="GNAF",
        lead="xx.min",
        starts_on="1405/03/01",
        calendar="jalali",
    )
    programme = Programme.objects.get(title="GNAF")
    assert programme.measures.count() == 9
    assert programme.template_id == made.pk
    assert programme.ends_on is not None
    assert programme.ends_on > date(2027, 4, 1)
    page(planner, "programme", programme.public_id)


def test_a_finished_programme_becomes_a_template_with_the_days_it_really_took(case: Calling) -> None:
    source = queries.measures_asked(case.north_plan)[0].pk
    for user, plan in ((case.north, case.north_plan), (case.south, case.south_plan)):
        fill(user, plan, good_item(1, source_id=source))
        reviews.submit_plan(user, plan.pk)
        reviews.accept_plan(case.planner, plan.pk)
    north_item = PlanItem.objects.get(plan=case.north_plan)
    north_item.milestones.update(done_on=date(2026, 8, 1))
    planner = signed_in(case.planner)
    refused = planner.post(
        reverse("programmes:template_make", args=[case.programme.public_id]), {"title": "T"}
    )
    assert refused.status_code == 422
    programme_actions.advance(case.planner, case.programme.pk, ProgrammeStep.FINISH)
    made = templates.make_template(case.planner, case.programme.pk, title="What smart industry taught")
    (step, *_others) = made.content["steps"]
    assert (step["after_days"], step["duration_days"], step["bodies"]) == (28, 61, 1)
    assert "What smart industry taught" in page(planner, "template", made.public_id)


def test_the_plan_of_a_successor_is_filed_by_who_speaks_for_it(case: Calling) -> None:
    authority = organisations.authority_of(case.north)
    assert [row.organisation.code for row in queries.waiting_plans(authority)] == ["xx.north"]
    minister = organisations.authority_of(case.house.people[Role.MINISTER])
    assert queries.visible_plans(minister).count() == 2
    assert not queries.may_file(minister, case.north_plan)


def test_a_plan_that_is_submitted_cannot_be_filled_in(case: Calling) -> None:
    fill(case.north, case.north_plan, good_item())
    reviews.submit_plan(case.north, case.north_plan.pk)
    north = signed_in(case.north)
    assert north.get(reverse("programmes:plan_grid", args=[case.north_plan.public_id])).status_code == 302
    answer = north.post(
        reverse("programmes:plan_row", args=[case.north_plan.public_id]),
        {"rows": "n1", **row_fields("n1", number="1", text="Late")},
    ).content.decode()
    assert "submitted" in answer
    plan_actions.filed_plan(case.north, case.north_plan.pk)
