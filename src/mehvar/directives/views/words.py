"""Name states, kinds and steps for people, with the badge that shows each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mehvar.directives.rules.lifecycle import Step
from mehvar.ui import components

Words = Mapping[str, tuple[str, Any]]

DIRECTIVE_STATES: Words = {
    "draft": ("draft", _("Draft")),
    "consultation": ("open", _("In consultation")),
    "council": ("open", _("Before the council")),
    "revision": ("draft", _("In revision")),
    "awaiting_approval": ("attention", _("Waits for approval")),
    "approved": ("info", pgettext_lazy("directive", "Approved")),
    "promulgated": ("done", _("Promulgated")),
    "amended": ("done", _("Amended")),
    "superseded": ("closed", _("Superseded")),
    "withdrawn": ("closed", _("Withdrawn")),
}
OFFICE_STATES: Words = {
    "waiting": ("open", _("Still has time")),
    "answered": ("done", _("Answered")),
    "no_comment": ("done", _("No comment")),
    "late": ("late", _("Answered late")),
    "silent": ("overdue", _("Silent")),
}
OPINION_KINDS: Words = {
    "opinion": ("info", _("Opinion")),
    "proposal": ("attention", _("Proposal")),
}
ANSWERS: Words = {
    "": ("missing", _("Not answered")),
    "accepted": ("done", _("Accepted")),
    "partly": ("late", _("Partly accepted")),
    "refused": ("closed", _("Refused")),
    "noted": ("neutral", _("Noted")),
}
SESSION_STATES: Words = {
    "planned": ("open", _("Planned")),
    "in_session": ("attention", _("In session")),
    "closed": ("done", _("Closed")),
    "cancelled": ("closed", _("Cancelled")),
}
DECISIONS: Words = {
    "passed": ("done", _("Passed on to the minister")),
    "returned": ("attention", _("Returned for revision")),
    "postponed": ("open", _("Postponed")),
    "noted": ("neutral", _("Noted")),
}
RESOLUTION_STATES: Words = {
    "open": ("open", _("Open")),
    "in_progress": ("open", _("In progress")),
    "claimed": ("attention", _("Reported as done")),
    "done": ("done", _("Done")),
    "dropped": ("closed", _("Dropped")),
}
RESOLUTION_EVENTS: Words = {
    "adopt": ("info", _("Adopted")),
    "begin": ("open", _("Work has begun")),
    "claim": ("attention", _("Reported as done")),
    "confirm": ("done", _("Confirmed")),
    "send_back": ("overdue", _("Sent back")),
    "extend": ("late", _("Given more time")),
    "drop": ("closed", _("Dropped")),
}
CAPACITIES: Mapping[str, Any] = {
    "chair": _("Chair"),
    "vice_chair": _("Vice-chair"),
    "deputy_chair": _("Deputy chair"),
    "member": _("Member"),
    "secretary": _("Secretary"),
    "observer": _("Observer"),
}
STEPS: Mapping[str, Any] = {
    Step.OPEN_CONSULTATION.value: _("Open a consultation"),
    Step.PUT_TO_COUNCIL.value: _("Put before the council"),
    Step.START_REVISION.value: _("Revise the text"),
    Step.COUNCIL_RETURNS.value: _("Returned by the council"),
    Step.COUNCIL_PASSES.value: _("Passed on by the council"),
    Step.SUBMIT_FOR_APPROVAL.value: _("Submit for approval"),
    Step.RECALL.value: _("Take back for revision"),
    Step.APPROVE.value: pgettext_lazy("directive", "Approve"),
    Step.RETURN.value: _("Return for revision"),
    Step.PROMULGATE.value: _("Promulgate"),
    Step.AMEND.value: _("Amend"),
    Step.SUPERSEDE.value: _("Supersede"),
    Step.WITHDRAW.value: _("Withdraw"),
}


def badge(words: Words, value: str) -> SafeString:
    """Show a value of a table of words as a badge; an unknown one as its own name."""
    state, label = words.get(value, ("neutral", value))
    return components.badge(state, label)


def label(words: Words, value: str) -> str:
    """Give the word of a value."""
    return str(words.get(value, ("", value))[1])
