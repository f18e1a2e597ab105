"""Settle rows of a programme's measures: own ones are written and changed, those of directives only in what is the programme's."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_noop

from mehvar.kernel import text
from mehvar.kernel.errors import InputError, NotFound
from mehvar.programmes.actions import programmes
from mehvar.programmes.actions.imports.work import Outcome, Run, SheetWork, changes_in, fixed, require_version
from mehvar.programmes.data import ProductClass, RowResult
from mehvar.programmes.models import Programme, ProgrammeMeasure
from mehvar.programmes.queries import programmes as queries
from mehvar.programmes.rules.imports import ReadRow

if TYPE_CHECKING:
    from mehvar.organisations.models import Organisation


class MeasureWork(SheetWork):
    """Write and change measures of one programme."""

    def begin(self, run: Run, rows: Sequence[ReadRow]) -> None:
        """Look up the measures that the rows name."""
        wanted = [_pk(row) for row in rows if row.public_id]
        found = ProgrammeMeasure.objects.filter(programme_id=run.place.pk, pk__in=wanted).select_related(
            "measure__directive", "organisation"
        )
        run.portion["stored"] = {row.pk: row for row in found}

    def seen(self, run: Run, keys: Collection[str]) -> set[str]:
        """Give which of the keys are measures of the programme."""
        wanted = [key.removeprefix("M") for key in keys]
        found = ProgrammeMeasure.objects.filter(programme_id=run.place.pk, pk__in=wanted)
        return {f"M{pk}" for pk in found.values_list("pk", flat=True)}

    def settle(self, run: Run, row: ReadRow) -> Outcome:
        """Write a new measure, or change a known one."""
        return self._change(run, row) if row.public_id else self._write(run, row)

    def _write(self, run: Run, row: ReadRow) -> Outcome:
        body = run.body_or_none(row.get("body") or "", "body")
        source = _national(run, row.get("derived_from"))
        run.portion["made"] = True
        if source is not None:
            made = self._derive(run, row, source, body)
        else:
            made = programmes.add_measure(
                run.actor,
                run.place.pk,
                text=row.get("text", ""),
                objective_id=_objective(run, row.get("objective") or ""),
                organisation_id=body.pk if body else None,
                due_on=row.get("due_on"),
                outcome_indicator=row.get("outcome_indicator") or "",
                product_class=ProductClass(row.get("product_class") or ProductClass.NONE),
                weight=row.get("weight") or 1.0,
                position=run.portion.get("position"),
                deliver=False,
            )
        run.portion["position"] = made.position + 1  # the programme stays locked until the portion ends
        return Outcome(RowResult.CREATED, f"M{made.pk}:{made.version}")

    def _derive(
        self, run: Run, row: ReadRow, source: ProgrammeMeasure, body: Organisation | None
    ) -> ProgrammeMeasure:
        if body is None:
            raise InputError(gettext_noop("A local measure names its body."), code="no-body", field="body")
        made = programmes.derive_measures(
            run.actor,
            source.pk,
            [body.pk],
            text=row.get("text", ""),
            due_on=row.get("due_on"),
            deliver=False,
        )
        if not made:
            raise InputError(
                gettext_noop("This body has a local measure of it already; use that one's key."),
                code="derived-already",
                field="derived_from",
            )
        return made[0]

    def _change(self, run: Run, row: ReadRow) -> Outcome:
        stored: ProgrammeMeasure | None = run.portion["stored"].get(_pk(row))
        if stored is None:
            raise NotFound(gettext_noop("There is no such measure."), code="unknown-measure", field="key")
        _require_same(run, row, stored)
        kept: dict[str, Any] = {
            "outcome_indicator": stored.outcome_indicator,
            "product_class": stored.product_class,
            "weight": stored.weight,
        }
        if stored.measure_id is None:
            kept |= {"text": stored.text, "due_on": stored.due_on}
        wanted = changes_in(_filled(row), kept)
        if "objective" in row.values:
            objective = _objective(run, row.get("objective") or "")
            if objective != stored.objective_id:
                wanted["objective_id"] = objective
        if not wanted:
            return Outcome(RowResult.UNCHANGED, f"M{stored.pk}:{stored.version}")
        require_version(row, stored.version)
        changed = programmes.edit_measure(run.actor, stored.pk, version=row.version, **wanted)
        return Outcome(RowResult.UPDATED, f"M{stored.pk}:{changed.version}")

    def finish(self, run: Run) -> None:
        """Make the deliveries of the new measures, once."""
        if run.portion.get("made"):
            programmes.deliver_measures(Programme.objects.get(pk=run.place.pk))


def _pk(row: ReadRow) -> int:
    number = row.public_id.removeprefix("M")
    return int(number) if number.isdigit() and len(number) < 16 else 0  # noqa: PLR2004 - what a key can be


def _filled(row: ReadRow) -> ReadRow:
    """Give a row whose empty cells say what they mean."""
    values = dict(row.values)
    if "weight" in values:
        values["weight"] = values["weight"] or 1.0
    if "product_class" in values:
        values["product_class"] = values["product_class"] or ProductClass.NONE.value
    return ReadRow(row.number, row.public_id, row.version, values, row.raws, row.notes, row.fingerprint)


def _require_same(run: Run, row: ReadRow, stored: ProgrammeMeasure) -> None:
    """Refuse to change what a known measure is: its body, its source, the words and the date of a directive."""
    if "body" in row.values:
        body = run.body_or_none(row.get("body") or "", "body")
        if (body.pk if body else None) != stored.organisation_id:
            raise fixed("body")
    if "derived_from" in row.values:
        source = _national(run, row.get("derived_from"))
        if (source.pk if source else None) != stored.derived_from_id:
            raise fixed("derived_from")
    if stored.measure_id is not None:
        if "text" in row.values and text.fold_for_search(row.get("text")) != text.fold_for_search(
            queries.text_of(stored)
        ):
            raise fixed("text")
        if "due_on" in row.values and row.get("due_on") != queries.due_of(stored):
            raise fixed("due_on")


def _objective(run: Run, written: str) -> int | None:
    if not written:
        return None
    known = run.once(
        "objectives",
        lambda: {
            text.fold_for_search(words): pk
            for pk, words in Programme.objects.get(pk=run.place.pk).objectives.values_list("pk", "text")
        },
    )
    found: int | None = known.get(text.fold_for_search(written))
    if found is None:
        raise InputError(
            gettext_noop("The programme has no objective “{value}”."),
            code="unknown-objective",
            field="objective",
            value=written[:80],
        )
    return found


def _national(run: Run, written: int | str | None) -> ProgrammeMeasure | None:
    """Give the national measure that a cell names by its key or its words."""
    if not written:
        return None
    known: dict[int | str, ProgrammeMeasure] = run.once("national", lambda: _nationals(run.place.pk))
    found = known.get(written if isinstance(written, int) else text.fold_for_search(written))
    if found is None:
        raise InputError(
            gettext_noop("The programme has no such national measure."),
            code="unknown-measure",
            field="derived_from",
        )
    return found


def _nationals(programme_id: int) -> dict[int | str, ProgrammeMeasure]:
    found: dict[int | str, ProgrammeMeasure] = {}
    for row in queries.measures_of(programme_id):
        found[row.pk] = row
        found.setdefault(text.fold_for_search(queries.text_of(row)), row)
    return found
