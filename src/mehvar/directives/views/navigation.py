"""Put the room's places into the main navigation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from mehvar.directives.queries import consultation
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.ui import navigation
from mehvar.ui.data import NavigationItem

if TYPE_CHECKING:
    from django.http import HttpRequest


def directives_item(request: HttpRequest) -> NavigationItem | None:
    """Lead everybody who is signed in to the directives."""
    if not request.user.is_authenticated:
        return None
    return NavigationItem(
        label=_("Directives"), url=reverse("directives:list"), icon="document", prefix="/directives/"
    )


def duties_item(request: HttpRequest) -> NavigationItem | None:
    """Lead those who draft to the register of duties and themes."""
    if not request.user.is_authenticated:
        return None
    authority = organisations.authority_in(request)
    if not permissions.allows(authority, Permission.VIEW_DRAFTS):
        return None
    return NavigationItem(
        label=_("Duties and themes"),
        url=reverse("directives:duties"),
        icon="gavel",
        prefix="/directives/duties/",
    )


def consultations_item(request: HttpRequest) -> NavigationItem | None:
    """Lead those who speak for an office to what it is asked, with how many rounds wait."""
    if not request.user.is_authenticated:
        return None
    authority = organisations.authority_in(request)
    if not permissions.allows(authority, Permission.GIVE_OPINION):
        return None
    return NavigationItem(
        label=_("Consultations"),
        url=reverse("directives:consultations"),
        icon="comment",
        prefix="/directives/consultations/",
        count=consultation.waiting_invitations(authority).count() or None,
    )


def council_item(request: HttpRequest) -> NavigationItem | None:
    """Lead those who run councils, sit in them or see drafts to the sessions."""
    if not request.user.is_authenticated:
        return None
    authority = organisations.authority_in(request)
    wanted = (Permission.MANAGE_COUNCIL, Permission.GIVE_OPINION, Permission.VIEW_DRAFTS)
    if not any(permissions.allows(authority, permission) for permission in wanted):
        return None
    return NavigationItem(
        label=_("Councils"), url=reverse("directives:council"), icon="users", prefix="/directives/council/"
    )


def register() -> None:
    """Register the room's places; called once when the room is ready."""
    navigation.register(directives_item, order=20)
    navigation.register(consultations_item, order=22)
    navigation.register(council_item, order=23)
    navigation.register(duties_item, order=25)
