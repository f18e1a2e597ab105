"""Register the room with Django."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from django.http import HttpRequest

    from mehvar.organisations.rules.permissions import Permission
    from mehvar.ui.data import NavigationItem


class OrganisationsConfig(AppConfig):
    """Keep the organisation register."""

    name = "mehvar.organisations"
    label = "organisations"
    verbose_name = "Organisations"

    def ready(self) -> None:
        """Put the register and people into the navigation, and ask for second factors at sign-in."""
        from django.contrib.auth.signals import user_logged_in

        from mehvar.organisations.middleware import advise_second_factor
        from mehvar.ui import navigation

        navigation.register(_register_item, order=60)
        navigation.register(_people_item, order=70)
        user_logged_in.connect(advise_second_factor)


def _register_item(request: HttpRequest) -> NavigationItem | None:
    """Lead whoever is signed in to the register."""
    from django.urls import reverse
    from django.utils.translation import gettext as _

    from mehvar.ui.data import NavigationItem

    if not request.user.is_authenticated:
        return None
    return NavigationItem(
        label=_("Organisations"), url=reverse("organisations:list"), icon="building", prefix="/organisations/"
    )


def _people_item(request: HttpRequest) -> NavigationItem | None:
    """Lead administrators to people."""
    from django.urls import reverse
    from django.utils.translation import gettext as _

    from mehvar.organisations.rules.permissions import Permission
    from mehvar.ui.data import NavigationItem

    if not request.user.is_authenticated or not _allowed(request, Permission.MANAGE_PEOPLE):
        return None
    return NavigationItem(label=_("People"), url=reverse("organisations:people"), icon="users")


def _allowed(request: HttpRequest, permission: Permission) -> bool:
    """Tell whether a role of the person permits something anywhere."""
    from mehvar.organisations import queries
    from mehvar.organisations.rules import permissions

    return permissions.allows(queries.authority_in(request), permission)
