"""Give what belongs to members and subsystems as sections of their pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _

from mehvar.exchange.data.control import SubsystemState
from mehvar.exchange.queries import members as belonging
from mehvar.exchange.queries import names, scope, standing
from mehvar.exchange.tables import phrases, words
from mehvar.exchange.views.objects import LONG, Line, Offer, Section
from mehvar.ui.reader import reader_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from mehvar.exchange.models import (
        AccessRight,
        Agreement,
        ClientCertificate,
        Member,
        SigningKey,
        Subsystem,
    )
    from mehvar.organisations.data import Authority

FINGERPRINT = 16
MOST_SUGGESTED = 500


def suggested(rows: QuerySet[Subsystem]) -> list[tuple[str, Any]]:
    """Give subsystems as suggestions for a field: the name in the protocol, and the words for it."""
    found = rows.filter(state=SubsystemState.ACTIVE).select_related("member__organisation")
    return [
        (names.client_name(one), f"{one.name} · {words.name_of(one.member.organisation)}")
        for one in found.order_by("member__code", "code")[:MOST_SUGGESTED]
    ]


def subsystems(row: Member, *, may_add: bool) -> Section:
    """Give a member's subsystems."""
    lines = [
        Line(
            one.name,
            reverse("exchange:subsystem", args=[row.public_id, one.code]),
            one.code,
            words.badge(words.SUBSYSTEMS, one.state),
        )
        for one in belonging.subsystems_of(row)
    ]
    hint = _("A system that asks or answers becomes a subsystem.") if may_add else _("None yet.")
    return Section(_("Subsystems"), lines, hint, anchor="subsystems")


def services(authority: Authority, row: Subsystem, *, may_add: bool) -> Section:
    """Give the services that a subsystem offers."""
    shown = scope.visible_services(authority).filter(subsystem=row).order_by("state", "title")
    lines = [
        Line(
            one.title,
            reverse("exchange:service", args=[one.public_id]),
            one.code,
            words.badge(words.SERVICES, one.state),
        )
        for one in shown[:LONG]
    ]
    hint = _("What others may ask this system is offered as a service.") if may_add else _("None.")
    return Section(_("Services that it offers"), lines, hint, anchor="services")


def agreements(authority: Authority, row: Member) -> Section:
    """Give a member's agreements, as far as the person sees them."""
    from django.db.models import Q

    shown = scope.visible_agreements(authority).filter(Q(provider=row) | Q(consumer=row))
    shown = shown.select_related("provider__organisation", "consumer__organisation")
    lines = [
        Line(
            one.title,
            reverse("exchange:agreement", args=[one.public_id]),
            state=words.badge(words.AGREEMENTS, standing.of_agreement(one)),
            hint=_between(one),
        )
        for one in shown.order_by("-created_at")[:LONG]
    ]
    return Section(_("Agreements"), lines, _("None yet."), anchor="agreements")


def _between(one: Agreement) -> str:
    sides = (
        words.name_of(one.provider.organisation),
        words.name_of(one.consumer.organisation) if one.consumer else _("A group of clients"),
    )
    return " → ".join(phrases.title(side) for side in sides)


def right_line(one: AccessRight, *, to: str) -> Line:
    """Give a right as a line: of the client (``to="service"``) or on the service (``to="client"``)."""
    what = phrases.code(str(one.endpoint)) if one.endpoint else _("the whole service")
    until = one.agreement.valid_until
    hint = (
        _("%(what)s, until %(date)s") % {"what": what, "date": reader_of().date(until, "short")}
        if until
        else what
    )
    state = words.badge(words.AGREEMENTS, standing.of_agreement(one.agreement))
    if to == "service":
        return Line(
            one.service.title,
            reverse("exchange:service", args=[one.service.public_id]),
            names.service_name(one.service),
            state,
            hint,
        )
    address = reverse("exchange:right", args=[one.public_id])
    if one.group is not None:
        return Line(_("group %(name)s") % {"name": one.group.name}, address, one.group.code, state, hint)
    client = one.subsystem
    return Line(
        client.name if client else "", address, names.client_name(client) if client else "", state, hint
    )


def rights_held(row: Subsystem) -> Section:
    """Give what a subsystem may ask."""
    lines = [right_line(one, to="service") for one in belonging.rights_held_by(row)[:LONG]]
    return Section(
        _("What it may ask"), lines, _("Nothing yet. Access is asked for on a service's page."), anchor="held"
    )


def keys(row: Subsystem, *, may_add: bool) -> Section:
    """Give a subsystem's keys."""
    lines = [_credential("key", one, may_revoke=may_add) for one in belonging.keys_of(row)[:LONG]]
    hint = _("With a key the system signs its calls; with a certificate it opens mutual TLS.")
    return Section(_("Keys"), lines, hint, anchor="keys")


def certificates(row: Member, client: Subsystem | None, *, may_add: bool) -> Section:
    """Give the certificates of a subsystem, or those of the member itself."""
    found = belonging.certificates_of(row, client)
    lines = [_credential("certificate", one, may_revoke=may_add) for one in found[:LONG]]
    return Section(_("Certificates"), lines, _("None."), anchor="certificates")


def _credential(kind: str, one: SigningKey | ClientCertificate, *, may_revoke: bool) -> Line:
    state = standing.of_credential(one)
    date = reader_of().date((one.revoked_at or one.valid_until).date(), "short")
    hint = (_("revoked %(date)s") if one.revoked_at else _("until %(date)s")) % {"date": date}
    acts: tuple[Offer, ...] = ()
    if may_revoke and state in {"valid", "soon", "future"}:
        acts = (Offer(_("Revoke"), reverse("exchange:revoke", args=[kind, one.public_id])),)
    name = f"{one.sha256[:FINGERPRINT]}…" if kind == "certificate" else one.public_id
    return Line(one.label, name=name, state=words.badge(words.CREDENTIALS, state), hint=hint, acts=acts)


def networks(row: Subsystem, *, may_add: bool, may_remove: bool) -> Section:
    """Give the networks from which a subsystem may call without a key."""
    lines = [
        Line(
            one.reason,
            name=one.network,
            acts=(Offer(_("Take the network back"), reverse("exchange:network_forbid", args=[one.pk])),)
            if may_remove or may_add
            else (),
        )
        for one in belonging.networks_of(row)
    ]
    return Section(_("Networks without a key"), lines, _("None; that is the safe choice."), anchor="networks")


def groups(row: Subsystem) -> Section:
    """Give the groups to which a subsystem belongs."""
    lines: list[Any] = [
        Line(one.name, reverse("exchange:group", args=[one.code]), one.code)
        for one in belonging.groups_of(row)
    ]
    return Section(_("Groups"), lines, _("None."), anchor="groups")
