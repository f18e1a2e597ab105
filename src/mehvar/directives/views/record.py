"""Tell the ledger the names of what is recorded about deliberation, and who may read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from mehvar.directives.queries import consultation as drafts
from mehvar.directives.queries import council as councils
from mehvar.directives.queries import lifecycle
from mehvar.directives.views.words import STEPS
from mehvar.kernel.errors import NotFound
from mehvar.ledger.rules import naming, visibility
from mehvar.organisations import queries as organisations

if TYPE_CHECKING:
    from mehvar.accounts.models import User
    from mehvar.ledger.data import Person, Subject

ACTIONS = {
    "directive.keep_edition": _("Keep an edition"),
    "consultation.invite": _("Ask further offices"),
    "consultation.extend": _("Extend the deadline"),
    "consultation.remind": _("Remind the silent offices"),
    "consultation.close": _("Close the consultation"),
    "opinion.submit": _("Give an opinion"),
    "opinion.no_comment": _("No comment"),
    "opinion.withdraw": _("Withdraw an opinion"),
    "opinion.answer": _("Answer an opinion"),
    "opinion.apply": _("Bring the wording into the text"),
    "council.plan": _("Plan a session"),
    "council.change": _("Change the session"),
    "council.agenda": _("Change the agenda"),
    "council.invite": _("Invite the members"),
    "council.begin": _("Begin the session"),
    "council.attendance": _("Note the attendance"),
    "council.conclude": _("Conclude a matter"),
    "council.minutes": _("Write the minutes"),
    "council.resolve": _("Adopt a resolution"),
    "council.close": _("Close the session"),
    "council.cancel": _("Cancel the session"),
    "council.resolution_begin": _("Begin a resolution"),
    "council.resolution_claim": _("Report a resolution as done"),
    "council.resolution_confirm": _("Confirm a resolution"),
    "council.resolution_send_back": _("Send a resolution back"),
    "council.resolution_extend": _("Give a resolution more time"),
    "council.resolution_drop": _("Drop a resolution"),
}


def register() -> None:
    """Register names, addresses and readers; called once when the room is ready."""
    naming.register_actions({**ACTIONS, **{f"directive.{step}": label for step, label in STEPS.items()}})
    naming.register_subject(
        "directive",
        label=_("Directive"),
        address=lambda identifier: reverse("directives:directive", args=[identifier]),
    )
    naming.register_subject(
        "council-session",
        label=_("Council session"),
        address=lambda identifier: reverse("directives:session", args=[identifier]),
    )
    visibility.register_reader("directive", may_read_directive)
    visibility.register_reader("council-session", may_read_session)


def may_read_directive(person: Person, subject: Subject) -> bool:
    """Tell whether a person reads the private entries on a directive: who may view the issuer's drafts."""
    try:
        directive = lifecycle.directive_by_public_id(subject.identifier)
    except NotFound:
        return False
    return drafts.sees_all(organisations.authority_of(cast("User", person)), directive)


def may_read_session(person: Person, subject: Subject) -> bool:
    """Tell whether a person reads the private entries on a session: who may read the session."""
    try:
        session = councils.session_by_public_id(subject.identifier)
    except NotFound:
        return False
    return councils.may_read(organisations.authority_of(cast("User", person)), session)
