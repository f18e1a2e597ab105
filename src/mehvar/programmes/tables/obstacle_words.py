"""Name kinds, causes, levels, states and steps of obstacles, proposals, meetings and recognition for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from mehvar.organisations import queries as organisations
from mehvar.programmes.data import (
    Cause,
    CommitmentState,
    Criterion,
    Level,
    MeetingKind,
    ObstacleKind,
    ObstacleState,
    ObstacleStep,
    ProposalAnswer,
    ProposalLevel,
)
from mehvar.ui.components import badge as ui_badge

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

Labels = tuple[tuple[str, Any], ...]

KINDS: Labels = (
    (ObstacleKind.OBSTACLE.value, _("Obstacle")),
    (ObstacleKind.PRODUCT_GAP.value, _("Product gap of the market")),
)
CAUSES: Labels = (
    (Cause.LEGAL.value, _("Law or permit")),
    (Cause.BUDGET.value, _("Budget")),
    (Cause.LAND.value, _("Land or building")),
    (Cause.PROCUREMENT.value, _("Procurement")),
    (Cause.TECHNICAL.value, _("Technology")),
    (Cause.STAFF.value, _("Staff or skills")),
    (Cause.COORDINATION.value, _("Coordination between bodies")),
    (Cause.SUPPLY.value, _("Supply of goods")),
    (Cause.DATA.value, _("Data or exchange of data")),
    (Cause.OTHER.value, _("Something else")),
)
LEVELS: Labels = (
    (Level.BODY.value, _("Body")),
    (Level.COMMITTEE.value, _("Provincial committee")),
    (Level.DEPUTY.value, _("Deputy minister")),
    (Level.COUNCIL.value, _("Council")),
)
STATES: Labels = (
    (ObstacleState.OPEN.value, _("Open")),
    (ObstacleState.IN_REMEDY.value, _("Being removed")),
    (ObstacleState.REMEDIED.value, _("Waits for confirmation")),
    (ObstacleState.CLOSED.value, _("Gone")),
    (ObstacleState.REJECTED.value, _("Rejected")),
    (ObstacleState.MERGED.value, _("Joined with another")),
    (ObstacleState.WITHDRAWN.value, _("Taken back")),
)
STATE_BADGES = {
    "open": "attention",
    "in_remedy": "open",
    "remedied": "info",
    "closed": "done",
    "rejected": "closed",
    "merged": "neutral",
    "withdrawn": "closed",
}
STEPS: Labels = (
    (ObstacleStep.RAISE.value, _("Raised")),
    (ObstacleStep.ASSIGN.value, _("Assigned")),
    (ObstacleStep.CLIMB.value, _("Not removed in time: climbed")),
    (ObstacleStep.HAND_UP.value, _("Handed up")),
    (ObstacleStep.DECIDE.value, _("Decided")),
    (ObstacleStep.PROPOSE_REMEDY.value, _("Remedy proposed")),
    (ObstacleStep.REPORT_REMEDIED.value, _("Said to be gone")),
    (ObstacleStep.CONFIRM.value, _("Confirmed by who raised it")),
    (ObstacleStep.SEND_BACK.value, _("Sent back: still there")),
    (ObstacleStep.REJECT.value, _("Rejected")),
    (ObstacleStep.OBJECT.value, _("Objected to the rejection")),
    (ObstacleStep.MERGE.value, _("Joined with another")),
    (ObstacleStep.WITHDRAW.value, _("Taken back")),
    (ObstacleStep.PUBLISH.value, _("Released to the public")),
    (ObstacleStep.UNPUBLISH.value, _("Taken off the public page")),
    (ObstacleStep.REVISE.value, _("Words corrected")),
)
STEP_BADGES = {
    "raise": "info",
    "assign": "open",
    "climb": "overdue",
    "hand_up": "attention",
    "decide": "done",
    "propose_remedy": "open",
    "report_remedied": "attention",
    "confirm": "done",
    "send_back": "overdue",
    "reject": "closed",
    "object": "attention",
    "merge": "neutral",
    "withdraw": "closed",
    "publish": "info",
    "unpublish": "neutral",
    "revise": "neutral",
}
ANSWERS: Labels = (
    ("", _("Not answered")),
    (ProposalAnswer.ACCEPTED.value, _("Accepted")),
    (ProposalAnswer.PARTLY.value, _("Partly accepted")),
    (ProposalAnswer.REFUSED.value, _("Refused")),
)
ANSWER_BADGES = {"": "missing", "accepted": "done", "partly": "late", "refused": "closed"}
PROPOSAL_LEVELS: Labels = (
    (ProposalLevel.OFFICERS.value, _("Planning officers")),
    (ProposalLevel.DEPUTIES.value, _("Deputies")),
    (ProposalLevel.MINISTER.value, _("Minister")),
)
MEETING_KINDS: Labels = (
    (MeetingKind.GOVERNOR.value, _("Governor's office")),
    (MeetingKind.PARLIAMENT.value, _("Members of parliament")),
    (MeetingKind.COUNCIL.value, _("Local council or committee")),
    (MeetingKind.BODIES.value, _("Other public bodies")),
    (MeetingKind.FIRMS.value, _("Firms and associations")),
    (MeetingKind.OTHER.value, _("Others")),
)
COMMITMENT_STATES: Labels = (
    (CommitmentState.OPEN.value, _("Open")),
    (CommitmentState.KEPT.value, _("Kept")),
    (CommitmentState.BROKEN.value, _("Broken")),
    (CommitmentState.WITHDRAWN.value, pgettext_lazy("commitment", "Withdrawn")),
)
COMMITMENT_BADGES = {"open": "open", "kept": "done", "broken": "overdue", "withdrawn": "closed"}
COMMITMENT_STEPS: Mapping[str, Any] = {
    "made": _("Promised"),
    "moved": _("Date moved"),
    "kept": _("Kept"),
    "broken": _("Broken"),
    "withdrawn": pgettext_lazy("commitment", "Withdrawn"),
}
CRITERIA: Labels = (
    (Criterion.COMPLETENESS.value, _("Complete reports")),
    (Criterion.TIMELINESS.value, _("Reports in time")),
    (Criterion.PROGRESS.value, _("Verified progress")),
    (Criterion.OBSTACLES.value, _("Obstacles removed in time")),
    (Criterion.PLANS.value, _("Quality of plans")),
)
CRITERIA_MEAN: Mapping[str, Any] = {
    Criterion.COMPLETENESS.value: _(
        "Of the reports that were asked for, how many were given and accepted by a reviewer."
    ),
    Criterion.TIMELINESS.value: _("Of the reports that were asked for, how many were given by their date."),
    Criterion.PROGRESS.value: _(
        "How much of the progress that was expected at the end of each period was approved: 100 less the points behind."
    ),
    Criterion.OBSTACLES.value: _(
        "Of the obstacles raised in the period, how many the province removed without a higher level, confirmed by who raised them."
    ),
    Criterion.PLANS.value: _(
        "The quality of the operational plans that were called for; a plan that was not accepted counts as 0."
    ),
}


def word(labels: Labels, value: str) -> str:
    """Give the word of a value, the value itself where there is none."""
    return str(dict(labels).get(value, value))


def badge(labels: Labels, states: Mapping[str, str], value: str) -> SafeString:
    """Show a value as a badge."""
    return ui_badge(states.get(value, "neutral"), word(labels, value))


def language() -> str:
    """Give the language of the page."""
    return (get_language() or "en").split("-")[0]


def name_of(body: Any) -> str:
    """Give a body's name in the language of the page, nothing for no body."""
    return organisations.name_in(body, language()) if body is not None else ""
