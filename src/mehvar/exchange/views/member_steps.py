"""Offer and take the steps of members and subsystems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from mehvar.exchange.actions import credentials, limits, members, services, subsystems
from mehvar.exchange.data.control import ServiceTerms
from mehvar.exchange.forms import steps as forms
from mehvar.exchange.models import ClientCertificate, ClientNetwork, SigningKey
from mehvar.exchange.queries import members as belonging
from mehvar.exchange.queries import scope
from mehvar.exchange.rules.lifecycles import MEMBER
from mehvar.exchange.tables import words
from mehvar.exchange.views import steps
from mehvar.exchange.views.objects import Offer, person, viewer
from mehvar.exchange.views.steps import Step
from mehvar.kernel.errors import NotPermitted
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.ui import notices, pages
from mehvar.ui.refusals import done

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from mehvar.exchange.models import Member, Subsystem
    from mehvar.organisations.data import Authority

Given = Any
_TERMS = tuple(ServiceTerms.__dataclass_fields__)


def bodies_to_apply(authority: Authority) -> list[tuple[str, str]]:
    """Give the bodies in whose name a person may apply and that are not members yet."""
    taken = set(scope.visible_members(authority).filter(state__in=("applied", "approved", "suspended")).values_list("organisation_id", flat=True))  # fmt: skip
    held = [
        one.organisation_id
        for one in authority.held
        if permissions.allows(authority, Permission.MANAGE_SYSTEMS, one.path)
        and one.organisation_id
        and one.organisation_id not in taken
    ]
    bodies = [organisations.organisation_by_id(pk) for pk in dict.fromkeys(held)]
    return [(str(body.pk), words.name_of(body)) for body in bodies]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def member_new(request: HttpRequest) -> HttpResponse:
    """Apply for membership of one's body."""
    bodies = bodies_to_apply(viewer(request))
    if not bodies:
        raise NotPermitted("Your role does not permit this here.", code="not-permitted")
    form = forms.MemberForm(request.POST or None, bodies=bodies)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        made = done(
            form,
            lambda: members.apply(
                person(request),
                organisation_id=int(given["organisation"]),
                member_class=given["member_class"],
                code=given["code"],
                contact_name=given["contact_name"],
                contact_email=given["contact_email"],
            ),
        )
        if made is not None:
            notices.done(request, gettext("The application is with the exchange's operator."))
            return redirect("exchange:member", made.public_id)
    return pages.confirm(
        request,
        title=_("Apply for membership"),
        action=_("Apply for membership"),
        consequences=(_("The exchange's operator decides and you are told."),),
        cancel_url=reverse("exchange:members"),
        form=form,
    )


def _operator_step(action: str) -> Any:
    return lambda row, authority: scope.operates(authority) and MEMBER.allows(row.state, action)


def _manages(row: Member, authority: Authority) -> bool:
    return row.state == "approved" and scope.manages(authority, row)


def _speaks(row: Member, authority: Authority) -> bool:
    return row.state == "approved" and scope.speaks_for(authority, row)


MEMBER_STEPS: steps.Steps = {
    "approve": Step(
        _("Approve"),
        lambda user, row, given: members.approve(
            user, row.public_id, version=given["version"], note=given["note"]
        ),
        _operator_step("approve"),
        forms.NoteForm,
        (_("The body takes part from now on; this is on public record."),),
        is_main=True,
    ),
    "refuse": Step(
        _("Refuse"),
        lambda user, row, given: members.refuse(
            user, row.public_id, reason=given["reason"], version=given["version"]
        ),
        _operator_step("refuse"),
        forms.ReasonForm,
        danger=True,
    ),
    "subsystem": Step(
        _("Open a subsystem"),
        lambda user, row, given: subsystems.open_subsystem(
            user, row.public_id, code=given["code"], name=given["name"], description=given["description"]
        ),
        _manages,
        forms.NewSubsystemForm,
        is_main=True,
    ),
    "certificate": Step(
        _("Request a certificate for all subsystems"),
        lambda user, row, given: credentials.issue_certificate(user, row.public_id, **_certificate(given)),
        _speaks,
        forms.CertificateForm,
        options=lambda row, _authority: {"old": _old(belonging.certificates_of(row))},
    ),
    "foreign-certificate": Step(
        _("Register a certificate of another authority"),
        lambda user, row, given: credentials.register_certificate(user, row.public_id, **_foreign(given)),
        _speaks,
        forms.ForeignCertificateForm,
        (_("Its fingerprint is on public record."), _("The private key stays with you.")),
        initial=lambda row, _authority: {"challenge": credentials.certificate_challenge(row.public_id)},
    ),
    "contact": Step(
        _("Change the contact"),
        lambda user, row, given: members.change_contact(user, row.public_id, **given),
        lambda row, authority: scope.manages(authority, row),
        forms.ContactForm,
        initial=lambda row, _authority: {
            "contact_name": row.contact_name,
            "contact_email": row.contact_email,
        },
    ),
    "suspend": Step(
        _("Suspend"),
        lambda user, row, given: members.suspend(
            user, row.public_id, reason=given["reason"], version=given["version"]
        ),
        _operator_step("suspend"),
        forms.ReasonForm,
        (_("From now on no call of it passes, and none reaches it."),),
        danger=True,
    ),
    "resume": Step(
        _("Let it take part again"),
        lambda user, row, given: members.resume(
            user, row.public_id, version=given["version"], note=given["note"]
        ),
        _operator_step("resume"),
        forms.NoteForm,
        is_main=True,
    ),
    "leave": Step(
        _("Leave the exchange"),
        lambda user, row, given: members.leave(
            user, row.public_id, reason=given["reason"], version=given["version"]
        ),
        lambda row, authority: MEMBER.allows(row.state, "leave") and scope.manages(authority, row),
        forms.ReasonForm,
        (_("All its rights, keys and services end."), _("Its name is never given to another.")),
        danger=True,
    ),
}


def _certificate(given: Given) -> dict[str, Any]:
    return {name: given[name] for name in ("label", "request", "days", "replaces", "overlap_days")}


def _foreign(given: Given) -> dict[str, Any]:
    return {name: given[name] for name in ("label", "certificate", "challenge", "proof")}


def _old(rows: Any) -> list[tuple[str, str]]:
    return [(row.public_id, row.label) for row in rows if row.revoked_at is None]


def member_offers(authority: Authority, row: Member) -> list[Offer]:
    """Give the steps that a person may take with a member."""
    return steps.offers(
        MEMBER_STEPS, row, authority, lambda slug: reverse("exchange:member_step", args=[row.public_id, slug])
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def member_step(request: HttpRequest, public_id: str, step: str) -> HttpResponse:
    """Take a step of a member's life."""
    authority = viewer(request)
    row = scope.visible_member(authority, public_id)
    back = reverse("exchange:member", args=[public_id])
    return steps.take(
        request,
        MEMBER_STEPS,
        step,
        row,
        authority=authority,
        user=person(request),
        back=back,
        text=words.name_of(row.organisation),
        onward=lambda made: subsystem_address(made) if step == "subsystem" else back,
    )


def subsystem_address(row: Subsystem) -> str:
    """Give the address of a subsystem's page."""
    return reverse("exchange:subsystem", args=[row.member.public_id, row.code])


def _open_and_manages(row: Subsystem, authority: Authority) -> bool:
    return row.state == "active" and _manages(row.member, authority)


def _open_and_speaks(row: Subsystem, authority: Authority) -> bool:
    return row.state == "active" and _speaks(row.member, authority)


def _key(user: Any, row: Subsystem, given: Given) -> SigningKey:
    said = {
        name: given[name]
        for name in ("label", "public_key", "challenge", "proof", "days", "replaces", "overlap_days")
    }
    return credentials.register_key(user, row.pk, **said)


SUBSYSTEM_STEPS: steps.Steps = {
    "service": Step(
        _("Offer a service"),
        lambda user, row, given: services.draft_service(
            user, row.pk, code=given["code"], terms=ServiceTerms(**{name: given[name] for name in _TERMS})
        ),
        _open_and_manages,
        forms.NewServiceForm,
        (_("It stays a draft until you publish it."),),
        is_main=True,
    ),
    "key": Step(
        _("Register a key"),
        _key,
        _open_and_speaks,
        forms.KeyForm,
        (_("Its fingerprint is on public record."), _("The private key stays with you.")),
        options=lambda row, _authority: {"old": _old(belonging.keys_of(row))},
        initial=lambda row, _authority: {"challenge": credentials.challenge(row.pk)},
    ),
    "certificate": Step(
        _("Request a certificate"),
        lambda user, row, given: credentials.issue_certificate(
            user, row.member.public_id, subsystem_id=row.pk, **_certificate(given)
        ),
        _open_and_speaks,
        forms.CertificateForm,
        (_("The exchange's authority signs it at once."), _("The private key stays with you.")),
        options=lambda row, _authority: {"old": _old(belonging.certificates_of(row.member, row))},
    ),
    "foreign-certificate": Step(
        _("Register a certificate of another authority"),
        lambda user, row, given: credentials.register_certificate(
            user, row.member.public_id, subsystem_id=row.pk, **_foreign(given)
        ),
        _open_and_speaks,
        forms.ForeignCertificateForm,
        (_("Its fingerprint is on public record."), _("The private key stays with you.")),
        initial=lambda row, _authority: {
            "challenge": credentials.certificate_challenge(row.member.public_id, row.pk)
        },
    ),
    "network": Step(
        _("Allow a network without a key"),
        lambda user, row, given: limits.allow_network(
            user, row.pk, network=given["network"], reason=given["reason"]
        ),
        lambda row, authority: row.state == "active" and scope.operates(authority),
        forms.NetworkForm,
        (_("Whoever sends from there speaks as this client, on listeners without TLS."),),
        danger=True,
    ),
    "change": Step(
        _("Change name and description"),
        lambda user, row, given: subsystems.change_subsystem(user, row.pk, **given),
        _open_and_manages,
        forms.SubsystemForm,
        initial=lambda row, _authority: {"name": row.name, "description": row.description},
    ),
    "close": Step(
        _("Close the subsystem"),
        lambda user, row, given: subsystems.close_subsystem(
            user, row.pk, reason=given["reason"], version=given["version"]
        ),
        _open_and_manages,
        forms.ReasonForm,
        (_("It neither asks nor answers any more."),),
        danger=True,
    ),
}


def subsystem_offers(authority: Authority, row: Subsystem) -> list[Offer]:
    """Give the steps that a person may take with a subsystem."""
    place = [row.member.public_id, row.code]
    return steps.offers(
        SUBSYSTEM_STEPS, row, authority, lambda slug: reverse("exchange:subsystem_step", args=[*place, slug])
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def subsystem_step(request: HttpRequest, public_id: str, code: str, step: str) -> HttpResponse:
    """Take a step with a subsystem."""
    authority = viewer(request)
    row = scope.visible_subsystem(authority, public_id, code)
    back = subsystem_address(row)
    return steps.take(
        request,
        SUBSYSTEM_STEPS,
        step,
        row,
        authority=authority,
        user=person(request),
        back=back,
        text=row.name,
        onward=lambda made: reverse("exchange:service", args=[made.public_id]) if step == "service" else back,
    )


_REVOKE = {
    "key": credentials.revoke_key,
    "certificate": credentials.revoke_certificate,
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: HttpRequest, kind: str, public_id: str) -> HttpResponse:
    """Revoke a key or a certificate at once."""
    authority = viewer(request)
    model: Any = SigningKey if kind == "key" else ClientCertificate
    row = model.objects.filter(public_id=public_id).first() if kind in _REVOKE else None
    if row is None:
        raise scope.missing("credential")
    one = Step(
        _("Revoke"),
        lambda user, found, given: _REVOKE[kind](user, found.public_id, reason=given["reason"]),
        lambda found, asked: scope.manages(asked, credentials.member_of(found)) and found.revoked_at is None,
        forms.ReasonForm,
        (_("The next call with it is refused."),),
        danger=True,
    )
    return steps.take(
        request,
        {"revoke": one},
        "revoke",
        row,
        authority=authority,
        user=person(request),
        back=holder_address(row),
        text=row.label,
    )


def holder_address(row: SigningKey | ClientCertificate) -> str:
    """Give the address of the page on which a key or certificate stands."""
    if row.subsystem is None:
        return reverse("exchange:member", args=[credentials.member_of(row).public_id])
    return subsystem_address(row.subsystem)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def network_forbid(request: HttpRequest, key: int) -> HttpResponse:
    """Take a network back."""
    row = ClientNetwork.objects.select_related("subsystem__member__organisation").filter(pk=key).first()
    if row is None:
        raise scope.missing("network")
    one = Step(
        _("Take the network back"),
        lambda user, found, _given: limits.forbid_network(user, found.pk),
        lambda found, asked: scope.manages(asked, found.subsystem.member),
    )
    return steps.take(
        request,
        {"forbid": one},
        "forbid",
        row,
        authority=viewer(request),
        user=person(request),
        back=subsystem_address(row.subsystem),
    )


urlpatterns = [
    path("members/new/", member_new, name="member_new"),
    path("members/<slug:public_id>/do/<slug:step>/", member_step, name="member_step"),
    path("members/<slug:public_id>/s/<str:code>/do/<slug:step>/", subsystem_step, name="subsystem_step"),
    path("credentials/<slug:kind>/<slug:public_id>/revoke/", revoke, name="revoke"),
    path("networks/<int:key>/forbid/", network_forbid, name="network_forbid"),
]
