"""Settle rows of plans' items. The rows of a body are settled together, since its items name one another by number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from mehvar.kernel import text
from mehvar.kernel.errors import InputError, MehvarError, NotFound, NotPermitted
from mehvar.programmes.actions import plans
from mehvar.programmes.actions.imports.work import (
    PORTION,
    Outcome,
    Run,
    SheetWork,
    entered_before,
    fixed,
    refused,
    remember,
)
from mehvar.programmes.actions.plans import ItemEdit, Saved
from mehvar.programmes.actions.record import stale
from mehvar.programmes.data import RowResult
from mehvar.programmes.models import Plan
from mehvar.programmes.queries import plans as queries
from mehvar.programmes.queries import programmes
from mehvar.programmes.queries.plans import StoredItem
from mehvar.programmes.rules.imports import ReadRow
from mehvar.programmes.rules.plans import ItemContent

NEW_NUMBERS = 1_000_000
"""New rows get numbers above this until they are saved, so that they cannot be mistaken for stored ones."""

_FIELDS = (
    "text", "owner_office", "starts_on", "due_on", "indicator", "target", "product_class", "weight", "needs",
    "milestones", "budget",
)  # fmt: skip
_EMPTY: Mapping[str, Any] = {
    "owner_office": "", "indicator": "", "target": "", "product_class": "none", "weight": 1.0, "needs": (),
    "milestones": (), "budget": (),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Wish:
    """Hold a row with the edit that it asks for; none where it says what is stored."""

    row: ReadRow
    edit: ItemEdit | None
    stored: StoredItem | None


class PlanItemWork(SheetWork):
    """Write and change items across the plans of one call."""

    def ordered(self, rows: Iterable[ReadRow]) -> Iterable[ReadRow]:
        """Put the rows of each body together, in the order in which the bodies come first; all are held at once."""
        held = list(rows)
        first: dict[str, int] = {}
        for at, row in enumerate(held):
            first.setdefault(_named(row), at)
        return sorted(held, key=lambda row: first[_named(row)])

    def portions(self, rows: Iterable[ReadRow]) -> Iterator[Sequence[ReadRow]]:
        """Cut between bodies only."""
        portion: list[ReadRow] = []
        for _body, found in groupby(rows, key=_named):
            together = list(found)
            if portion and len(portion) + len(together) > PORTION:
                yield portion
                portion = []
            portion += together
        if portion:
            yield portion

    def apply(self, run: Run, rows: Sequence[ReadRow]) -> list[Outcome]:
        """Settle a portion, plan by plan."""
        found: dict[int, Outcome] = {}
        for _body, group in groupby(rows, key=_named):
            found |= self._body(run, list(group))
        return [found[row.number] for row in rows]

    def _body(self, run: Run, rows: Sequence[ReadRow]) -> dict[int, Outcome]:
        readable = [row for row in rows if not row.is_wrong]
        settled = {row.number: Outcome(RowResult.REFUSED) for row in rows if row.is_wrong}
        if not readable:
            return settled
        try:
            plan = _plan(run, readable[0])
        except MehvarError as error:
            return settled | {row.number: refused(run.kind, error) for row in readable}
        return settled | _Settling(run, plan, readable).settle()


def _named(row: ReadRow) -> str:
    return text.fold_for_search(str(row.get("body") or ""))


def _plan(run: Run, row: ReadRow) -> Plan:
    """Give the plan of the body that a row names.

    Raises:
        InputError: There is no such body.
        NotFound: It files no plan for the call, or not for this person.
        NotPermitted: The person sees the plan and does not file it.
    """
    body = run.body(row.get("body") or "", "body")
    rows = Plan.objects.select_related("call__programme__organisation", "organisation")
    plan = rows.filter(call_id=run.place.pk, organisation_id=body.pk).first()
    if plan is None or not queries.visible_plans(run.authority).filter(pk=plan.pk).exists():
        raise NotFound(gettext_noop("There is no such plan."), code="unknown-plan", field="body")
    if not queries.may_file(run.authority, plan):
        raise NotPermitted(
            gettext_noop("Your role does not permit this here."), code="not-permitted", field="body"
        )
    return plan


class _Settling:
    """Settle the rows of one plan."""

    def __init__(self, run: Run, plan: Plan, rows: Sequence[ReadRow]) -> None:
        """Look up what the plan holds and may serve."""
        self.run, self.plan, self.rows = run, plan, rows
        self.stored = {item.public_id: item for item in queries.items_of(plan.pk)}
        self.asked: dict[int | str, int] = {}
        for measure in queries.measures_asked(plan):
            self.asked[measure.pk] = measure.pk
            self.asked.setdefault(text.fold_for_search(programmes.text_of(measure)), measure.pk)
            if measure.derived_from_id:
                self.asked.setdefault(measure.derived_from_id, measure.derived_from_id)
        self.numbers = {
            row.values["number"]: self._number(row) for row in rows if row.get("number") is not None
        }
        self.settled: dict[int, Outcome] = {}

    def _number(self, row: ReadRow) -> int:
        known = self.stored.get(row.public_id)
        return known.number if known else NEW_NUMBERS + row.number

    def settle(self) -> dict[int, Outcome]:
        """Save what the rows ask for; where that is refused, without those that link items, then not at all."""
        wishes = [wish for row in self.rows if (wish := self._wish(row)) is not None]
        wishes = self._unless_entered(wishes)
        linking = [wish for wish in wishes if wish.edit is not None and self._links(wish)]
        try:
            self._save(wishes)
        except MehvarError as error:
            self._refuse(linking or wishes, error)
            rest = [wish for wish in wishes if linking and wish not in linking]
            try:
                self._save(rest)
            except MehvarError as second:
                self._refuse(rest, second)
        return self.settled

    def _links(self, wish: _Wish) -> bool:
        before = wish.stored.content.needs if wish.stored else ()
        return wish.edit is not None and wish.edit.content.needs != before

    def _refuse(self, wishes: Sequence[_Wish], error: MehvarError) -> None:
        for wish in wishes:
            self.settled[wish.row.number] = refused(self.run.kind, error)

    def _wish(self, row: ReadRow) -> _Wish | None:
        try:
            return self._wished(row)
        except MehvarError as error:
            self.settled[row.number] = refused(self.run.kind, error)
            return None

    def _wished(self, row: ReadRow) -> _Wish | None:
        stored = self.stored.get(row.public_id)
        if row.public_id and stored is None:
            raise NotFound(gettext_noop("There is no such item."), code="unknown-item", field="key")
        content = self._content(row, stored)
        if stored is not None and row.get("number") not in (None, stored.number):
            raise fixed("number")
        if stored is not None and content == stored.content:
            self.settled[row.number] = Outcome(RowResult.UNCHANGED, f"{stored.public_id}:{stored.version}")
            return None
        if stored is not None and row.version != stored.version:
            raise stale()
        edit = ItemEdit(
            content, public_id=row.public_id if stored else "", version=row.version, number=self._number(row)
        )
        return _Wish(row, edit, stored)

    def _content(self, row: ReadRow, stored: StoredItem | None) -> ItemContent:
        """Give what an item says after a row: absent columns keep what is stored."""
        said: dict[str, Any] = {}
        for name in _FIELDS:
            if name in row.values:
                value = row.values[name]
                said[name] = _EMPTY.get(name) if value in (None, "") else value
        if "source" in row.values:
            said["source_id"] = self._source(row.values["source"], stored)
        content = replace(stored.content if stored else ItemContent(), **said)
        if "due_on" in said:
            same = stored is not None and stored.content.due_on == said["due_on"]
            content = replace(
                content, due_raw=stored.content.due_raw if stored and same else row.raws.get("due_on", "")
            )
        return queries.shifted(content, self.numbers) if "needs" in said else content

    def _source(self, written: int | str | None, stored: StoredItem | None) -> int | None:
        if not written:
            return None
        found = self.asked.get(written if isinstance(written, int) else text.fold_for_search(written))
        if found is None and stored is not None and stored.content.source_id == written:
            found = stored.content.source_id
        if found is None:
            raise InputError(
                gettext_noop("This measure is not asked of your body."),
                code="unknown-measure",
                field="source",
            )
        return found

    def _unless_entered(self, wishes: Sequence[_Wish]) -> list[_Wish]:
        """Leave out new rows that an earlier import entered."""
        before = entered_before(self.run, [wish.row for wish in wishes])
        rest: list[_Wish] = []
        for wish in wishes:
            key = "" if wish.stored else before.get(wish.row.fingerprint, "")
            if key:
                self.settled[wish.row.number] = Outcome(RowResult.UNCHANGED, key)
                entered = self.stored.get(key.split(":", 1)[0])
                if entered is not None:
                    self.numbers[wish.row.get("number")] = entered.number
            else:
                rest.append(wish)
        return rest

    def _save(self, wishes: Sequence[_Wish]) -> None:
        edits = [wish.edit for wish in wishes if wish.edit is not None]
        if not edits:
            return
        with transaction.atomic():
            saved = plans.save_items(self.run.actor, self.plan.pk, edits)
            self._tell(wishes, saved)

    def _tell(self, wishes: Sequence[_Wish], saved: Saved) -> None:
        clashing = {clash.edit.number for clash in saved.clashes}
        fresh: list[tuple[ReadRow, Outcome]] = []
        for wish in wishes:
            number = self._number(wish.row)
            if number in clashing:
                self.settled[wish.row.number] = refused(self.run.kind, stale())
            elif wish.stored is not None:
                key = f"{wish.stored.public_id}:{wish.stored.version + 1}"
                self.settled[wish.row.number] = Outcome(RowResult.UPDATED, key)
            else:
                key = f"{saved.fresh[number]}:1"
                self.settled[wish.row.number] = Outcome(RowResult.CREATED, key)
                fresh.append((wish.row, self.settled[wish.row.number]))
        remember(self.run, fresh)
