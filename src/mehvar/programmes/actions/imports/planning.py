"""Settle rows of programmes, of calls for plans and of reporting rounds: new ones are opened, known ones changed in what may still change."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from mehvar.directives.queries import directives as directive_queries
from mehvar.directives.queries import duties
from mehvar.directives.queries.days import today
from mehvar.kernel import text
from mehvar.kernel.calendars import Calendar
from mehvar.kernel.errors import InputError
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import calls, programmes, rounds
from mehvar.programmes.actions.imports.work import (
    KeyedWork,
    Outcome,
    Run,
    changes_in,
    created,
    fixed,
    named_by_key,
    require_same,
    require_version,
    unchanged,
    updated,
)
from mehvar.programmes.models import PlanCall, Programme, ReportingRound
from mehvar.programmes.queries import audience, plans, progress
from mehvar.programmes.queries import programmes as queries
from mehvar.programmes.queries.audience import Audience
from mehvar.programmes.rules.imports import ReadRow, choices
from mehvar.programmes.rules.plans import USUAL_CURRENCIES

if TYPE_CHECKING:
    from mehvar.directives.models import Directive

_PROGRAMME = ("title", "purpose", "starts_on", "ends_on")


class ProgrammeWork(KeyedWork[Programme]):
    """Begin programmes, and change their title, purpose, dates and theme; their life goes on on the pages."""

    unknown = (gettext_noop("There is no such programme."), "unknown-programme")

    def visible(self, run: Run) -> QuerySet[Programme]:
        """Give the programmes that the person may see."""
        return queries.visible_programmes(run.authority).select_related("organisation", "theme")

    def create(self, run: Run, row: ReadRow) -> Outcome:
        """Begin a programme as a draft."""
        made = programmes.create_programme(
            run.actor,
            title=row.get("title") or "",
            organisation_code=run.body(row.get("lead") or "", "lead").code,
            language=row.get("language") or run.writing.language,
            calendar=Calendar(row.get("calendar") or run.writing.calendar),
            purpose=row.get("purpose") or "",
            starts_on=row.get("starts_on"),
            ends_on=row.get("ends_on"),
            theme_id=_theme(run, row.get("theme") or ""),
        )
        return created(made)

    def change(self, run: Run, row: ReadRow, stored: Programme) -> Outcome:
        """Change a programme."""
        if row.get("lead") and run.body(row.get("lead"), "lead").pk != stored.organisation_id:
            raise fixed("lead")
        require_same(row, {"language": stored.language, "calendar": stored.calendar})
        wanted = changes_in(row, {name: getattr(stored, name) for name in _PROGRAMME})
        if "theme" in row.values:
            theme = _theme(run, row.get("theme") or "")
            if theme != stored.theme_id:
                wanted["theme_id"] = theme
        if not wanted:
            return unchanged(stored)
        require_version(row, stored.version)
        return updated(programmes.edit_programme(run.actor, stored.pk, version=row.version, **wanted))


def _theme(run: Run, written: str) -> int | None:
    """Give the theme of the year that a cell names, with its year or by its words alone."""
    if not written:
        return None
    found: dict[str, int] = run.once(
        "themes",
        lambda: {
            text.fold_for_search(words): one.pk
            for one in duties.themes()
            for words in (one.title, f"{one.period} · {one.title}")
        },
    )
    wanted = text.fold_for_search(written)
    if wanted not in found:
        raise InputError(
            gettext_noop("There is no theme of the year “{value}”."),
            code="unknown-theme",
            field="theme",
            value=written[:80],
        )
    return found[wanted]


class CallWork(KeyedWork[PlanCall]):
    """Call for plans, ask further bodies, and give more time; closing a call goes by its page."""

    unknown = (gettext_noop("There is no such call."), "unknown-call")

    def visible(self, run: Run) -> QuerySet[PlanCall]:
        """Give the calls that the person may see."""
        return plans.visible_calls(run.authority).select_related("programme__organisation")

    def create(self, run: Run, row: ReadRow) -> Outcome:
        """Call bodies to file their plans."""
        programme = _programme(run, row)
        pack = organisations.pack_of_organisation(programme.organisation_id)
        made = calls.open_call(
            run.actor,
            programme.pk,
            title=row.get("title") or "",
            deadline_on=row.values["deadline_on"],
            organisation_ids=_bodies(run, row, pack),
            guidance=row.get("guidance") or "",
            required=row.get("required") or (),
            currency=row.get("currency")
            or ("" if "currency" in row.values else USUAL_CURRENCIES.get(pack, "")),
            prefill=row.get("prefill") != "no",
        )
        return created(made)

    def change(self, run: Run, row: ReadRow, stored: PlanCall) -> Outcome:
        """Give more time, or ask further bodies."""
        if row.get("programme") and _programme(run, row).pk != stored.programme_id:
            raise fixed("programme")
        require_same(row, {"title": stored.title, "guidance": stored.guidance, **plans.asked_by(stored)})
        further = self._further(run, row, stored)
        wanted = changes_in(row, {"deadline_on": stored.deadline_on})
        if not (wanted or further):
            return unchanged(stored)
        require_version(row, stored.version)
        if further:
            calls.call_further(run.actor, stored.pk, further)
        if wanted:
            stored = calls.extend_call(
                run.actor,
                stored.pk,
                deadline_on=row.values["deadline_on"],
                reason=row.get("reason") or "",
                version=row.version,
            )
        return updated(stored)

    def _further(self, run: Run, row: ReadRow, stored: PlanCall) -> list[int]:
        """Give the bodies that are not called yet; who is called stays called."""
        if not row.get("bodies"):
            return []
        pack = organisations.pack_of_organisation(stored.programme.organisation_id)
        named = _bodies(run, row, pack)
        seen = plans.visible_plans(run.authority).filter(call=stored)
        known = set(seen.values_list("organisation_id", flat=True))
        if known - set(named):
            raise InputError(
                gettext_noop("A body that was called stays called; leave it in the cell."),
                code="called-already",
                field="bodies",
            )
        return [body for body in named if body not in known]


def _programme(run: Run, row: ReadRow) -> Programme:
    written = row.get("programme") or ""
    rows = queries.visible_programmes(run.authority).select_related("organisation")
    found: Programme = run.once(("programme", written), lambda: named_by_key(rows, written, "programme"))
    return found


def _bodies(run: Run, row: ReadRow, pack: str) -> list[int]:
    """Give the bodies that a cell names one by one, or as all (industrial) provinces."""
    found: list[int] = []
    for written in row.get("bodies") or ():
        whole = choices.choice_of(choices.AUDIENCES, written)
        if whole:
            asked = run.once((whole, pack), partial(audience.bodies_of, Audience(whole), pack, today()))
            found += [body.pk for body in asked]
        else:
            found.append(run.body(written, "bodies").pk)
    return list(dict.fromkeys(found))


class RoundWork(KeyedWork[ReportingRound]):
    """Ask for progress over a period, and give more time; a period is closed on its page."""

    unknown = (gettext_noop("There is no such reporting round."), "unknown-round")

    def visible(self, run: Run) -> QuerySet[ReportingRound]:
        """Give the rounds that the person may see."""
        return progress.listed_rounds(run.authority)

    def create(self, run: Run, row: ReadRow) -> Outcome:
        """Ask every body with something open."""
        programme = _programme(run, row) if row.get("programme") else None
        directive = _directive(run, row) if row.get("directive") else None
        made = rounds.open_round(
            run.actor,
            period=row.get("period") or "",
            due_on=row.values["due_on"],
            opens_on=row.get("opens_on"),
            directive_id=directive.pk if directive else None,
            programme_id=programme.pk if programme else None,
        )
        return created(made)

    def change(self, run: Run, row: ReadRow, stored: ReportingRound) -> Outcome:
        """Give all bodies more time."""
        about = (("programme", stored.programme), ("directive", stored.directive))
        for column, kept in about:
            if column in row.values and not _names(row.get(column) or "", kept):
                raise fixed(column)
        require_same(row, {"period": stored.period, "opens_on": stored.opens_on})
        wanted = changes_in(row, {"due_on": stored.due_on})
        if not wanted:
            return unchanged(stored)
        require_version(row, stored.version)
        given = {"due_on": wanted["due_on"], "reason": row.get("reason") or ""}
        return updated(rounds.extend_round(run.actor, stored.pk, version=row.version, **given))


def _directive(run: Run, row: ReadRow) -> Directive:
    written = row.get("directive") or ""
    rows = directive_queries.visible(run.authority)
    found: Directive = run.once(("directive", written), lambda: named_by_key(rows, written, "directive"))
    return found


def _names(written: str, kept: Programme | Directive | None) -> bool:
    """Tell whether a cell names what is stored: by its key or its title, or both nothing."""
    if kept is None or not written:
        return kept is None and not written
    return written.startswith(kept.public_id) or text.fold_for_search(written) == text.fold_for_search(
        kept.title
    )
