"""Find out who asks, and give only what that person may read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.internal.flows import reauthentication
from django.conf import settings

from mehvar.directives.models import Directive
from mehvar.directives.queries import consultation, directives, lifecycle
from mehvar.kernel.errors import NotFound, NotPermitted, gettext_noop
from mehvar.organisations import queries as organisations

if TYPE_CHECKING:
    from django.http import HttpRequest


def readable(request: HttpRequest, public_id: str) -> Directive:
    """Give a directive that the person may read: promulgated, in one's own scope, or asked to speak on.

    Raises:
        NotFound: There is none, or not for this person.
    """
    authority = organisations.authority_in(request)
    found = (
        directives.visible(authority).select_related("issuer", "theme").filter(public_id=public_id).first()
    )
    if found is not None:
        return found
    draft = lifecycle.directive_by_public_id(public_id)
    if not consultation.may_read_draft(authority, draft):
        raise NotFound(gettext_noop("There is no such directive."), code="unknown-directive")
    return draft


def require_fresh_sign_in(request: HttpRequest) -> None:
    """Ask a browser's session to have shown lately who it is, as the pages do before a signature.

    A token was given after such a proof and carries its own right to write.

    Raises:
        NotPermitted: The session's last proof is too old.
    """
    if "Authorization" not in request.headers and not reauthentication.did_recently_reauthenticate(request):
        raise NotPermitted(
            gettext_noop("Confirm first on the page who you are."), code="fresh-sign-in-needed"
        )


def address_of(path: str) -> str:
    """Give the whole address of a page."""
    return f"{settings.MEHVAR_BASE_URL.rstrip('/')}{path}"
