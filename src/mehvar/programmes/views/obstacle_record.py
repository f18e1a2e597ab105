"""Put obstacles into the navigation, and tell the ledger the names of what is recorded here and who may read it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mehvar.kernel.errors import NotFound
from mehvar.ledger.rules import naming, visibility
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.queries import obstacles, provinces, recognition
from mehvar.programmes.tables.obstacle_words import STEPS
from mehvar.ui import navigation
from mehvar.ui.data import NavigationItem

if TYPE_CHECKING:
    from django.http import HttpRequest

    from mehvar.accounts.models import User
    from mehvar.ledger.data import Person, Subject

ACTIONS = {
    **{f"obstacle.{step}": label for step, label in STEPS},
    "calendar.set": _("Correct the working calendar"),
    "calendar.forget": _("Take back a correction of the working calendar"),
    "proposal.submit": _("Submit a committee's proposal"),
    "proposal.answer": _("Answer a committee's proposal"),
    "proposal.climb": _("Answer late: climbed"),
    "stakeholders.meet": _("Write down a meeting with stakeholders"),
    "stakeholders.promise": _("Keep a commitment"),
    "stakeholders.move_date": _("Move the date of a commitment"),
    "stakeholders.settle": _("Settle a commitment"),
    "recognition.draft": _("Draft a recognition"),
    "recognition.change": _("Change a recognition"),
    "recognition.publish": _("Publish the criteria of a recognition"),
    "recognition.award": _("Award a recognition"),
}


def obstacles_item(request: HttpRequest) -> NavigationItem | None:
    """Lead those who work on obstacles or decide on them to what waits for them, with how many there are."""
    if not request.user.is_authenticated:
        return None
    authority = organisations.authority_in(request)
    wanted = (Permission.HANDLE_OBSTACLE, Permission.DECIDE_OBSTACLE, Permission.AUDIT)
    if not any(permissions.allows(authority, permission) for permission in wanted):
        return None
    return NavigationItem(
        label=gettext("Obstacles"),
        url=reverse("programmes:obstacles"),
        icon="flag",
        prefix="/programmes/obstacles/",
        count=obstacles.waiting_count(authority) or None,
    )


def register() -> None:
    """Register place, names, addresses and readers; called once when the room is ready."""
    navigation.register(obstacles_item, order=32)
    naming.register_actions(ACTIONS)
    for subject, label, name in (
        ("obstacle", _("Obstacle"), "programmes:obstacle"),
        ("committee-proposal", _("Proposal of a committee"), "programmes:proposal"),
        ("stakeholder-meeting", _("Meeting with stakeholders"), "programmes:stakeholder_meeting"),
        ("recognition", _("Recognition"), "programmes:recognition_edition"),
    ):
        naming.register_subject(subject, label=label, address=partial(_address, name))
    naming.register_subject(
        "working-calendar",
        label=_("Working calendar"),
        address=lambda _country: reverse("programmes:working_days"),
    )
    for subject in _READ:
        visibility.register_reader(subject, may_read)


def _address(name: str, identifier: str) -> str:
    return reverse(name, args=[identifier])


_READ = {
    "obstacle": obstacles.visible_obstacle,
    "committee-proposal": provinces.visible_proposal,
    "stakeholder-meeting": provinces.visible_meeting,
    "recognition": recognition.visible_edition,
}


def may_read(person: Person, subject: Subject) -> bool:
    """Tell whether a person reads the private entries on something: who may see it."""
    try:
        _READ[subject.type](organisations.authority_of(cast("User", person)), subject.identifier)
    except NotFound:
        return False
    return True
