"""Administer people within one's own subtree: invite, close, open, give and end positions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mehvar.accounts import queries as accounts
from mehvar.accounts.data import Role
from mehvar.kernel import clock, errors
from mehvar.organisations import actions, forms, queries
from mehvar.organisations.queries import words
from mehvar.organisations.rules.permissions import Permission
from mehvar.organisations.tables import PersonTable, body_url, person_url
from mehvar.organisations.views.answers import act_once, answer, may, refuse_unless
from mehvar.ui.data import SummaryRow
from mehvar.ui.reader import Reader, reader_of

if TYPE_CHECKING:
    from mehvar.accounts.models import User

form_methods = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@require_safe
def person_list(request: HttpRequest) -> HttpResponseBase:
    """List the people whom one administers."""
    refuse_unless(request, Permission.MANAGE_PEOPLE)
    people = queries.people_within(queries.authority_in(request))
    return PersonTable(people, request).respond("organisations/people.html", {"page_wide": True})


def _administered(request: HttpRequest, user_id: int) -> User:
    """Give a person whom one administers, wholly or by one position.

    Raises:
        NotFound: There is no such person, or none whom one administers.
    """
    refuse_unless(request, Permission.MANAGE_PEOPLE)
    if not queries.people_within(queries.authority_in(request)).filter(pk=user_id).exists():
        raise errors.NotFound("There is no such person.", code="unknown-person")
    return accounts.person(user_id)


@login_required
@require_safe
def person(request: HttpRequest, user_id: int) -> HttpResponse:
    """Show a person's account and positions."""
    found = _administered(request, user_id)
    reader = reader_of(request)
    facts = {
        "person": found,
        "facts": _facts(found, reader),
        "positions": _positions(request, user_id),
        "may_close": queries.administers(queries.authority_in(request), user_id) and found != request.user,
        "waits": found.last_login is None and found.is_active,
        "history_url": reverse("ledger:history", args=["person", str(user_id)]),
    }
    return render(request, "organisations/person.html", facts)


def _facts(found: User, reader: Reader) -> list[SummaryRow]:
    """Say what is known of an account."""
    return [
        SummaryRow(_("E-mail address"), found.email),
        SummaryRow(
            _("Account"), pgettext("account", "open") if found.is_active else pgettext("account", "closed")
        ),
        SummaryRow(_("Invited"), reader.moment(found.invited_at)),
        SummaryRow(_("Last signed in"), reader.moment(found.last_login)),
        SummaryRow(
            _("Second factor"), _("set up") if accounts.has_second_factor(found.pk) else _("not set up")
        ),
    ]


def _positions(request: HttpRequest, user_id: int) -> list[dict[str, Any]]:
    """Give every position a person holds or held, with whether one may end it."""
    language, today = get_language() or "en", clock.today()
    return [
        {
            **row,
            "role_word": words.word(words.ROLE_WORDS, row["role"]),
            "body": queries.name_in(row, language, prefix="organisation__"),
            "url": body_url(row["organisation__code"]),
            "may_end": (row["valid_to"] is None or row["valid_to"] > today)
            and may(request, Permission.MANAGE_PEOPLE, row["organisation__path"]),
        }
        for row in queries.positions_held(user_id)
    ]


@login_required
@form_methods
def invite(request: HttpRequest) -> HttpResponse:
    """Take an invitation into a position."""
    refuse_unless(request, Permission.MANAGE_PEOPLE)
    initial = {"organisation": request.GET.get("at", ""), "language": get_language()}
    form = forms.InvitationForm(request.POST or None, initial=initial)
    return answer(
        request,
        form,
        lambda given: actions.invite_into_position(
            accounts.person_in(request),
            email=given["email"],
            name=given["name"],
            language=given["language"],
            organisation_id=given["organisation"].pk,
            role=Role(given["role"]),
            title=given["title"],
        ),
        title=_("Invite a person"),
        lead=_("The person gets an e-mail with a link for setting a password; it holds for three days."),
        done=_("The invitation is on its way."),
        url=lambda made: person_url(made.pk),
        action=_("Invite"),
        cancel_url=reverse("organisations:people"),
    )


@login_required
@form_methods
def give(request: HttpRequest, user_id: int) -> HttpResponse:
    """Take one more position for a person."""
    found = _administered(request, user_id)
    form = forms.PositionForm(request.POST or None, initial={"valid_from": clock.today()})
    return answer(
        request,
        form,
        lambda given: actions.give_position(
            accounts.person_in(request),
            user_id=user_id,
            organisation_id=given["organisation"].pk,
            role=Role(given["role"]),
            title=given["title"],
            valid_from=given["valid_from"],
            valid_to=given["valid_to"],
        ),
        title=_("A position for %(name)s") % {"name": found.name},
        lead=_("The role counts for the body and for all below it."),
        done=_("The position is given."),
        url=person_url(user_id),
        action=_("Give the position"),
        cancel_url=person_url(user_id),
    )


@login_required
@require_POST
def end(request: HttpRequest, user_id: int, position_id: int) -> HttpResponse:
    """End a position today."""
    _administered(request, user_id)
    return act_once(
        request,
        lambda: actions.end_position(accounts.person_in(request), position_id),
        done=_("The position has ended."),
        url=person_url(user_id),
    )


def _switch(act: Callable[[User, int], Any], done: Any) -> Callable[[HttpRequest, int], HttpResponse]:
    """Make the view of a single button on a person's page."""

    @login_required
    @require_POST
    def view(request: HttpRequest, user_id: int) -> HttpResponse:
        _administered(request, user_id)
        return act_once(
            request, lambda: act(accounts.person_in(request), user_id), done=done, url=person_url(user_id)
        )

    return view


close = _switch(actions.close_account, gettext_lazy("The account is closed."))
open_again = _switch(actions.open_account, gettext_lazy("The account is open again."))
invite_again = _switch(actions.invite_again, gettext_lazy("A new invitation is on its way."))
