"""Walk two reporting rounds: asked, reported by some bodies, reviewed, returned, claimed, verified, closed.

The lead's walk calls these in order, each under its own day: ``ask_for_reports``, ``report_progress``, ``review_reports``, ``ask_more_time``,
``claim_and_verify``, ``judge``, ``close_period``.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from mehvar.kernel import clock
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import completion, confidence, extensions, reports, rounds
from mehvar.programmes.actions.reports import Entry
from mehvar.programmes.data import Rating, ReportState
from mehvar.programmes.queries import progress, scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mehvar.accounts.models import User
    from mehvar.config.demonstration.walk import Walk
    from mehvar.programmes.models import Delivery, ReportingRound

BODIES = ("yazd", "khorasan", "post.officer")
"""Who reports; the others keep silent, so that grey and the climb up the line can be seen."""
DONE = (
    "ارزیابی بلوغ دیجیتال در واحدهای منتخب انجام و صورت‌جلسه آن پیوست شد.",
    "قرارداد تجهیز زیرساخت امضا شد و کار در دو شهر آغاز شده است.",
    "آموزش کارشناسان برگزار شد؛ نصب تجهیزات در دست انجام است.",
)
NEXT = "مرحله بعد، تکمیل واحدهای باقی‌مانده تا پایان دوره است."


def ask_for_reports(walk: Walk, name: str, period: str, *, days: int = 10) -> str:
    """Ask every body with open deliveries of a directive for its progress over a period."""
    asked = rounds.open_round(
        walk.people["planning"],
        period=period,
        due_on=clock.today() + timedelta(days=days),
        directive_id=walk.directive(name).pk,
    )
    return f"{asked.requests.count()} bodies asked to report on {asked.period}"


def round_of(walk: Walk, name: str, period: str) -> ReportingRound:
    """Return the round of a directive and a period."""
    rows = progress.visible_rounds(organisations.authority_of(walk.people["planning"]))
    return rows.get(directive=walk.directive(name), period=period)


def report_progress(
    walk: Walk, name: str, period: str, *, base: int = 20, bodies: Sequence[str] = BODIES
) -> str:
    """Let some bodies report on everything they are asked, each a little further than the one before."""
    asked, given = round_of(walk, name, period), 0
    for place, key in enumerate(bodies):
        person = walk.people[key]
        for request in progress.requests_for(organisations.authority_of(person)).filter(round=asked):
            rows = list(progress.asked_deliveries(request))
            entries = [
                _entry(row, base + 7 * place + 5 * (index % 4), index) for index, row in enumerate(rows)
            ]
            given += len(reports.save_reports(person, request.pk, entries, submit=True))
    return f"{given} reports on {period}"


def _entry(delivery: Delivery, claimed: int, index: int) -> Entry:
    rating = (Rating.GREEN, Rating.GREEN, Rating.AMBER, Rating.RED)[index % 4]
    return Entry(delivery.pk, 0, min(100, claimed), rating, DONE[index % len(DONE)], NEXT)


def review_reports(walk: Walk, name: str, period: str) -> str:
    """Accept and approve; one figure is lowered with its reason, one report is sent back."""
    officer, asked = walk.people["planning"], round_of(walk, name, period)
    claimed = list(asked.reports.filter(state=ReportState.CLAIMED).order_by("pk"))
    if len(claimed) > 1:
        last = claimed.pop()
        reports.return_report(officer, last.pk, version=last.version, reason="مستندات پیوست کافی نیست.")
    for place, row in enumerate(claimed):
        lowered = max(0, (row.claimed or 0) - 10) if place == 0 else None
        kept = reports.accept_report(
            officer,
            row.pk,
            version=row.version,
            accepted=lowered,
            reason="یک واحد هنوز مستند نیست." if place == 0 else "",
        )
        reports.approve_report(officer, row.pk, version=kept.version)
    return f"{len(claimed)} reports approved, one sent back"


def own_deliveries(person: User) -> list[Delivery]:
    """Return the open deliveries of the bodies for which a person reports, soonest due first."""
    rows = scope.reportable(organisations.authority_of(person)).filter(state="open")
    return list(rows.order_by("due_on", "pk"))


def ask_more_time(walk: Walk, key: str = "khorasan", *, days: int = 45) -> str:
    """Let a province ask for more time, and grant it; the first date stays on record."""
    dated = [row for row in own_deliveries(walk.people[key]) if row.due_on]
    if not dated:
        return "nothing has a date"
    due_on: date = (dated[0].due_on or clock.today()) + timedelta(days=days)
    asked = extensions.request_extension(
        walk.people[key], dated[0].pk, due_on=due_on, reason="تجهیزات سفارش‌شده با تأخیر می‌رسد."
    )
    extensions.decide_extension(walk.people["planning"], asked.pk, version=asked.version, granted=True)
    return f"{days} days more, first date kept"


def claim_and_verify(walk: Walk, key: str = "yazd") -> str:
    """Let a province claim completion of one delivery, and the ministry verify it."""
    found = own_deliveries(walk.people[key])
    if not found:
        return "nothing is open"
    claim = completion.claim_completion(
        walk.people[key], found[0].pk, claimed_on=clock.today(), note="همه واحدها ارزیابی شدند."
    )
    completion.verify_completion(
        walk.people["planning"],
        claim.pk,
        version=claim.version,
        verified=True,
        verdict="بازدید انجام و تأیید شد.",
    )
    return "one delivery done and verified by another body"


def judge(walk: Walk, key: str = "khorasan") -> str:
    """Let the planning officer judge delivery confidence with the reason."""
    found = own_deliveries(walk.people[key])
    for row, colour in zip(found, (Rating.RED, Rating.AMBER), strict=False):
        confidence.judge_confidence(
            walk.people["planning"], row.pk, confidence=colour, reason="اعتبار طرح هنوز تخصیص نیافته است."
        )
    return f"{min(2, len(found))} judgements with reason"


def close_period(walk: Walk, name: str, period: str) -> str:
    """Chase what is missing, and close the period for good."""
    asked = round_of(walk, name, period)
    chased = rounds.chase_missing_reports()
    written = rounds.close_round(walk.people["planning"], asked.pk, version=asked.version)
    return f"{written} statuses written down, {chased} bodies chased"
