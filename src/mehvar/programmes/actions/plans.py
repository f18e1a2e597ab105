"""Fill a body's plan: row by row, each row guarded by its version, so that two people lose nothing.

Rows that nobody else touched are saved even when another row is in conflict. Drafting is not put on record act by act; each submission
is, with the hash of all it says.
Source: S1.1, S1.11.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_noop

from mehvar.kernel import clock, errors, identifiers
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import record
from mehvar.programmes.models import BudgetLine, Dependency, Milestone, Plan, PlanEvent, PlanItem
from mehvar.programmes.queries import plans as queries
from mehvar.programmes.queries import programmes
from mehvar.programmes.queries.plans import StoredItem
from mehvar.programmes.rules import plans as rules
from mehvar.programmes.rules.plans import EDITABLE, ItemContent, PlanStep
from mehvar.programmes.rules.quality import quality_of

if TYPE_CHECKING:
    from mehvar.accounts.models import User


@dataclass(frozen=True, slots=True)
class ItemEdit:
    """Hold what somebody wrote in one row.

    ``public_id`` is empty for a new row; ``version`` is that of the row when it was shown; ``number`` is the one it was shown with, to
    which other rows' ``needs`` refer.
    """

    content: ItemContent
    public_id: str = ""
    version: int = 0
    number: int = 0
    remove: bool = False


@dataclass(frozen=True, slots=True)
class Clash:
    """Hold both versions of a row that two people changed; ``theirs`` is None when somebody took the row out."""

    edit: ItemEdit
    theirs: StoredItem | None


@dataclass(frozen=True, slots=True)
class Saved:
    """Hold what saving did: the rows changed (public ids, new ones by the number they were shown with) and those in conflict."""

    changed: tuple[str, ...] = ()
    fresh: Mapping[int, str] = field(default_factory=dict)
    clashes: tuple[Clash, ...] = ()


def editable_plan(actor: User, plan_id: int) -> Plan:
    """Give a plan, locked, to somebody who may change it now.

    Raises:
        NotFound: There is none, or the person does not file plans for the body.
        Conflict: It is submitted or accepted, or the call is closed.
    """
    plan = filed_plan(actor, plan_id)
    if plan.state not in EDITABLE:
        raise errors.Conflict(
            gettext_noop("The plan is submitted; it can be changed after it is taken back or returned."),
            code="plan-submitted",
        )
    if plan.call.closed_at is not None:
        raise errors.Conflict(gettext_noop("This call is closed."), code="call-closed")
    return plan


def filed_plan(actor: User, plan_id: int) -> Plan:
    """Give a plan in any state, locked, to somebody who files plans for its body.

    Raises:
        NotFound: There is none, or not for this person.
    """
    rows = Plan.objects.select_related("call__programme__organisation", "organisation")
    plan = rows.select_for_update(of=("self",)).filter(pk=plan_id).first()
    if plan is None or not queries.may_file(organisations.authority_of(actor), plan):
        raise errors.NotFound(gettext_noop("There is no such plan."), code="unknown-plan")
    return plan


def begin_plan(actor: User, plan_id: int) -> Plan:
    """Open a plan for the first time: the body is silent no more; with a prefilled template each measure gets its item.

    Doing it again changes nothing.

    Raises:
        NotFound, Conflict: As for ``editable_plan``.
    """
    with transaction.atomic():
        plan = editable_plan(actor, plan_id)
        if plan.started_at is None:
            _begin(actor, plan)
            if plan.call.template.get("prefill") and not plan.items.exists():
                _prefill(plan)
            refresh(plan)
    return plan


def _begin(actor: User, plan: Plan) -> None:
    plan.started_at = clock.now()
    plan.save(update_fields=["started_at"])
    PlanEvent.objects.create(plan=plan, action=PlanStep.START, at=plan.started_at, actor=actor)


def _prefill(plan: Plan) -> None:
    PlanItem.objects.bulk_create(
        PlanItem(
            plan=plan,
            source=row,
            public_id=identifiers.new_public_id(),
            position=position,
            text=programmes.text_of(row)[: rules.LONGEST_TEXT],
            due_on=programmes.due_of(row),
            indicator=row.outcome_indicator,
            product_class=row.product_class,
            weight=row.weight,
        )
        for position, row in enumerate(queries.measures_asked(plan), 1)
    )


def save_items(actor: User, plan_id: int, edits: Sequence[ItemEdit]) -> Saved:
    """Save rows of a plan. A row that says what is stored is left alone; one that somebody else changed comes back with both versions.

    A row that is emptied or marked is taken out.

    Raises:
        NotFound, Conflict: As for ``editable_plan``.
        InputError: Items wait for one another in a circle or for an unknown one, a measure is not asked of the body, or the plan is
            too long.
    """
    with transaction.atomic():
        plan = editable_plan(actor, plan_id)
        if plan.started_at is None:
            _begin(actor, plan)
        saving = _Saving(plan)
        saving.take(edits)
        saving.link()
        if saving.changed or saving.fresh:
            refresh(plan)
        return Saved(tuple(saving.changed), saving.fresh, tuple(saving.clashes))


class _Saving:
    """Take the edits of one save; rows are matched by their public ids."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.stored = {item.public_id: item for item in queries.items_of(plan.pk)}
        asked = queries.measures_asked(plan)
        # An item may go on serving the national measure of which a local one was derived since.
        self.asked: set[int | None] = {row.derived_from_id for row in asked}
        self.asked.update(row.pk for row in asked)
        self.next_number = max((item.number for item in self.stored.values()), default=0) + 1
        self.pk_of = {item.number: item.pk for item in self.stored.values()}
        self.needs = {item.number: item.content.needs for item in self.stored.values()}
        self.renumbered: dict[int, int] = {}
        self.relinked: set[int] = set()
        self.changed: list[str] = []
        self.fresh: dict[int, str] = {}
        self.clashes: list[Clash] = []

    def take(self, edits: Iterable[ItemEdit]) -> None:
        """Take each edit: create, change, take out, leave alone, or note the clash."""
        for edit in edits:
            if edit.content.source_id is not None and edit.content.source_id not in self.asked:
                raise errors.InputError(
                    gettext_noop("This measure is not asked of your body."),
                    code="unknown-measure",
                    field="source",
                )
            if edit.public_id:
                self._known(edit)
            elif not (edit.remove or edit.content.is_blank):
                self._create(edit)

    def _known(self, edit: ItemEdit) -> None:
        stored = self.stored.get(edit.public_id)
        wants_out = edit.remove or edit.content.is_blank
        if stored is not None and edit.content.due_on == stored.content.due_on:
            # The same day in another reader's calendar is no change.
            edit = replace(edit, content=replace(edit.content, due_raw=stored.content.due_raw))
        if stored is None:
            if not wants_out:
                self.clashes.append(Clash(edit, None))
        elif wants_out and edit.version == stored.version:
            self._remove(stored)
        elif not wants_out and edit.content == stored.content:
            return
        elif edit.version != stored.version:
            self.clashes.append(Clash(edit, stored))
        else:
            self._change(stored, edit.content)

    def _create(self, edit: ItemEdit) -> None:
        if len(self.pk_of) >= rules.MOST_ITEMS:
            raise errors.LimitExceeded(
                gettext_noop("A plan has at most {limit} items."),
                code="too-many-items",
                limit=rules.MOST_ITEMS,
            )
        number, self.next_number = self.next_number, self.next_number + 1
        row = PlanItem(plan=self.plan, public_id=identifiers.new_public_id(), position=number)
        _write(row, edit.content)
        row.save()
        _write_lines(row, edit.content)
        self.pk_of[number], self.needs[number] = row.pk, edit.content.needs
        self.relinked.add(number)
        if edit.number:
            self.renumbered[edit.number] = number
        self.fresh[edit.number or number] = row.public_id

    def _change(self, stored: StoredItem, content: ItemContent) -> None:
        row = PlanItem.objects.get(pk=stored.pk)
        _write(row, content)
        row.version = F("version") + 1
        row.save()
        if (content.milestones, content.budget) != (stored.content.milestones, stored.content.budget):
            _write_lines(row, content)
        if content.needs != stored.content.needs:
            self.needs[stored.number] = content.needs
            self.relinked.add(stored.number)
        self.changed.append(stored.public_id)

    def _remove(self, stored: StoredItem) -> None:
        PlanItem.objects.filter(pk=stored.pk).delete()
        del self.pk_of[stored.number], self.needs[stored.number]
        for number, needs in self.needs.items():
            self.needs[number] = tuple(needed for needed in needs if needed != stored.number)
        self.changed.append(stored.public_id)

    def link(self) -> None:
        """Write the links that changed, after checking that they name items and make no circle."""
        for number in self.relinked & set(self.needs):
            self.needs[number] = tuple(
                self.renumbered.get(needed, needed) if needed not in self._numbers_before else needed
                for needed in self.needs[number]
            )
        rules.check_needs({number: ItemContent(needs=needs) for number, needs in self.needs.items()})
        for number in sorted(self.relinked & set(self.needs)):
            Dependency.objects.filter(item_id=self.pk_of[number]).delete()
            Dependency.objects.bulk_create(
                Dependency(item_id=self.pk_of[number], needs_id=self.pk_of[needed])
                for needed in self.needs[number]
            )

    @property
    def _numbers_before(self) -> set[int]:
        return {item.number for item in self.stored.values()}


def _write(row: PlanItem, content: ItemContent) -> None:
    row.text = content.text
    row.source_id = content.source_id
    row.owner_office = content.owner_office
    row.starts_on = content.starts_on
    row.due_on = content.due_on
    row.due_raw = content.due_raw
    row.indicator = content.indicator
    row.target = content.target
    row.product_class = content.product_class
    row.weight = content.weight


def _write_lines(row: PlanItem, content: ItemContent) -> None:
    """Write milestones and budget lines anew; the first date of a milestone that keeps its title stays."""
    first = dict(row.milestones.exclude(first_due_on=None).values_list("title", "first_due_on"))
    row.milestones.all().delete()
    Milestone.objects.bulk_create(
        Milestone(
            item=row,
            position=position,
            title=line.title,
            due_on=line.due_on,
            first_due_on=first.get(line.title),
            weight=line.weight,
        )
        for position, line in enumerate(content.milestones, 1)
    )
    row.budget_lines.all().delete()
    BudgetLine.objects.bulk_create(
        BudgetLine(item=row, title=line.title, amount=line.amount, currency=line.currency, source=line.source)
        for line in content.budget
    )


def refresh(plan: Plan) -> None:
    """Compute the plan's quality and coverage anew and count its version up; in the caller's transaction."""
    items = queries.items_of(plan.pk)
    found = quality_of(queries.by_number(items), queries.asked_of(plan))
    record.changed(plan, quality=found.score, covered=found.covered)
