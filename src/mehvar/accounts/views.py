"""Show people their own account and what they were told."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mehvar.accounts import actions, queries
from mehvar.accounts.data import NotificationChoice
from mehvar.accounts.forms import ProfileForm
from mehvar.kernel.errors import InputError
from mehvar.ui import notices
from mehvar.ui.data import SummaryRow

if TYPE_CHECKING:
    from mehvar.accounts.models import User

PAGE_SIZE = 25
PROFILE_FIELDS = ("name", "language", "calendar", "notification")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Show a person's profile and take changes to it."""
    user = cast("User", request.user)
    initial = {field: getattr(user, field) for field in PROFILE_FIELDS}
    form = ProfileForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid() and _changed(user, form):
        with translation.override(user.language or translation.get_language()):
            notices.done(request, _("Your profile is saved."))
        response = redirect("accounts:profile")
        response.delete_cookie("django_language")
        return response
    return render(request, "accounts/profile.html", {"form": form, "sign_in": _sign_in_rows(user)})


def _changed(user: User, form: ProfileForm) -> bool:
    """Save the profile, or show why not beside the field."""
    given = form.cleaned_data
    try:
        actions.change_profile(
            user,
            name=given["name"],
            language=given["language"],
            calendar=given["calendar"],
            notification=NotificationChoice(given["notification"]),
        )
    except InputError as wrong:
        form.add_error(wrong.field, str(wrong))
        return False
    return True


def _sign_in_rows(user: User) -> list[SummaryRow]:
    """Say how the person signs in, with the page on which each way is changed."""
    methods = queries.sign_in_methods(user.pk)
    has_password = user.has_usable_password()
    factors = methods.get("totp", 0) + methods.get("webauthn", 0)
    return [
        SummaryRow(_("E-mail address"), user.email),
        SummaryRow(
            _("Password"),
            _("set") if has_password else _("not set"),
            reverse("account_change_password" if has_password else "account_set_password"),
            _("Change"),
        ),
        SummaryRow(
            _("Second factor"), _("set up") if factors else _("not set up"), reverse("mfa_index"), _("Change")
        ),
    ]


@login_required
@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    """List what the person was told, the newest first."""
    user = cast("User", request.user)
    page = Paginator(queries.notifications_of(user.pk), PAGE_SIZE).get_page(request.GET.get("page"))
    page.object_list = queries.notices(list(page.object_list))  # type: ignore[assignment]
    facts = {"page": page, "unread": queries.unread_count(user.pk)}
    return render(request, "accounts/notifications.html", facts)


@login_required
@require_safe
def notification(request: HttpRequest, notification_id: int) -> HttpResponse:
    """Mark one notice as read and go where it leads."""
    return redirect(actions.mark_read(cast("User", request.user).pk, notification_id))


@login_required
@require_POST
def notifications_read(request: HttpRequest) -> HttpResponse:
    """Mark every notice as read."""
    actions.mark_all_read(cast("User", request.user).pk)
    return redirect("accounts:notifications")
