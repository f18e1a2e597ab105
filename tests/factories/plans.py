"""Make programmes, calls and filled plans of the small ministry, with the actions that people use."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from mehvar.accounts.data import Role
from mehvar.accounts.models import User
from mehvar.directives.models import Directive
from mehvar.programmes.actions import calls, plans, programmes
from mehvar.programmes.actions.plans import ItemEdit
from mehvar.programmes.models import Plan, PlanCall, Programme
from mehvar.programmes.queries import plans as plan_queries
from mehvar.programmes.rules.plans import BudgetAmount, ItemContent, MilestoneLine, ProgrammeStep
from tests.factories.organisations import SmallMinistry, small_ministry
from tests.factories.promulgation import officers_of_provinces, promulgated

DEADLINE = date(2026, 6, 4)


@dataclass
class Calling:
    """Hold a ministry whose two provinces are called to file plans on a promulgated directive."""

    house: SmallMinistry
    planner: User
    north: User
    south: User
    directive: Directive
    programme: Programme
    call: PlanCall

    @property
    def north_plan(self) -> Plan:
        """Give the plan of the north, as stored now."""
        return Plan.objects.select_related("call__programme__organisation", "organisation").get(
            call=self.call, organisation=self.house.north
        )

    @property
    def south_plan(self) -> Plan:
        """Give the plan of the south, as stored now."""
        return Plan.objects.get(call=self.call, organisation=self.house.south)


def running_programme(
    house: SmallMinistry, *, title: str = "Smart industry", language: str = "en"
) -> Programme:
    """Make a running programme that gathers the three measures of a promulgated directive."""
    planner = house.people[Role.PLANNING_OFFICER]
    made = promulgated(house, number=f"2026/{Directive.objects.count() + 1:03}")
    programme = programmes.create_programme(
        planner, title=title, organisation_code="xx.min", language=language, starts_on=date(2026, 5, 4)
    )
    programmes.gather_directive(planner, programme.pk, made.directive_id)
    return programmes.advance(planner, programme.pk, ProgrammeStep.BEGIN)


def calling(
    *,
    language: str = "en",
    calendar: str = "gregorian",
    required: tuple[str, ...] = (),
    prefill: bool = False,
) -> Calling:
    """Call both provinces to file their plans."""
    house = small_ministry(language=language, calendar=calendar)
    planner = house.people[Role.PLANNING_OFFICER]
    north, south = officers_of_provinces(house)
    programme = running_programme(house)
    call = calls.open_call(
        planner,
        programme.pk,
        title="Operational plans for smart industry",
        deadline_on=DEADLINE,
        organisation_ids=[house.north.pk, house.south.pk],
        guidance="One item for each plant group.",
        currency="IRR",
        required=required,
        prefill=prefill,
    )
    directive = Directive.objects.get(pk=programme.measures.all()[0].measure.directive_id)
    return Calling(house, planner, north, south, directive, programme, call)


def good_item(number: int = 1, *, source_id: int | None = None, needs: tuple[int, ...] = ()) -> ItemContent:
    """Make an item that lacks nothing."""
    return ItemContent(
        text=f"Equip plant {number}",
        source_id=source_id,
        owner_office="Office of industry",
        starts_on=date(2026, 6, 1),
        due_on=date(2026, 9, 22),
        due_raw="22/9/2026",
        indicator="Plants equipped",
        target="12",
        milestones=(MilestoneLine("Contract", date(2026, 7, 1)), MilestoneLine("Handover", date(2026, 9, 1))),
        budget=(BudgetAmount("Sensors", Decimal("1200000.00"), "IRR", "Fund"),),
        needs=needs,
    )


def fill(user: User, plan: Plan, *contents: ItemContent) -> None:
    """Write new items into a plan."""
    plans.begin_plan(user, plan.pk)
    plans.save_items(
        user, plan.pk, [ItemEdit(content, number=1000 + n) for n, content in enumerate(contents)]
    )


def stored(plan: Plan) -> tuple[plan_queries.StoredItem, ...]:
    """Give a plan's items as stored now."""
    return plan_queries.items_of(plan.pk)
