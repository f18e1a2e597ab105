"""Enter in the ledger how people sign in, and how it fails, without telling which addresses exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F

from mehvar.accounts import rules
from mehvar.accounts.actions.people import subject_of
from mehvar.accounts.models import User
from mehvar.kernel import clock
from mehvar.ledger import actions as ledger

if TYPE_CHECKING:
    from django.http import HttpRequest


def signed_in(request: HttpRequest, user: User, **_rest: Any) -> None:
    """Record that a person signed in, how, and after how many failures; the count begins anew."""
    previous = user.last_seen_at
    request.session["previous_visit"] = previous.isoformat() if previous else ""
    methods = [
        str(step.get("method", "")) for step in request.session.get("account_authentication_methods", [])
    ]
    with transaction.atomic():
        failures = User.objects.values_list("failed_sign_ins", flat=True).get(pk=user.pk)
        User.objects.filter(pk=user.pk).update(failed_sign_ins=0, last_seen_at=clock.now())
        _record(
            user, "person.signed-in", {"failures_before": failures, "methods": sorted(filter(None, methods))}
        )


def failed_to_sign_in(credentials: dict[str, Any], **_rest: Any) -> None:
    """Count a failed sign-in of a known person; every fifth in a row is recorded. Unknown addresses leave nothing."""
    email = credentials.get("email") or credentials.get("username")
    user = User.objects.filter(email__iexact=email).first() if email else None
    if user is None:
        return
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(failed_sign_ins=F("failed_sign_ins") + 1)
        user.refresh_from_db(fields=["failed_sign_ins"])
        if rules.failures_are_told(user.failed_sign_ins):
            _record(user, "person.sign-in-failed", {"failures": user.failed_sign_ins})


def factor_added(user: User, authenticator: Any, **_rest: Any) -> None:
    """Record that a person set up a second factor."""
    _record(user, "person.second-factor-added", {"kind": str(authenticator.type)})


def factor_removed(user: User, authenticator: Any, **_rest: Any) -> None:
    """Record that a person removed a second factor."""
    _record(user, "person.second-factor-removed", {"kind": str(authenticator.type)})


def password_chosen(user: User, **_rest: Any) -> None:
    """Record that a person chose a new password."""
    _record(user, "person.password-chosen", {})


def _record(user: User, action: str, content: dict[str, Any]) -> None:
    """Enter what a person did with their own account."""
    with transaction.atomic():
        ledger.record(actor=user.as_actor(), action=action, subject=subject_of(user), content=content)
