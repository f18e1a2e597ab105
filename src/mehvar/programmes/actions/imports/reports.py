"""Settle rows of progress reports: one for each delivery on which a body is asked in a round."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_noop

from mehvar.kernel.errors import MehvarError, NotFound
from mehvar.programmes.actions import reports
from mehvar.programmes.actions.imports.work import Outcome, Run, SheetWork, refused
from mehvar.programmes.actions.record import stale
from mehvar.programmes.actions.reports import Entry
from mehvar.programmes.data import Rating, RowResult
from mehvar.programmes.models import ProgressReport, ReportingRound, RoundRequest
from mehvar.programmes.queries import progress as queries
from mehvar.programmes.rules.imports import ReadRow
from mehvar.programmes.rules.progress import GIVEN

if TYPE_CHECKING:
    from mehvar.programmes.models import Delivery

_ATTEMPTS = 4


@dataclass(frozen=True, slots=True)
class _Wish:
    row: ReadRow
    delivery: Delivery
    report: ProgressReport | None
    entry: Entry


class ReportWork(SheetWork):
    """Write the reports of one round."""

    def apply(self, run: Run, rows: Sequence[ReadRow]) -> list[Outcome]:
        """Settle a portion, body by body."""
        settled = {row.number: Outcome(RowResult.REFUSED) for row in rows if row.is_wrong}
        readable = [row for row in rows if not row.is_wrong]
        known = _deliveries(run, readable)
        asked = ReportingRound.objects.get(pk=run.place.pk)
        written = queries.reports_of(asked, list(known.values()))
        by_body: dict[int, list[_Wish]] = defaultdict(list)
        for row in readable:
            outcome = self._wish(run, row, known, written)
            if isinstance(outcome, Outcome):
                settled[row.number] = outcome
            else:
                by_body[outcome.delivery.organisation_id].append(outcome)
        for body, wishes in by_body.items():
            settled |= self._save(run, _requests(run)[body], wishes)
        return [settled[row.number] for row in rows]

    def _wish(
        self, run: Run, row: ReadRow, known: Mapping[str, Delivery], written: Mapping[int, ProgressReport]
    ) -> Outcome | _Wish:
        """Give what a row asks for, or at once what becomes of it."""
        delivery = known.get(row.public_id)
        if delivery is None:
            return refused(
                run.kind,
                NotFound(
                    gettext_noop(
                        "There is no such delivery, or your body is not asked about it in this round."
                    ),
                    code="unknown-delivery",
                    field="key",
                ),
            )
        report = written.get(delivery.pk)
        entry = _entry(row, delivery, report)
        if _says_nothing_new(report, entry, submit=bool(run.sheet.options.get("submit"))):
            return Outcome(RowResult.UNCHANGED, f"{delivery.public_id}:{report.version if report else 0}")
        if entry.version != (report.version if report else 0):
            return refused(run.kind, stale())
        return _Wish(row, delivery, report, entry)

    def _save(self, run: Run, request: RoundRequest, wishes: Sequence[_Wish]) -> dict[int, Outcome]:
        """Save a body's entries together; one that is refused is left out, and after a few each is tried alone."""
        settled: dict[int, Outcome] = {}
        rest = list(wishes)
        for _attempt in range(_ATTEMPTS):
            try:
                return settled | self._saved(run, request, rest)
            except MehvarError as error:
                wrong = [wish for wish in rest if wish.delivery.pk == error.params.get("delivery")]
                if not wrong and len(rest) == 1:
                    wrong = rest
                for wish in wrong:
                    settled[wish.row.number] = refused(run.kind, error)
                rest = [wish for wish in rest if wish not in wrong]
                if not wrong:
                    break
        for wish in rest:
            try:
                settled |= self._saved(run, request, [wish])
            except MehvarError as error:
                settled[wish.row.number] = refused(run.kind, error)
        return settled

    def _saved(self, run: Run, request: RoundRequest, wishes: Sequence[_Wish]) -> dict[int, Outcome]:
        if not wishes:
            return {}
        with transaction.atomic():
            made = reports.save_reports(
                run.actor,
                request.pk,
                [wish.entry for wish in wishes],
                submit=bool(run.sheet.options.get("submit")),
            )
        version_of = {report.delivery_id: report.version for report in made}
        return {wish.row.number: _outcome(wish, version_of) for wish in wishes}


def _outcome(wish: _Wish, version_of: Mapping[int, int]) -> Outcome:
    version = version_of.get(wish.delivery.pk)
    if version is None:
        return Outcome(RowResult.UNCHANGED, f"{wish.delivery.public_id}:{wish.entry.version}")
    result = RowResult.UPDATED if wish.report else RowResult.CREATED
    return Outcome(result, f"{wish.delivery.public_id}:{version}")


def _requests(run: Run) -> dict[int, RoundRequest]:
    """Give the open requests of the round that the person may answer, by body."""
    found: dict[int, RoundRequest] = run.once(
        "requests",
        lambda: {
            row.organisation_id: row
            for row in queries.requests_for(run.authority).filter(round_id=run.place.pk)
        },
    )
    return found


def _deliveries(run: Run, rows: Sequence[ReadRow]) -> dict[str, Delivery]:
    """Give the deliveries that the rows name, as far as the person's bodies are asked about them."""
    asked = ReportingRound.objects.get(pk=run.place.pk)
    wanted = [row.public_id for row in rows if row.public_id]
    found = queries.deliveries_in(asked).filter(
        public_id__in=wanted, organisation_id__in=list(_requests(run))
    )
    return {row.public_id: row for row in found}


def _entry(row: ReadRow, delivery: Delivery, report: ProgressReport | None) -> Entry:
    """Give what a body says after a row: absent columns keep what is stored, milestones always stay."""
    rating = report.self_rating if report else Rating.UNKNOWN.value
    return Entry(
        delivery_id=delivery.pk,
        version=row.version,
        claimed=row.get("claimed", report.claimed if report else None),
        self_rating=(row.get("self_rating") or Rating.UNKNOWN.value)
        if "self_rating" in row.values
        else rating,
        done_text=row.get("done_text", report.done_text if report else ""),
        next_text=row.get("next_text", report.next_text if report else ""),
        milestones={one.milestone_id: one.done_on for one in report.milestones.all()} if report else {},
    )


def _says_nothing_new(report: ProgressReport | None, entry: Entry, *, submit: bool) -> bool:
    words = (entry.claimed, entry.self_rating, entry.done_text.strip(), entry.next_text.strip())
    if report is None:
        return words == (None, Rating.UNKNOWN.value, "", "")
    same = words == (report.claimed, report.self_rating, report.done_text, report.next_text)
    return same and (not submit or report.state in GIVEN)
