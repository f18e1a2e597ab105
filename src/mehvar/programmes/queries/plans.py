"""Read calls and plans: which a person may see, change or review, what they hold, and how good they are.

Every officer of the body that calls sees all plans of its calls; a body's officers see their own subtree's, and nothing of another.
Source: S1.1, S1.11.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet

from mehvar.directives.queries.days import today
from mehvar.kernel import identifiers
from mehvar.kernel.errors import NotFound
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.models import (
    BudgetLine,
    Dependency,
    Milestone,
    Plan,
    PlanCall,
    PlanEvent,
    PlanItem,
    PlanRemark,
    ProgrammeMeasure,
)
from mehvar.programmes.queries import programmes
from mehvar.programmes.queries.scope import scope_of
from mehvar.programmes.rules import quality as rules
from mehvar.programmes.rules.plans import (
    EDITABLE,
    BudgetAmount,
    ItemContent,
    MilestoneLine,
    as_json,
)
from mehvar.programmes.rules.quality import Asked, Quality

if TYPE_CHECKING:
    from mehvar.organisations.data import Authority

LONGEST_LABEL = 120


@dataclass(frozen=True, slots=True)
class StoredItem:
    """Hold one item as it is stored: its key, number (stable within the plan), version and content."""

    pk: int
    public_id: str
    number: int
    version: int
    content: ItemContent


def visible_plans(authority: Authority) -> QuerySet[Plan]:
    """Give the plans that a person may see."""
    scope = scope_of(authority)
    if scope.everything:
        return Plan.objects.all()
    if scope.is_empty:
        return Plan.objects.none()
    return Plan.objects.filter(
        Q(call__programme__organisation_id__in=scope.body_ids) | Q(organisation_id__in=scope.delivering_ids)
    )


def visible_plan(authority: Authority, public_id: str) -> Plan:
    """Give one plan with its call, programme and bodies.

    Raises:
        NotFound: There is none, or not for this person.
    """
    found = (
        visible_plans(authority)
        .select_related("call__programme__organisation", "organisation", "submitted_by")
        .filter(public_id=public_id)
        .first()
    )
    if found is None:
        raise NotFound("There is no such plan.", code="unknown-plan")
    return found


def fileable_plans(authority: Authority) -> QuerySet[Plan]:
    """Give the plans that a person may file: those of the bodies that the person speaks for."""
    scope = scope_of(authority, Permission.FILE_PLAN)
    if scope.everything:
        return Plan.objects.all()
    return Plan.objects.filter(organisation_id__in=scope.delivering_ids)


def may_file(authority: Authority, plan: Plan) -> bool:
    """Tell whether a person may file this plan (whatever its state)."""
    return scope_of(authority, Permission.FILE_PLAN).holds_body(plan.organisation_id)


def may_edit(authority: Authority, plan: Plan) -> bool:
    """Tell whether a person may change the plan now."""
    return plan.state in EDITABLE and plan.call.closed_at is None and may_file(authority, plan)


def may_review(authority: Authority, plan: Plan) -> bool:
    """Tell whether a person reviews this plan."""
    return permissions.allows(authority, Permission.REVIEW_PLAN, plan.call.programme.organisation.path)


def visible_calls(authority: Authority) -> QuerySet[PlanCall]:
    """Give the calls of the bodies that a person watches over, and those that ask a body of the person's."""
    scope = scope_of(authority)
    if scope.everything:
        return PlanCall.objects.all()
    if scope.is_empty:
        return PlanCall.objects.none()
    asked = Plan.objects.filter(organisation_id__in=scope.delivering_ids).values("call_id")
    return PlanCall.objects.filter(Q(programme__organisation_id__in=scope.body_ids) | Q(pk__in=asked))


def visible_call(authority: Authority, public_id: str) -> PlanCall:
    """Give one call with its programme.

    Raises:
        NotFound: There is none, or not for this person.
    """
    found = (
        visible_calls(authority)
        .select_related("programme__organisation", "opened_by")
        .filter(public_id=public_id)
        .first()
    )
    if found is None:
        raise NotFound("There is no such call.", code="unknown-call")
    return found


def asked_by(call: PlanCall) -> dict[str, Any]:
    """Give what a call asks of every plan: the checks that it requires, in their order, its currency, and whether plans are prefilled."""
    required = call.template.get("required", ())
    return {
        "required": tuple(check.value for check in rules.NEEDED if check.value in required),
        "currency": str(call.template.get("currency", "")),
        "prefill": "yes" if call.template.get("prefill", True) else "no",
    }


def may_call(authority: Authority, call: PlanCall) -> bool:
    """Tell whether a person runs this call."""
    return permissions.allows(authority, Permission.CALL_FOR_PLANS, call.programme.organisation.path)


def waiting_plans(authority: Authority) -> QuerySet[Plan]:
    """Give the plans of open calls that wait for the person's own bodies, the soonest deadline first."""
    return (
        fileable_plans(authority)
        .filter(state__in=EDITABLE, call__closed_at=None)
        .select_related("call__programme", "organisation")
        .order_by("call__deadline_on", "pk")
    )


def plans_to_review(authority: Authority) -> QuerySet[Plan]:
    """Give the submitted plans that wait for the person's review, the longest waiting first."""
    scope = scope_of(authority, Permission.REVIEW_PLAN)
    rows = Plan.objects.filter(state="submitted").select_related("call__programme", "organisation")
    if not scope.everything:
        rows = rows.filter(call__programme__organisation_id__in=scope.body_ids)
    return rows.order_by("submitted_at", "pk")


def items_of(plan_id: int) -> tuple[StoredItem, ...]:
    """Give the items of a plan in order; four queries."""
    rows = list(PlanItem.objects.filter(plan_id=plan_id).order_by("position", "pk"))
    ids = [row.pk for row in rows]
    milestones, budgets = _milestones(ids), _budgets(ids)
    number_of = {row.pk: row.position for row in rows}
    needs: dict[int, list[int]] = defaultdict(list)
    for item, needed in (
        Dependency.objects.filter(item_id__in=ids).order_by("pk").values_list("item_id", "needs_id")
    ):
        needs[item].append(number_of[needed])
    return tuple(
        StoredItem(
            row.pk,
            row.public_id,
            row.position,
            row.version,
            _content(row, milestones[row.pk], budgets[row.pk], tuple(needs[row.pk])),
        )
        for row in rows
    )


def _content(
    row: PlanItem,
    milestones: Sequence[MilestoneLine],
    budget: Sequence[BudgetAmount],
    needs: tuple[int, ...],
) -> ItemContent:
    return ItemContent(
        text=row.text,
        source_id=row.source_id,
        owner_office=row.owner_office,
        starts_on=row.starts_on,
        due_on=row.due_on,
        due_raw=row.due_raw,
        indicator=row.indicator,
        target=row.target,
        product_class=row.product_class,
        weight=row.weight,
        milestones=tuple(milestones),
        budget=tuple(budget),
        needs=needs,
    )


def _milestones(item_ids: Iterable[int]) -> Mapping[int, list[MilestoneLine]]:
    found: dict[int, list[MilestoneLine]] = defaultdict(list)
    rows = Milestone.objects.filter(item_id__in=item_ids).order_by("position", "pk")
    for item, title, due_on, weight in rows.values_list("item_id", "title", "due_on", "weight"):
        found[item].append(MilestoneLine(title, due_on, weight))
    return found


def _budgets(item_ids: Iterable[int]) -> Mapping[int, list[BudgetAmount]]:
    found: dict[int, list[BudgetAmount]] = defaultdict(list)
    rows = BudgetLine.objects.filter(item_id__in=item_ids).order_by("pk")
    for item, title, amount, currency, source in rows.values_list(
        "item_id", "title", "amount", "currency", "source"
    ):
        found[item].append(BudgetAmount(title, amount, currency, source))
    return found


def measures_asked(plan: Plan) -> list[ProgrammeMeasure]:
    """Give the measures that the plan must serve: those of all bodies and those given to this one; one query.

    Where a local measure was derived for the body, it stands in the place of its national one.
    """
    rows = list(
        ProgrammeMeasure.objects.filter(programme_id=plan.call.programme_id)
        .filter(Q(organisation=None) | Q(organisation_id=plan.organisation_id))
        .select_related("measure__directive", "measure__field", "objective")
        .order_by("objective__position", "position", "pk")
    )
    replaced = {row.derived_from_id for row in rows if row.derived_from_id}
    chosen = set(plan.call.template.get("measures", ()))
    return [
        row
        for row in rows
        if row.pk not in replaced and (not chosen or {row.pk, row.derived_from_id} & chosen)
    ]


def asked_of(plan: Plan, measures: Sequence[ProgrammeMeasure] | None = None) -> Asked:
    """Give what the plan is checked against."""
    rows = measures_asked(plan) if measures is None else measures
    dates = {row.pk: programmes.due_of(row) for row in rows}
    return Asked(
        measures={row.pk: programmes.text_of(row)[:LONGEST_LABEL] for row in rows},
        dates={pk: day for pk, day in dates.items() if day is not None},
        today=today(),
        required=frozenset(plan.call.template.get("required", ())),
        stands_for={row.derived_from_id: row.pk for row in rows if row.derived_from_id},
    )


def by_number(items: Iterable[StoredItem]) -> dict[int, ItemContent]:
    """Give the contents of items by their numbers."""
    return {item.number: item.content for item in items}


def quality_of(plan: Plan, items: Iterable[StoredItem] | None = None) -> Quality:
    """Check a plan as it is stored."""
    found = items_of(plan.pk) if items is None else items
    return rules.quality_of(by_number(found), asked_of(plan))


def content_of(plan: Plan, items: Iterable[StoredItem]) -> dict[str, Any]:
    """Give a plan's canonical content, of which the hash is frozen with each submission."""
    return {
        "call": plan.call.public_id,
        "programme": plan.call.programme.public_id,
        "organisation": plan.organisation.code,
        "items": [{"id": item.public_id, "number": item.number, **as_json(item.content)} for item in items],
    }


def hash_of(plan: Plan, items: Iterable[StoredItem]) -> str:
    """Give the hash of a plan's content."""
    return identifiers.content_hash(content_of(plan, items))


def events_of(plan_id: int) -> list[dict[str, Any]]:
    """Give the dated steps of a plan, oldest first."""
    rows = PlanEvent.objects.filter(plan_id=plan_id).order_by("at", "pk")
    return [dict(row) for row in rows.values("action", "at", "note", "actor__name")]


def remarks_of(plan_id: int) -> list[PlanRemark]:
    """Give the remarks on a plan, oldest first."""
    return list(
        PlanRemark.objects.filter(plan_id=plan_id).select_related("author", "item").order_by("made_at", "pk")
    )


def plan_of(plan: Plan, public_id: str) -> PlanItem:
    """Give one item of a plan.

    Raises:
        NotFound: The plan has no such item.
    """
    found = PlanItem.objects.filter(plan=plan, public_id=public_id).first()
    if found is None:
        raise NotFound("There is no such item.", code="unknown-item")
    return found


def shifted(content: ItemContent, numbers: Mapping[int, int]) -> ItemContent:
    """Give a content whose links follow a renumbering."""
    return replace(content, needs=tuple(numbers.get(number, number) for number in content.needs))


def bodies_called(call_id: int) -> set[int]:
    """Give the bodies that a call asks."""
    return set(Plan.objects.filter(call_id=call_id).values_list("organisation_id", flat=True))


def silent_plans(call: PlanCall) -> QuerySet[Plan]:
    """Give the plans of a call that were never submitted, or came back and were not submitted again."""
    return Plan.objects.filter(call=call, state__in=EDITABLE).select_related("organisation")


def calls_due(on: date) -> QuerySet[PlanCall]:
    """Give the open calls whose deadline is not further away than a day."""
    return PlanCall.objects.filter(closed_at=None, deadline_on__lte=on).select_related(
        "programme__organisation"
    )


def pack_of(programme_organisation_id: int) -> str:
    """Give the country's register of a programme's lead body."""
    return organisations.pack_of_organisation(programme_organisation_id)
