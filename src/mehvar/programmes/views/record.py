"""Tell the ledger the names of what is recorded about programmes and plans, and who may read it: who may see the thing itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from mehvar.ledger.rules import naming, visibility
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.queries import plans, programmes

if TYPE_CHECKING:
    from mehvar.accounts.models import User
    from mehvar.ledger.data import Person, Subject
    from mehvar.organisations.data import Authority

ACTIONS = {
    "programme.create": _("Begin a draft"),
    "programme.edit": _("Edit the programme"),
    "programme.objectives": _("Write the objectives"),
    "programme.gather": _("Gather measures"),
    "programme.measure": _("Write a measure"),
    "programme.measure_edit": _("Edit a measure"),
    "programme.measure_remove": _("Take a measure out"),
    "programme.begin": _("Begin the programme"),
    "programme.finish": _("Finish the programme"),
    "programme.reopen": _("Go on with the programme"),
    "programme.close": _("Close the programme"),
    "programme.from_template": _("Start from a template"),
    "template.make": _("Keep a template"),
    "plan-call.open": _("Call for plans"),
    "plan-call.further": _("Ask further bodies"),
    "plan-call.extend": _("Extend the deadline"),
    "plan-call.remind": _("Remind the silent"),
    "plan-call.close": _("Close the call"),
    "plan.submit": _("Submit a plan"),
    "plan.take_back": _("Take a plan back"),
    "plan.return": _("Return a plan"),
    "plan.accept": _("Accept a plan"),
}


def register() -> None:
    """Register names, addresses and readers; called once when the room is ready."""
    naming.register_actions(ACTIONS)
    naming.register_subject(
        "programme", label=_("Programme"), address=lambda key: reverse("programmes:programme", args=[key])
    )
    naming.register_subject(
        "plan-call", label=_("Call for plans"), address=lambda key: reverse("programmes:call", args=[key])
    )
    naming.register_subject(
        "plan", label=_("Plan"), address=lambda key: reverse("programmes:plan", args=[key])
    )
    naming.register_subject(
        "programme-template",
        label=_("Template"),
        address=lambda key: reverse("programmes:template", args=[key]),
    )
    visibility.register_reader("programme", may_read_programme)
    visibility.register_reader("plan-call", may_read_call)
    visibility.register_reader("plan", may_read_plan)
    visibility.register_reader("programme-template", may_read_template)


def _authority(person: Person) -> Authority:
    return organisations.authority_of(cast("User", person))


def may_read_programme(person: Person, subject: Subject) -> bool:
    """Tell whether a person reads the entries on a programme: who watches over its lead body, since they name all bodies."""
    authority = _authority(person)
    rows = programmes.visible_programmes(authority).select_related("organisation")
    found = rows.filter(public_id=subject.identifier).first()
    return found is not None and programmes.sees_all(authority, found)


def may_read_call(person: Person, subject: Subject) -> bool:
    """Tell whether a person reads the entries on a call: who watches over the body that calls."""
    authority = _authority(person)
    rows = plans.visible_calls(authority).select_related("programme__organisation")
    found = rows.filter(public_id=subject.identifier).first()
    return found is not None and programmes.sees_all(authority, found.programme)


def may_read_plan(person: Person, subject: Subject) -> bool:
    """Tell whether a person reads the entries on a plan: who may see it."""
    return plans.visible_plans(_authority(person)).filter(public_id=subject.identifier).exists()


def may_read_template(person: Person, _subject: Subject) -> bool:
    """Tell whether a person reads the entries on a template: who manages programmes."""
    return permissions.allows(_authority(person), Permission.MANAGE_PROGRAMMES)
