"""Show committees, and take their establishment, changes, members and end."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mehvar.accounts import queries as accounts
from mehvar.kernel import clock
from mehvar.organisations import actions, forms, queries
from mehvar.organisations.data import Capacity, CommitteeKind
from mehvar.organisations.models import Committee, CommitteeMember
from mehvar.organisations.queries import words
from mehvar.organisations.rules.permissions import Permission
from mehvar.organisations.tables import CommitteeTable, body_url, committee_rows
from mehvar.organisations.views.answers import act_once, answer, may, refuse_unless
from mehvar.ui.data import SummaryRow
from mehvar.ui.reader import reader_of

form_methods = require_http_methods(["GET", "HEAD", "POST"])


def committee_url(committee_id: int) -> str:
    """Give the address of a committee's page."""
    return reverse("organisations:committee", args=[committee_id])


@login_required
@require_safe
def committee_list(request: HttpRequest) -> HttpResponseBase:
    """List committees."""
    return CommitteeTable(committee_rows(), request).respond("organisations/committees.html")


@login_required
@require_safe
def committee(request: HttpRequest, committee_id: int) -> HttpResponse:
    """Show a committee: mandate, quorum, who sits on it."""
    found = queries.committee(committee_id)
    reader = reader_of(request)
    open_and_mine = found.dissolved_on is None and may(
        request, Permission.MANAGE_COMMITTEES, found.organisation.path
    )
    facts = {
        "committee": found,
        "facts": [
            SummaryRow(_("Body"), queries.name_in(found.organisation, reader.language)),
            SummaryRow(_("Kind"), words.word(words.COMMITTEE_WORDS, found.kind)),
            SummaryRow(_("Quorum"), reader.percent(found.quorum / 100)),
            SummaryRow(_("Established on"), reader.date(found.established_on)),
            SummaryRow(_("Dissolved on"), reader.date(found.dissolved_on)),
        ],
        "body_url": body_url(found.organisation.code),
        "members": _members(found, reader.language),
        "may_change": open_and_mine,
        "history_url": reverse("ledger:history", args=["committee", str(found.pk)]),
    }
    return render(request, "organisations/committee.html", facts)


def _members(found: Committee, language: str) -> list[dict[str, Any]]:
    """Give who sits on a committee today."""
    order = list(Capacity)
    rows = queries.members_of_committee(found.pk)
    return [
        {
            **row,
            "who": row["user__name"] or row["office"],
            "body": queries.name_in(row, language, prefix="organisation__") if row["organisation_id"] else "",
            "capacity_word": words.word(words.CAPACITY_WORDS, row["capacity"]),
        }
        for row in sorted(rows, key=lambda row: order.index(Capacity(row["capacity"])))
    ]


@login_required
@form_methods
def establish(request: HttpRequest, code: str) -> HttpResponse:
    """Take a new committee of a body."""
    body = queries.organisation(code)
    refuse_unless(request, Permission.MANAGE_COMMITTEES, body.path)
    form = forms.CommitteeForm(request.POST or None, initial={"established_on": clock.today()})
    return answer(
        request,
        form,
        lambda given: actions.establish_committee(
            accounts.person_in(request),
            organisation_id=body.pk,
            kind=CommitteeKind(given["kind"]),
            name=given["name"],
            mandate=given["mandate"],
            quorum=given["quorum"],
            established_on=given["established_on"],
        ),
        title=_("New committee of %(name)s") % {"name": queries.name_in(body, get_language() or "en")},
        done=_("The committee is established."),
        url=lambda made: committee_url(made.pk),
        action=_("Establish"),
        cancel_url=body_url(code),
    )


def _mine(request: HttpRequest, committee_id: int) -> Committee:
    """Give a committee that the person manages.

    Raises:
        NotFound: There is no such committee.
        NotPermitted: No role permits it.
    """
    found = queries.committee(committee_id)
    refuse_unless(request, Permission.MANAGE_COMMITTEES, found.organisation.path)
    return found


def _version(committee_id: int) -> int:
    """Give a committee's present version."""
    return Committee.objects.values_list("version", flat=True).get(pk=committee_id)


@login_required
@form_methods
def change(request: HttpRequest, committee_id: int) -> HttpResponse:
    """Take changes to a committee's name, mandate and quorum."""
    found = _mine(request, committee_id)
    initial = {field: getattr(found, field) for field in ("version", "name", "mandate", "quorum")}
    form = forms.ChangeCommitteeForm(request.POST or None, initial=initial)
    return answer(
        request,
        form,
        lambda given: actions.change_committee(accounts.person_in(request), committee_id, **given),
        title=_("Edit %(name)s") % {"name": found.name},
        done=_("Saved."),
        url=committee_url(committee_id),
        action=_("Save"),
        cancel_url=committee_url(committee_id),
        fresh_version=lambda: _version(committee_id),
    )


@login_required
@form_methods
def dissolve(request: HttpRequest, committee_id: int) -> HttpResponse:
    """Take the end of a committee."""
    found = _mine(request, committee_id)
    form = forms.DissolveForm(request.POST or None, initial={"version": found.version, "on": clock.today()})
    return answer(
        request,
        form,
        lambda given: actions.dissolve_committee(accounts.person_in(request), committee_id, **given),
        title=_("Dissolve %(name)s") % {"name": found.name},
        lead=_("Its memberships end on the same day. What it decided stays on record."),
        done=_("The committee is dissolved."),
        url=committee_url(committee_id),
        action=_("Dissolve"),
        cancel_url=committee_url(committee_id),
        fresh_version=lambda: _version(committee_id),
    )


@login_required
@form_methods
def seat(request: HttpRequest, committee_id: int) -> HttpResponse:
    """Take a new member."""
    found = _mine(request, committee_id)
    form = forms.MemberForm(request.POST or None, initial={"capacity": Capacity.MEMBER.value})

    def act(given: Any) -> CommitteeMember:
        user, body = given["user"], given["organisation"]
        return actions.seat_member(
            accounts.person_in(request),
            committee_id,
            capacity=Capacity(given["capacity"]),
            user_id=user.pk if user else None,
            organisation_id=body.pk if body else None,
            office=given["office"],
            valid_from=given["valid_from"],
        )

    return answer(
        request,
        form,
        act,
        title=_("New member of %(name)s") % {"name": found.name},
        done=_("The member is seated."),
        url=committee_url(committee_id),
        action=_("Seat the member"),
        cancel_url=committee_url(committee_id),
    )


@login_required
@require_POST
def release(request: HttpRequest, member_id: int) -> HttpResponse:
    """End a membership today."""
    member = get_object_or_404(CommitteeMember, pk=member_id)
    return act_once(
        request,
        lambda: actions.release_member(accounts.person_in(request), member_id),
        done=_("The membership has ended."),
        url=committee_url(member.committee_id),
    )
