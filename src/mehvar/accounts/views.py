"""Show people their own account and what they were told."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from allauth.account.decorators import reauthentication_required
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mehvar.accounts import actions, queries
from mehvar.accounts.actions import tokens as token_actions
from mehvar.accounts.data import NotificationChoice
from mehvar.accounts.forms import ProfileForm, TokenForm
from mehvar.kernel.errors import InputError, MehvarError
from mehvar.ui import notices
from mehvar.ui.data import SummaryRow

if TYPE_CHECKING:
    from mehvar.accounts.models import ApiToken, User

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
        SummaryRow(
            _("Tokens for programs"),
            str(sum(1 for token in queries.tokens_of(user.pk) if token.is_valid)),
            reverse("accounts:tokens"),
            _("Change"),
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


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """List the person's tokens and take the wish for a new one, whose secret text is shown once."""
    if request.method == "POST":
        return cast("HttpResponse", _new_token(request))
    return _tokens_page(request, TokenForm(initial={"valid_days": 90}))


@reauthentication_required  # type: ignore[untyped-decorator]
def _new_token(request: HttpRequest) -> HttpResponse:
    """Issue a token to who has lately shown who it is; the answer is never kept by a browser."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _tokens_page(request, form)
    try:
        token, secret = token_actions.issue_token(
            cast("User", request.user),
            label=form.cleaned_data["label"],
            may_write=form.cleaned_data["may_write"],
            valid_days=form.cleaned_data["valid_days"],
        )
    except MehvarError as wrong:
        form.add_error(wrong.field if wrong.field in form.fields else None, str(wrong))
        return _tokens_page(request, form)
    response = _tokens_page(request, TokenForm(initial={"valid_days": 90}), issued=token, secret=secret)
    response["Cache-Control"] = "no-store"
    return response


def _tokens_page(
    request: HttpRequest, form: TokenForm, *, issued: ApiToken | None = None, secret: str = ""
) -> HttpResponse:
    """Show the tokens, the form and, once, a new token's secret text."""
    facts = {
        "form": form,
        "tokens": queries.tokens_of(cast("User", request.user).pk),
        "issued": issued,
        "secret": secret,
        "breadcrumbs": [(_("Profile"), reverse("accounts:profile")), (_("Tokens"), "")],
    }
    return render(request, "accounts/tokens.html", facts)


@login_required
@require_POST
def token_revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """Make one of the person's tokens useless from now on."""
    token_actions.revoke_token(cast("User", request.user), token_id)
    notices.done(request, _("The token is revoked; no program can use it any more."))
    return redirect("accounts:tokens")
