"""Show members and their subsystems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mehvar.exchange.data.control import MemberState
from mehvar.exchange.queries import names, scope
from mehvar.exchange.tables import words
from mehvar.exchange.tables.members import MemberTable
from mehvar.exchange.views import member_sections as sections
from mehvar.exchange.views import member_steps as steps
from mehvar.exchange.views.objects import Page, facts, home, on_record, show, start, viewer
from mehvar.ui.reader import reader_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from mehvar.exchange.models import Member
    from mehvar.ui.data import SummaryRow


@login_required
@require_safe
def member_list(request: HttpRequest) -> HttpResponseBase:
    """List the members that take part, and one's own in any state."""
    authority = viewer(request)
    table = MemberTable(scope.visible_members(authority), request)
    context = {
        "may_apply": bool(steps.bodies_to_apply(authority)),
        "sees_applications": scope.sees_all(authority),
        "breadcrumbs": [home()],
        "page_wide": True,
    }
    return table.respond("exchange/members.html", context)


@login_required
@require_safe
def member_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show one member: state, systems, certificates, agreements, and what one may do."""
    authority = viewer(request)
    row = scope.visible_member(authority, public_id)
    is_inside = scope.manages(authority, row) or scope.sees_all(authority)
    page = Page(
        words.name_of(row.organisation),
        state=words.badge(words.MEMBERS, row.state),
        name=names.member_name(row),
        facts=_facts(request, row),
        sections=[
            sections.subsystems(row, may_add=scope.manages(authority, row)),
            *([sections.certificates(row, None, may_add=scope.manages(authority, row))] if is_inside else []),
            sections.agreements(authority, row),
        ],
        offers=steps.member_offers(authority, row),
    )
    start(page, subsystems="subsystem", certificates="certificate")
    on_record(page, "exchange-member", row.public_id, is_public=True)
    return show(request, page, [(_("Members"), reverse("exchange:members"))])


def _facts(request: HttpRequest, row: Member) -> list[SummaryRow]:
    reader = reader_of(request)
    contact = " · ".join(filter(None, (row.contact_name, row.contact_email)))
    return facts(
        (_("Who answers for it"), contact),
        (_("Applied on"), reader.moment(row.applied_at)),
        (_("Decided on"), reader.moment(row.decided_at) if row.decided_at else ""),
        (_("Reason"), row.decision_note if row.state != MemberState.APPROVED else ""),
    )


@login_required
@require_safe
def subsystem_page(request: HttpRequest, public_id: str, code: str) -> HttpResponse:
    """Show one subsystem: services, keys, certificates, and the rights both ways."""
    authority = viewer(request)
    row = scope.visible_subsystem(authority, public_id, code)
    manages = scope.manages(authority, row.member)
    is_inside = manages or scope.sees_all(authority)
    page = Page(
        row.name,
        state=words.badge(words.SUBSYSTEMS, row.state),
        name=names.client_name(row),
        text=row.description,
        sections=[sections.services(authority, row, may_add=manages)],
        offers=steps.subsystem_offers(authority, row),
    )
    if is_inside:
        page.sections += [
            sections.rights_held(row),
            sections.keys(row, may_add=manages),
            sections.certificates(row.member, row, may_add=manages),
            sections.networks(row, may_add=scope.operates(authority), may_remove=manages),
            sections.groups(row),
        ]
    start(page, services="service", keys="key", certificates="certificate", networks="network")
    on_record(page, "exchange-member", row.member.public_id, is_public=True)
    crumbs = [
        (_("Members"), reverse("exchange:members")),
        (words.name_of(row.member.organisation), reverse("exchange:member", args=[row.member.public_id])),
    ]
    return show(request, page, crumbs)


urlpatterns = [
    path("members/", member_list, name="members"),
    path("members/<slug:public_id>/", member_page, name="member"),
    path("members/<slug:public_id>/s/<str:code>/", subsystem_page, name="subsystem"),
]
