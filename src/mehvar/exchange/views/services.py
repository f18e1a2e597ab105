"""Show and manage services: endpoints, limits, versions of the description with what they break, rights on them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from mehvar.exchange.actions import descriptions as uploads
from mehvar.exchange.actions import limits, rights, services
from mehvar.exchange.data.control import AgreementState, ServiceTerms
from mehvar.exchange.forms import steps as forms
from mehvar.exchange.models import AccessRight, Agreement, ClientGroup
from mehvar.exchange.queries import descriptions, names, scope
from mehvar.exchange.queries import members as belonging
from mehvar.exchange.queries.days import today
from mehvar.exchange.rules import compatibility
from mehvar.exchange.rules.lifecycles import SERVICE
from mehvar.exchange.tables import phrases, words
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
)
from mehvar.exchange.views.steps import Step
from mehvar.organisations import queries as organisations
from mehvar.ui import notices
from mehvar.ui.reader import reader_of
from mehvar.ui.refusals import done, filled

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from mehvar.exchange.models import Endpoint, ExchangeService, Quota
    from mehvar.exchange.rules.compatibility import Change
    from mehvar.organisations.data import Authority
    from mehvar.ui.data import SummaryRow
    from mehvar.ui.reader import Reader

_TERMS = tuple(ServiceTerms.__dataclass_fields__)
Given = Any


@login_required
@require_safe
def service_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show one service to who manages it and to who may want to ask it."""
    authority = organisations.authority_in(request)
    row = scope.visible_service(authority, public_id)
    manages = scope.manages(authority, row.subsystem.member)
    is_inside = manages or scope.sees_all(authority)
    page = Page(
        row.title,
        state=words.badge(words.SERVICES, row.state),
        name=names.service_name(row),
        text=row.summary,
        notice=row.disabled_notice if row.state == "disabled" else "",
        facts=_facts(request, row, is_inside=is_inside),
        sections=[_endpoints(row, may_change=manages), _versions(row)],
        offers=[
            *_asking(authority, row),
            *steps.offers(SERVICE_STEPS, row, authority, _address(row)),
            *_uploading(authority, row),
        ],
    )
    if is_inside:
        lines = [member_sections.right_line(one, to="client") for one in belonging.rights_on(row)[:LONG]]
        page.sections.insert(0, Section(_("Who may ask it"), lines, _("Nobody yet."), anchor="rights"))
        page.sections.append(_quotas(row, authority))
    on_record(page, "exchange-service", row.public_id, is_public=row.published_at is not None)
    return show(request, page, _crumbs(row))


def _crumbs(row: ExchangeService) -> list[tuple[str, str]]:
    member = row.subsystem.member
    return [
        (words.name_of(member.organisation), reverse("exchange:member", args=[member.public_id])),
        (row.subsystem.name, reverse("exchange:subsystem", args=[member.public_id, row.subsystem.code])),
    ]


def _address(row: ExchangeService) -> Any:
    return lambda slug: reverse("exchange:service_step", args=[row.public_id, slug])


def _asking(authority: Authority, row: ExchangeService) -> list[Offer]:
    """Offer to ask for access to those who engineer for another system."""
    if row.state not in scope.OPEN_SERVICES or not scope.managed_subsystems(authority).exists():
        return []
    own = scope.speaks_for(authority, row.subsystem.member)
    return [
        Offer(_("Ask for access"), reverse("exchange:request_new", args=[row.public_id]), is_main=not own)
    ]


def _uploading(authority: Authority, row: ExchangeService) -> list[Offer]:
    if not _manages(row, authority):
        return []
    return [Offer(_("Upload a description"), reverse("exchange:description_new", args=[row.public_id]))]


def _facts(request: HttpRequest, row: ExchangeService, *, is_inside: bool) -> list[SummaryRow]:
    reader = reader_of(request)
    found = facts(
        (_("Offered by"), words.name_of(row.subsystem.member.organisation)),
        (_("Legal basis on which data may be given"), row.legal_basis),
        (_("Answers hold personal data"), _("yes") if row.personal_data else _("no")),
        (_("Who helps developers"), row.contact),
        (_("Evidence of calls"), words.word(words.MODES, row.mode)),
        (_("Published on"), reader.moment(row.published_at) if row.published_at else ""),
    )
    if not is_inside:
        return found
    return [
        *found,
        *facts(
            (_("Base address"), row.base_url),
            (_("Base address of the test instance"), row.test_base_url),
            (_("Time limits"), _time_limits(reader, row)),
            (_("Largest request"), _largest(reader, row.max_request_bytes)),
            (_("Largest answer"), _largest(reader, row.max_answer_bytes)),
            (_("Connections to the service at once"), reader.number(row.max_connections)),
        ),
    ]


def _time_limits(reader: Reader, row: ExchangeService) -> str:
    return gettext(
        "to connect %(connect)s s, until the answer begins %(answer)s s, of silence %(idle)s s, in all %(total)s s"
    ) % {
        "connect": reader.number(row.connect_timeout_s),
        "answer": reader.number(row.answer_timeout_s),
        "idle": reader.number(row.idle_timeout_s),
        "total": reader.number(row.total_timeout_s),
    }


def _largest(reader: Reader, size: int) -> str:
    return reader.bytes(size) if size else gettext("no limit")


def _endpoints(row: ExchangeService, *, may_change: bool) -> Section:
    lines = [
        _endpoint_line(row, one, may_change=may_change)
        for one in row.endpoints.order_by("path", "method")[:LONG]
    ]
    empty = _("None named: rights open the whole service.")
    return Section(_("Endpoints"), lines, empty, anchor="endpoints")


def _endpoint_line(row: ExchangeService, one: Endpoint, *, may_change: bool) -> Line:
    hint = phrases.joined([one.summary, phrases.identifier_place(one.subject)])
    acts: tuple[Offer, ...] = ()
    if may_change:
        acts = (
            Offer(_("Change"), reverse("exchange:endpoint_step", args=[row.public_id, one.pk, "change"])),
            Offer(_("Remove"), reverse("exchange:endpoint_step", args=[row.public_id, one.pk, "remove"])),
        )
    return Line("", name=f"{one.method} {one.path}", hint=hint, acts=acts)


def _versions(row: ExchangeService) -> Section:
    reader = reader_of()
    lines = [
        Line(
            gettext("Version %(number)s") % {"number": reader.number(one.number)},
            reverse("exchange:description", args=[row.public_id, one.number]),
            hint=phrases.joined([one.title, one.stated_version, reader.moment(one.uploaded_at)]),
        )
        for one in descriptions.versions_of(row)[:LONG]
    ]
    return Section(_("Description (OpenAPI)"), lines, _("None yet."), anchor="descriptions")


def _rate(reader: Reader, one: Quota) -> str:
    said = gettext("%(rate)s per second, %(burst)s at once") % {
        "rate": reader.number(one.calls_per_s),
        "burst": reader.number(one.burst),
    }
    return said if one.service_id else phrases.joined([said, gettext("general quota of the exchange")])


def _quotas(row: ExchangeService, authority: Authority) -> Section:
    reader = reader_of()
    lines = [
        Line(
            one.subsystem.name if one.subsystem else _("Each client"),
            name=names.client_name(one.subsystem) if one.subsystem else "",
            hint=_rate(reader, one),
            acts=(Offer(_("Remove"), reverse("exchange:quota_remove", args=[one.pk])),)
            if scope.may_remove_quota(authority, one)
            else (),
        )
        for one in belonging.quotas_on(row)
    ]
    return Section(_("Quotas"), lines, _("No quota holds here."), anchor="quotas")


@login_required
@require_safe
def description_page(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """Show one version of a description: what it changed for consumers, and the document."""
    row = scope.visible_service(organisations.authority_in(request), public_id)
    version = descriptions.version_of(row, number)
    changes: list[Change] = []
    if number > 1:
        before = descriptions.version_of(row, number - 1)
        changes = compatibility.differences(before.document, version.document)
    context = {
        "row": row,
        "version": version,
        "breaking": _sentences(change for change in changes if change.breaks),
        "harmless": _sentences(change for change in changes if not change.breaks),
        "document": _pretty(version.document),
        "breadcrumbs": [home(), *_crumbs(row), (row.title, reverse("exchange:service", args=[public_id]))],
    }
    return render(request, "exchange/description.html", context)


def _sentences(changes: Any) -> list[tuple[str, str]]:
    return [(change.operation, filled(change.message, {"place": change.place or "–"})) for change in changes]


def _pretty(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def description_new(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take a new version of a description; before it is kept, show what it breaks for consumers."""
    authority = organisations.authority_in(request)
    row = scope.visible_service(authority, public_id)
    form = forms.DescriptionForm(request.POST or None, request.FILES or None)
    changes: list[Change] | None = None
    if request.method == "POST" and form.is_valid():
        content = form.content()
        if request.POST.get("sure"):
            made = done(form, lambda: uploads.upload_description(person(request), public_id, content=content))
            if made is not None:
                notices.done(request, gettext("The description is kept as version %(number)s.") % {"number": reader_of().number(made[0].number)})  # fmt: skip
                return redirect("exchange:service", public_id)
        found = done(form, lambda: uploads.preview(row, content))
        if found is not None:
            form = forms.DescriptionForm(initial={"text": content.decode("utf-8", "replace")})
            changes = found[1]
    context = {
        "row": row,
        "form": form,
        "is_sure": changes is not None,
        "breaking": _sentences(change for change in changes or () if change.breaks),
        "harmless": _sentences(change for change in changes or () if not change.breaks),
        "breadcrumbs": [home(), *_crumbs(row), (row.title, reverse("exchange:service", args=[public_id]))],
    }
    return render(request, "exchange/description_new.html", context, status=422 if form.errors else 200)


def _terms(given: Given) -> ServiceTerms:
    return ServiceTerms(**{name: given[name] for name in _TERMS})


def _manages(row: ExchangeService, authority: Authority) -> bool:
    return row.state != "retired" and scope.manages(authority, row.subsystem.member)


def _step(action: str) -> Any:
    return lambda row, authority: (
        SERVICE.allows(row.state, action) and scope.manages(authority, row.subsystem.member)
    )


def _offered(row: ExchangeService, authority: Authority) -> dict[str, Any]:
    """Offer the agreements, groups and endpoints of a right on the service."""
    held = Agreement.objects.select_related("provider", "consumer").filter(
        Q(valid_until=None) | Q(valid_until__gte=today()),
        provider=row.subsystem.member,
        state=AgreementState.VALID,
    )
    return {
        "agreements": [(one.public_id, f"{one.title} ({one.consumer or '*'})") for one in held[:LONG]],
        "groups": [(one.code, one.name) for one in ClientGroup.objects.order_by("name")],
        "endpoints": [(str(one.pk), str(one)) for one in row.endpoints.order_by("path", "method")],
        "clients": member_sections.suggested(scope.visible_subsystems(authority)),
    }


def _grant(user: Any, row: ExchangeService, given: Given) -> AccessRight:
    client = names.subsystem_named(given["client"]).pk if given["client"] else None
    return rights.grant(
        user,
        agreement=given["agreement"],
        service=row.public_id,
        subsystem_id=client,
        group="" if client else given["group"],
        endpoint_id=int(given["endpoint"]) if given["endpoint"] else None,
    )


def _quota(user: Any, row: ExchangeService, given: Given) -> Any:
    client = names.subsystem_named(given["client"]).pk if given["client"] else None
    return limits.set_quota(
        user,
        calls_per_s=given["calls_per_s"],
        burst=given["burst"],
        service=row.public_id,
        subsystem_id=client,
    )


SERVICE_STEPS: steps.Steps = {
    "publish": Step(
        _("Publish"),
        lambda user, row, given: services.publish_service(user, row.public_id, version=given["version"]),
        _step("publish"),
        consequences=(
            _("It stands in the catalogue, and clients with a right may call it."),
            _("This is on public record."),
        ),
        is_main=True,
    ),
    "change": Step(
        _("Change description and limits"),
        lambda user, row, given: services.change_service(
            user, row.public_id, terms=_terms(given), version=given["version"]
        ),
        _manages,
        forms.ServiceForm,
        initial=lambda row, _authority: {name: getattr(row, name) for name in _TERMS},
    ),
    "endpoint": Step(
        _("Add an endpoint"),
        lambda user, row, given: services.add_endpoint(
            user,
            row.public_id,
            method=given["method"],
            path=given["path"],
            summary=given["summary"],
            subject=given["subject"],
        ),
        _manages,
        forms.EndpointForm,
    ),
    "grant": Step(
        _("Grant a right"),
        _grant,
        lambda row, authority: row.state != "retired" and scope.speaks_for(authority, row.subsystem.member),
        forms.RightForm,
        (_("The client may call from now on, while the agreement is valid."), _("This is on public record.")),
        options=_offered,
    ),
    "quota": Step(
        _("Set a quota"),
        _quota,
        _manages,
        forms.QuotaForm,
        options=lambda row, authority: {
            "services": [(row.public_id, row.title)],
            "clients": member_sections.suggested(scope.visible_subsystems(authority)),
        },
    ),
    "disable": Step(
        _("Disable"),
        lambda user, row, given: services.disable_service(
            user, row.public_id, notice=given["notice"], version=given["version"]
        ),
        _step("disable"),
        forms.NoticeForm,
        (_("Every call is refused with your notice until you publish it again."),),
        danger=True,
    ),
    "retire": Step(
        _("Retire"),
        lambda user, row, given: services.retire_service(
            user, row.public_id, reason=given["reason"], version=given["version"]
        ),
        _step("retire"),
        forms.ReasonForm,
        (_("It can never be published again; its history stays."),),
        danger=True,
    ),
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def service_step(request: HttpRequest, public_id: str, step: str) -> HttpResponse:
    """Take a step with a service."""
    authority = organisations.authority_in(request)
    row = scope.visible_service(authority, public_id)
    return steps.take(
        request,
        SERVICE_STEPS,
        step,
        row,
        authority=authority,
        user=person(request),
        back=reverse("exchange:service", args=[public_id]),
        text=row.title,
    )


ENDPOINT_STEPS: steps.Steps = {
    "change": Step(
        _("Change the endpoint"),
        lambda user, row, given: services.change_endpoint(
            user, row.service.public_id, row.pk, summary=given["summary"], subject=given["subject"]
        ),
        lambda row, authority: _manages(row.service, authority),
        forms.EndpointChangeForm,
        initial=lambda row, _authority: {"summary": row.summary, "subject": row.subject},
    ),
    "remove": Step(
        _("Remove the endpoint"),
        lambda user, row, _given: services.remove_endpoint(user, row.service.public_id, row.pk),
        lambda row, authority: _manages(row.service, authority),
        danger=True,
    ),
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def endpoint_step(request: HttpRequest, public_id: str, key: int, step: str) -> HttpResponse:
    """Take a step with an endpoint."""
    authority = organisations.authority_in(request)
    service = scope.visible_service(authority, public_id)
    row = service.endpoints.select_related("service__subsystem__member__organisation").filter(pk=key).first()
    if row is None:
        raise scope.missing("endpoint")
    return steps.take(
        request,
        ENDPOINT_STEPS,
        step,
        row,
        authority=authority,
        user=person(request),
        back=reverse("exchange:service", args=[public_id]),
    )


urlpatterns = [
    path("services/<slug:public_id>/", service_page, name="service"),
    path("services/<slug:public_id>/do/<slug:step>/", service_step, name="service_step"),
    path("services/<slug:public_id>/endpoints/<int:key>/<slug:step>/", endpoint_step, name="endpoint_step"),
    path("services/<slug:public_id>/description/new/", description_new, name="description_new"),
    path("services/<slug:public_id>/description/<int:number>/", description_page, name="description"),
]
