"""Put programmes and calls for plans into the main navigation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.queries import plans
from mehvar.ui import navigation
from mehvar.ui.data import NavigationItem

if TYPE_CHECKING:
    from django.http import HttpRequest


def programmes_item(request: HttpRequest) -> NavigationItem | None:
    """Lead everybody who follows progress to the programmes."""
    if not _follows(request):
        return None
    return NavigationItem(
        label=_("Programmes"), url=reverse("programmes:programmes"), icon="flag", prefix="/programmes/"
    )


def plans_item(request: HttpRequest) -> NavigationItem | None:
    """Lead those who file plans to the calls, with how many plans wait for them."""
    if not _follows(request):
        return None
    authority = organisations.authority_in(request)
    if not permissions.allows(authority, Permission.FILE_PLAN):
        return None
    return NavigationItem(
        label=_("Plans"),
        url=reverse("programmes:calls"),
        icon="edit",
        prefix="/programmes/calls/",
        count=plans.waiting_plans(authority).count() or None,
    )


def _follows(request: HttpRequest) -> bool:
    if not request.user.is_authenticated:
        return False
    return permissions.allows(organisations.authority_in(request), Permission.VIEW_PROGRESS)


def register() -> None:
    """Register the room's places; called once when the room is ready."""
    navigation.register(programmes_item, order=30)
    navigation.register(plans_item, order=31)
