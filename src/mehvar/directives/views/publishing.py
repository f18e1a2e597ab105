"""Put the inbox into the navigation and tell the ledger how the acts of promulgation and cascade are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mehvar.directives.queries import cascade
from mehvar.ledger.rules import naming
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.ui import navigation
from mehvar.ui.data import NavigationItem

if TYPE_CHECKING:
    from django.http import HttpRequest

ACTIONS = {
    "directive.published": gettext_lazy("Publish the signed document"),
    "directive.acknowledged": gettext_lazy("Acknowledge a directive"),
    "directive.reminded": gettext_lazy("Remind bodies to acknowledge"),
}


def inbox_item(request: HttpRequest) -> NavigationItem | None:
    """Lead those who act for a body to what it is asked, with how many acknowledgements wait."""
    if not request.user.is_authenticated:
        return None
    authority = organisations.authority_in(request)
    if not permissions.allows(authority, Permission.ACKNOWLEDGE_ASSIGNMENT):
        return None
    return NavigationItem(
        label=_("Inbox"),
        url=reverse("directives:inbox"),
        icon="inbox",
        prefix="/directives/inbox/",
        count=cascade.to_acknowledge(authority).count() or None,
    )


def register() -> None:
    """Register navigation and names; called once when the room is ready."""
    navigation.register(inbox_item, order=10)
    naming.register_actions(ACTIONS)
