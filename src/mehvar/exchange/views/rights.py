"""Show who may ask what as a matrix, one right, groups of clients, and quotas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from mehvar.exchange.actions import groups, limits, rights
from mehvar.exchange.forms import steps as forms
from mehvar.exchange.models import AccessRight, ClientGroup, Quota
from mehvar.exchange.queries import matrix, names, scope, standing
from mehvar.exchange.queries import members as belonging
from mehvar.exchange.tables import phrases, words
from mehvar.exchange.tables.members import QuotaTable
from mehvar.exchange.views import member_sections, steps
from mehvar.exchange.views.objects import (
    LONG,
    Line,
    Offer,
    Page,
    Section,
    facts,
    home,
    on_record,
    person,
    show,
    viewer,
)
from mehvar.exchange.views.steps import Step
from mehvar.kernel.text import fold_for_search
from mehvar.ui.reader import reader_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from mehvar.organisations.data import Authority


@login_required
@require_safe
def rights_page(request: HttpRequest) -> HttpResponse:
    """Show who may ask what: clients below one another, services side by side."""
    authority = viewer(request)
    asked = request.GET.get("q", "")[:200]
    found = matrix.rights_matrix(authority, words=fold_for_search(asked))
    rows = [
        (client, [_cell(found.rights.get((client.pk, service.pk), ())) for service in found.services])
        for client in found.clients
    ]
    context = {
        "services": found.services,
        "rows": rows,
        "asked": asked,
        "is_cut": found.is_cut,
        "breadcrumbs": [home()],
        "page_wide": True,
    }
    return render(request, "exchange/rights.html", context)


def _cell(held: Any) -> dict[str, Any]:
    """Give what stands in one place of the matrix: whole, in part, or no longer."""
    if not held:
        return {}
    first = held[0]
    stands = {standing.of_agreement(one.agreement) for one in held}
    state = "valid" if "valid" in stands else min(stands)
    is_whole = any(one.endpoint is None for one in held)
    title = gettext("whole") if is_whole else gettext("in part")
    state_word = words.word(words.AGREEMENTS, state)
    return {
        "url": reverse("exchange:right", args=[first.public_id]),
        "badge": words.badge(((state, title if state == "valid" else state_word),), state),
        "is_group": first.group is not None,
    }


@login_required
@require_safe
def right_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show one right."""
    authority = viewer(request)
    row = _right(authority, public_id)
    reader = reader_of(request)
    page = Page(
        row.service.title,
        state=words.badge(words.RIGHTS, "revoked" if row.revoked_at else "held"),
        name=names.service_name(row.service),
        facts=[
            *facts(
                (_("Who may ask"), _holder(row)),
                (_("What may be asked"), str(row.endpoint) if row.endpoint else _("the whole service")),
                (_("Offered by"), words.name_of(row.service.subsystem.member.organisation)),
                (_("Purpose"), row.agreement.purpose),
                (_("Legal basis"), row.agreement.legal_basis),
                (_("Granted on"), reader.moment(row.granted_at)),
                (_("Revoked on"), reader.moment(row.revoked_at) if row.revoked_at else ""),
                (_("Reason"), row.revoke_reason),
            )
        ],
        sections=[Section(_("Agreement"), [_agreement_line(row)], anchor="agreement")],
        offers=steps.offers(
            RIGHT_STEPS, row, authority, lambda slug: reverse("exchange:right_step", args=[public_id, slug])
        ),
    )
    on_record(page, "exchange-right", public_id, is_public=True)
    return show(request, page, [(gettext("Who may ask what"), reverse("exchange:rights"))])


def _holder(row: AccessRight) -> str:
    """Name who holds a right: the system with its body and its name in the protocol, or the group."""
    client = row.subsystem
    if client is None:
        return phrases.joined([row.group.name, row.group.code]) if row.group else ""
    return phrases.joined([client.name, words.name_of(client.member.organisation), names.client_name(client)])


def _agreement_line(row: AccessRight) -> Line:
    address = reverse("exchange:agreement", args=[row.agreement.public_id])
    state = words.badge(words.AGREEMENTS, standing.of_agreement(row.agreement))
    return Line(row.agreement.title, address, state=state)


def _right(authority: Authority, public_id: str) -> AccessRight:
    rows = scope.visible_rights(authority).select_related(*belonging.RIGHT_RELATED)
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise scope.missing("right")
    return found


RIGHT_STEPS: steps.Steps = {
    "revoke": Step(
        _("Revoke it"),
        lambda user, row, given: rights.revoke(user, row.public_id, reason=given["reason"]),
        lambda row, authority: (
            row.revoked_at is None and scope.manages(authority, row.service.subsystem.member)
        ),
        forms.ReasonForm,
        (_("The next call is refused."), _("This is on public record.")),
        danger=True,
    )
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def right_step(request: HttpRequest, public_id: str, step: str) -> HttpResponse:
    """Take a step with a right."""
    authority = viewer(request)
    row = _right(authority, public_id)
    return steps.take(
        request,
        RIGHT_STEPS,
        step,
        row,
        authority=authority,
        user=person(request),
        back=reverse("exchange:right", args=[public_id]),
        text=f"{phrases.title(str(row.subsystem or row.group))} → {phrases.title(row.service.title)}",
    )


@login_required
@require_safe
def group_list(request: HttpRequest) -> HttpResponse:
    """List the groups of clients."""
    authority = viewer(request)
    lines = [
        Line(one.name, reverse("exchange:group", args=[one.code]), one.code, hint=one.description)
        for one in ClientGroup.objects.order_by("name")
    ]
    page = Page(
        _("Groups of clients"),
        text=gettext("A right that is granted to a group is held by each of its members."),
        sections=[Section(_("Groups"), lines, _("None yet."), anchor="groups")],
    )
    if scope.operates(authority):
        page.offers = [Offer(_("Create a group"), reverse("exchange:group_new"), is_main=True)]
    return show(request, page, [])


_NEW_GROUP: steps.Steps = {
    "new": Step(
        _("Create a group"),
        lambda user, _row, given: groups.create_group(
            user, code=given["code"], name=given["name"], description=given["description"]
        ),
        lambda _row, authority: scope.operates(authority),
        forms.NewGroupForm,
    )
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def group_new(request: HttpRequest) -> HttpResponse:
    """Create a group of clients."""
    return steps.take(
        request,
        _NEW_GROUP,
        "new",
        None,
        authority=viewer(request),
        user=person(request),
        back=reverse("exchange:groups"),
        text=_("Clients that are granted rights together"),
    )


def _clients(_row: Any, authority: Authority) -> dict[str, Any]:
    return {"clients": member_sections.suggested(scope.visible_subsystems(authority))}


def _belonging(row: ClientGroup, authority: Authority) -> dict[str, Any]:
    held = row.memberships.filter(left_at=None).values("subsystem")
    return {"clients": member_sections.suggested(scope.visible_subsystems(authority).filter(pk__in=held))}


GROUP_STEPS: steps.Steps = {
    "add": Step(
        _("Add a client"),
        lambda user, row, given: groups.add_to_group(user, row.code, client=given["client"]),
        lambda _row, authority: scope.operates(authority),
        forms.ClientForm,
        (_("It holds all rights of the group from now on."),),
        is_main=True,
        options=_clients,
    ),
    "remove": Step(
        _("Take a client out"),
        lambda user, row, given: groups.remove_from_group(user, row.code, client=given["client"]),
        lambda _row, authority: scope.operates(authority),
        forms.ClientForm,
        (_("It loses all rights of the group at once."),),
        danger=True,
        options=_belonging,
    ),
    "change": Step(
        _("Change name and description"),
        lambda user, row, given: groups.change_group(user, row.code, **given),
        lambda _row, authority: scope.operates(authority),
        forms.GroupForm,
        initial=lambda row, _authority: {"name": row.name, "description": row.description},
    ),
}


@login_required
@require_safe
def group_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show one group: its members and its rights."""
    authority = viewer(request)
    row = _group(code)
    members = row.memberships.filter(left_at=None).select_related("subsystem__member__organisation")
    held = scope.visible_rights(authority).filter(group=row, revoked_at=None)
    page = Page(
        row.name,
        name=row.code,
        text=row.description,
        sections=[
            Section(
                _("Members"),
                [
                    Line(
                        one.subsystem.name,
                        reverse(
                            "exchange:subsystem", args=[one.subsystem.member.public_id, one.subsystem.code]
                        ),
                        names.client_name(one.subsystem),
                    )
                    for one in members.order_by("joined_at")[:LONG]
                ],
                _("None yet."),
                anchor="members",
            ),
            Section(
                _("What it may ask"),
                [member_sections.right_line(one, to="service") for one in held[:LONG]],
                _("Nothing yet."),
                anchor="rights",
            ),
        ],
        offers=steps.offers(
            GROUP_STEPS, row, authority, lambda slug: reverse("exchange:group_step", args=[code, slug])
        ),
    )
    on_record(page, "exchange-group", row.code, is_public=True)
    return show(request, page, [(gettext("Groups"), reverse("exchange:groups"))])


def _group(code: str) -> ClientGroup:
    found = ClientGroup.objects.filter(code=code).first()
    if found is None:
        raise scope.missing("group")
    return found


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def group_step(request: HttpRequest, code: str, step: str) -> HttpResponse:
    """Take a step with a group."""
    row = _group(code)
    return steps.take(
        request,
        GROUP_STEPS,
        step,
        row,
        authority=viewer(request),
        user=person(request),
        back=reverse("exchange:group", args=[code]),
        text=row.name,
    )


@login_required
@require_safe
def quota_list(request: HttpRequest) -> HttpResponseBase:
    """List the quotas."""
    authority = viewer(request)
    context = {
        "title": _("Quotas"),
        "lead": _("How often who may call what; the gateways count over all their processes."),
        "breadcrumbs": [home()],
        "page_wide": True,
        "action": _("Set a general quota"),
        "action_url": reverse("exchange:quota_new") if scope.operates(authority) else "",
    }
    return QuotaTable(belonging.visible_quotas(authority), request).respond("exchange/list.html", context)


def _set_quota(user: Any, _row: Any, given: Any) -> Quota:
    client = names.subsystem_named(given["client"]).pk if given["client"] else None
    return limits.set_quota(
        user,
        calls_per_s=given["calls_per_s"],
        burst=given["burst"],
        service=given["service"],
        subsystem_id=client,
    )


def _services(_row: Any, authority: Authority) -> dict[str, Any]:
    shown = scope.visible_services(authority).order_by("title").values_list("public_id", "title")
    return {"services": [("", _("Each service")), *shown[:1000]], **_clients(None, authority)}


_NEW_QUOTA: steps.Steps = {
    "new": Step(
        _("Set a general quota"),
        _set_quota,
        lambda _row, authority: scope.operates(authority),
        forms.QuotaForm,
        options=_services,
    )
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def quota_new(request: HttpRequest) -> HttpResponse:
    """Set a quota that need not belong to one service."""
    return steps.take(
        request,
        _NEW_QUOTA,
        "new",
        None,
        authority=viewer(request),
        user=person(request),
        back=reverse("exchange:quotas"),
        text=_("How often who may call what"),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def quota_remove(request: HttpRequest, key: int) -> HttpResponse:
    """Remove a quota."""
    authority = viewer(request)
    row = (
        belonging.visible_quotas(authority)
        .select_related("service__subsystem__member__organisation")
        .filter(pk=key)
        .first()
    )
    if row is None:
        raise scope.missing("quota")
    one = Step(
        _("Remove the quota"),
        lambda user, found, _given: limits.remove_quota(user, found.pk),
        lambda found, held: scope.may_remove_quota(held, found),
        danger=True,
    )
    return steps.take(
        request,
        {"remove": one},
        "remove",
        row,
        authority=authority,
        user=person(request),
        back=reverse("exchange:quotas"),
    )


urlpatterns = [
    path("rights/", rights_page, name="rights"),
    path("rights/<slug:public_id>/", right_page, name="right"),
    path("rights/<slug:public_id>/do/<slug:step>/", right_step, name="right_step"),
    path("groups/", group_list, name="groups"),
    path("groups/new/", group_new, name="group_new"),
    path("groups/<str:code>/", group_page, name="group"),
    path("groups/<str:code>/do/<slug:step>/", group_step, name="group_step"),
    path("quotas/", quota_list, name="quotas"),
    path("quotas/new/", quota_new, name="quota_new"),
    path("quotas/<int:key>/remove/", quota_remove, name="quota_remove"),
]
