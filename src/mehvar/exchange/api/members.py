"""Read and change members, subsystems, their keys and certificates over the HTTP API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import Field, StringConstraints

from mehvar.exchange.actions import credentials, limits, members, subsystems
from mehvar.exchange.api import shapes
from mehvar.exchange.api.shapes import Code, Pem, PublicId, Reasoned, person
from mehvar.exchange.data.control import MemberState
from mehvar.exchange.models import ClientCertificate, Member, SigningKey, Subsystem
from mehvar.exchange.queries import members as belonging
from mehvar.exchange.queries import scope
from mehvar.organisations import queries as organisations
from mehvar.ui.api import Key, Paging, Schema, Version, page_of, tag, version_seen

router = Router(tags=["exchange members"])
Label = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class NewMember(Schema):
    """Apply for membership of a body."""

    body: Annotated[str, StringConstraints(max_length=80), Field(examples=["xx.health"])]
    member_class: Annotated[str, StringConstraints(min_length=1, max_length=16), Field(examples=["GOV"])]
    code: Code
    contact_name: Annotated[str, StringConstraints(max_length=200)] = ""
    contact_email: Annotated[str, StringConstraints(max_length=254)] = ""


class NewSubsystem(Schema):
    """Open a subsystem."""

    code: Code
    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    description: Annotated[str, StringConstraints(max_length=2_000)] = ""


class ChangedSubsystem(Schema):
    """Change what a subsystem is called."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    description: Annotated[str, StringConstraints(max_length=2_000)] = ""
    version: Version | None = None


class CredentialRow(Schema):
    """Show a key or a certificate."""

    id: str
    label: str
    sha256: str
    valid_from: datetime
    valid_until: datetime
    revoked_at: datetime | None


class Challenge(Schema):
    """Give the text to sign with the private half of a new key or certificate, within an hour."""

    text: str


class NewKey(Schema):
    """Register a public key with the signature (base64) of a challenge."""

    label: Label
    public_key: Pem
    challenge: Annotated[str, StringConstraints(max_length=300)]
    proof: Annotated[str, StringConstraints(max_length=1_000)]
    days: shapes.Days = 365
    replaces: Annotated[str, StringConstraints(max_length=40)] = ""
    overlap_days: Annotated[int, Field(ge=0, le=365)] = 14


class NewCertificate(Schema):
    """Ask for a certificate by a signed request (PKCS #10, PEM)."""

    label: Label
    request: Pem
    days: shapes.Days = 365
    replaces: Annotated[str, StringConstraints(max_length=40)] = ""
    overlap_days: Annotated[int, Field(ge=0, le=365)] = 14


class ForeignCertificate(Schema):
    """Register a certificate (PEM) that a trusted authority has issued, with its key's signature (base64) of a challenge."""

    label: Label
    certificate: Pem
    challenge: Annotated[str, StringConstraints(max_length=300)]
    proof: Annotated[str, StringConstraints(max_length=3_000)]


class IssuedCertificate(CredentialRow):
    """Show a certificate with its PEM form."""

    certificate: str


class NewNetwork(Schema):
    """Let a subsystem call from a network without a key."""

    network: Annotated[str, StringConstraints(max_length=64), Field(examples=["10.20.0.0/16"])]
    reason: shapes.Line


class MemberFilter(Schema):
    """Choose which members are listed."""

    state: MemberState | None = None


@router.get("/members", response=list[shapes.MemberRow], summary="List members", openapi_extra=shapes.READERS)
def member_list(
    request: HttpRequest, response: HttpResponse, asked: Query[MemberFilter], paging: Query[Paging]
) -> list[shapes.MemberRow]:
    """List the members that take part, and one's own in any state."""
    rows = scope.visible_members(organisations.authority_in(request))
    if asked.state is not None:
        rows = rows.filter(state=asked.state)
    return [shapes.member_row(row) for row in page_of(request, response, rows, paging)]


@router.post(
    "/members",
    response={201: shapes.MemberRow},
    summary="Apply for membership",
    openapi_extra=shapes.MANAGERS,
)
def member_apply(request: HttpRequest, response: HttpResponse, given: NewMember) -> Status[shapes.MemberRow]:
    """Apply for membership; the operator decides."""
    made = members.apply(
        person(request),
        organisation_id=organisations.organisation(given.body).pk,
        member_class=given.member_class,
        code=given.code,
        contact_name=given.contact_name,
        contact_email=given.contact_email,
    )
    return Status(201, _member(request, response, made.public_id))


@router.get(
    "/members/{public_id}", response=shapes.MemberRow, summary="Read a member", openapi_extra=shapes.READERS
)
def member(request: HttpRequest, response: HttpResponse, public_id: PublicId) -> shapes.MemberRow:
    """Give one member."""
    return _member(request, response, public_id)


def _member(request: HttpRequest, response: HttpResponse, public_id: str) -> shapes.MemberRow:
    row: Member = scope.visible_member(organisations.authority_in(request), public_id)
    tag(response, row.version)
    return shapes.member_row(row)


@router.get(
    "/members/{public_id}/subsystems",
    response=list[shapes.SubsystemRow],
    summary="List a member's subsystems",
    openapi_extra=shapes.READERS,
)
def subsystem_list(
    request: HttpRequest, response: HttpResponse, public_id: PublicId, paging: Query[Paging]
) -> list[shapes.SubsystemRow]:
    """List the subsystems of a member."""
    row = scope.visible_member(organisations.authority_in(request), public_id)
    rows = belonging.subsystems_of(row)
    return [shapes.subsystem_row(one) for one in page_of(request, response, rows, paging)]


@router.post(
    "/members/{public_id}/subsystems",
    response={201: shapes.SubsystemRow},
    summary="Open a subsystem",
    openapi_extra=shapes.MANAGERS,
)
def subsystem_open(
    request: HttpRequest, public_id: PublicId, given: NewSubsystem
) -> Status[shapes.SubsystemRow]:
    """Open a subsystem of a member."""
    scope.visible_member(organisations.authority_in(request), public_id)
    made = subsystems.open_subsystem(
        person(request), public_id, code=given.code, name=given.title, description=given.description
    )
    return Status(201, shapes.subsystem_row(made))


@router.put(
    "/members/{public_id}/subsystems/{code}",
    response=shapes.SubsystemRow,
    summary="Change a subsystem",
    openapi_extra=shapes.MANAGERS,
)
def subsystem_change(
    request: HttpRequest, response: HttpResponse, public_id: PublicId, code: Code, given: ChangedSubsystem
) -> shapes.SubsystemRow:
    """Replace name and description of a subsystem; its code is for good."""
    row = _subsystem(request, public_id, code)
    made = subsystems.change_subsystem(
        person(request),
        row.pk,
        name=given.title,
        description=given.description,
        version=version_seen(request, given.version),
    )
    tag(response, made.version)
    return shapes.subsystem_row(made)


@router.post(
    "/members/{public_id}/subsystems/{code}/close",
    response=shapes.SubsystemRow,
    summary="Close a subsystem",
    openapi_extra=shapes.MANAGERS,
)
def subsystem_close(
    request: HttpRequest, public_id: PublicId, code: Code, given: Reasoned
) -> shapes.SubsystemRow:
    """Close a subsystem with its reason."""
    row = _subsystem(request, public_id, code)
    version = version_seen(request, given.version)
    return shapes.subsystem_row(
        subsystems.close_subsystem(person(request), row.pk, reason=given.reason, version=version)
    )


def _subsystem(request: HttpRequest, public_id: str, code: str) -> Subsystem:
    return scope.visible_subsystem(organisations.authority_in(request), public_id, code)


def _managed(request: HttpRequest, public_id: str, code: str) -> Subsystem:
    """Give a subsystem whose credentials the person may see."""
    row = _subsystem(request, public_id, code)
    authority = organisations.authority_in(request)
    if not (scope.manages(authority, row.member) or scope.sees_all(authority)):
        raise scope.missing("subsystem")
    return row


def _managed_member(request: HttpRequest, public_id: str) -> Member:
    """Give a member whose credentials the person may see."""
    authority = organisations.authority_in(request)
    row = scope.visible_member(authority, public_id)
    if not (scope.manages(authority, row) or scope.sees_all(authority)):
        raise scope.missing("member")
    return row


@router.get(
    "/members/{public_id}/subsystems/{code}/keys",
    response=list[CredentialRow],
    summary="List a subsystem's keys",
    openapi_extra=shapes.MANAGERS,
)
def key_list(
    request: HttpRequest, response: HttpResponse, public_id: PublicId, code: Code, paging: Query[Paging]
) -> list[CredentialRow]:
    """List the keys of a subsystem, the newest first."""
    rows = belonging.keys_of(_managed(request, public_id, code))
    return [_credential(row) for row in page_of(request, response, rows, paging)]


@router.post(
    "/members/{public_id}/subsystems/{code}/keys/challenge",
    response=Challenge,
    summary="Ask for a text to sign",
    openapi_extra=shapes.SPEAKERS,
)
def key_challenge(request: HttpRequest, public_id: PublicId, code: Code) -> Challenge:
    """Give a text whose signature proves that the private half of a new key is held."""
    return Challenge(text=credentials.challenge(_managed(request, public_id, code).pk))


@router.post(
    "/members/{public_id}/subsystems/{code}/keys",
    response={201: CredentialRow},
    summary="Register a key",
    openapi_extra=shapes.SPEAKERS,
)
def key_register(
    request: HttpRequest, public_id: PublicId, code: Code, given: NewKey
) -> Status[CredentialRow]:
    """Register a public key; the key that it follows holds on for a while."""
    row = _subsystem(request, public_id, code)
    return Status(201, _credential(credentials.register_key(person(request), row.pk, **given.dict())))


@router.post(
    "/keys/{public_id}/revoke", response=CredentialRow, summary="Revoke a key", openapi_extra=shapes.MANAGERS
)
def key_revoke(request: HttpRequest, public_id: PublicId, given: Reasoned) -> CredentialRow:
    """Revoke a key at once."""
    return _credential(credentials.revoke_key(person(request), public_id, reason=given.reason))


@router.get(
    "/members/{public_id}/subsystems/{code}/certificates",
    response=list[CredentialRow],
    summary="List a subsystem's certificates",
    openapi_extra=shapes.MANAGERS,
)
def certificate_list(
    request: HttpRequest, response: HttpResponse, public_id: PublicId, code: Code, paging: Query[Paging]
) -> list[CredentialRow]:
    """List the certificates of a subsystem, the newest first."""
    row = _managed(request, public_id, code)
    rows = belonging.certificates_of(row.member, row)
    return [_credential(one) for one in page_of(request, response, rows, paging)]


@router.post(
    "/members/{public_id}/subsystems/{code}/certificates",
    response={201: IssuedCertificate},
    summary="Ask for a certificate",
    openapi_extra=shapes.SPEAKERS,
)
def certificate_issue(
    request: HttpRequest, public_id: PublicId, code: Code, given: NewCertificate
) -> Status[IssuedCertificate]:
    """Let the exchange's authority sign a certificate for a subsystem."""
    row = _subsystem(request, public_id, code)
    made = credentials.issue_certificate(person(request), public_id, subsystem_id=row.pk, **given.dict())
    return Status(201, IssuedCertificate(**_credential(made).dict(), certificate=made.certificate))


@router.post(
    "/members/{public_id}/subsystems/{code}/certificates/foreign/challenge",
    response=Challenge,
    summary="Ask for a text to sign by a foreign certificate's key",
    openapi_extra=shapes.SPEAKERS,
)
def certificate_challenge(request: HttpRequest, public_id: PublicId, code: Code) -> Challenge:
    """Give a text whose signature proves that the private key of a subsystem's certificate is held."""
    row = _managed(request, public_id, code)
    return Challenge(text=credentials.certificate_challenge(row.member.public_id, row.pk))


@router.post(
    "/members/{public_id}/subsystems/{code}/certificates/foreign",
    response={201: CredentialRow},
    summary="Register a foreign certificate",
    openapi_extra=shapes.SPEAKERS,
)
def certificate_register(
    request: HttpRequest, public_id: PublicId, code: Code, given: ForeignCertificate
) -> Status[CredentialRow]:
    """Register a certificate of a subsystem that an authority that counts has issued."""
    row = _subsystem(request, public_id, code)
    made = credentials.register_certificate(person(request), public_id, subsystem_id=row.pk, **given.dict())
    return Status(201, _credential(made))


@router.get(
    "/members/{public_id}/certificates",
    response=list[CredentialRow],
    summary="List a member's own certificates",
    openapi_extra=shapes.MANAGERS,
)
def member_certificate_list(
    request: HttpRequest, response: HttpResponse, public_id: PublicId, paging: Query[Paging]
) -> list[CredentialRow]:
    """List the certificates that hold for all subsystems of a member, the newest first."""
    rows = belonging.certificates_of(_managed_member(request, public_id))
    return [_credential(one) for one in page_of(request, response, rows, paging)]


@router.post(
    "/members/{public_id}/certificates",
    response={201: IssuedCertificate},
    summary="Ask for a certificate of a member",
    openapi_extra=shapes.SPEAKERS,
)
def member_certificate_issue(
    request: HttpRequest, public_id: PublicId, given: NewCertificate
) -> Status[IssuedCertificate]:
    """Let the exchange's authority sign a certificate that holds for all subsystems of a member."""
    made = credentials.issue_certificate(person(request), public_id, **given.dict())
    return Status(201, IssuedCertificate(**_credential(made).dict(), certificate=made.certificate))


@router.post(
    "/members/{public_id}/certificates/foreign/challenge",
    response=Challenge,
    summary="Ask for a text to sign by the key of a member's foreign certificate",
    openapi_extra=shapes.SPEAKERS,
)
def member_certificate_challenge(request: HttpRequest, public_id: PublicId) -> Challenge:
    """Give a text whose signature proves that the private key of a member's certificate is held."""
    return Challenge(text=credentials.certificate_challenge(_managed_member(request, public_id).public_id))


@router.post(
    "/members/{public_id}/certificates/foreign",
    response={201: CredentialRow},
    summary="Register a foreign certificate of a member",
    openapi_extra=shapes.SPEAKERS,
)
def member_certificate_register(
    request: HttpRequest, public_id: PublicId, given: ForeignCertificate
) -> Status[CredentialRow]:
    """Register a certificate for all subsystems of a member that an authority that counts has issued."""
    made = credentials.register_certificate(person(request), public_id, **given.dict())
    return Status(201, _credential(made))


@router.post(
    "/certificates/{public_id}/revoke",
    response=CredentialRow,
    summary="Revoke a certificate",
    openapi_extra=shapes.MANAGERS,
)
def certificate_revoke(request: HttpRequest, public_id: PublicId, given: Reasoned) -> CredentialRow:
    """Revoke a certificate at once."""
    return _credential(credentials.revoke_certificate(person(request), public_id, reason=given.reason))


def _credential(row: SigningKey | ClientCertificate) -> CredentialRow:
    same = ("label", "sha256", "valid_from", "valid_until", "revoked_at")
    return CredentialRow(id=row.public_id, **{name: getattr(row, name) for name in same})


@router.post(
    "/members/{public_id}/subsystems/{code}/networks",
    response={201: Key},
    summary="Allow a network without a key",
    openapi_extra=shapes.OPERATOR,
)
def network_allow(request: HttpRequest, public_id: PublicId, code: Code, given: NewNetwork) -> Status[int]:
    """Let a subsystem call from a network without a key, on plain listeners only; give the network's number."""
    row = _subsystem(request, public_id, code)
    made = limits.allow_network(person(request), row.pk, network=given.network, reason=given.reason)
    return Status(201, made.pk)


@router.delete(
    "/networks/{key}", response={204: None}, summary="Take a network back", openapi_extra=shapes.MANAGERS
)
def network_forbid(request: HttpRequest, key: Key) -> Status[None]:
    """Take a network back."""
    limits.forbid_network(person(request), key)
    return Status(204, None)


@router.post(
    "/members/{public_id}/{step}",
    response=shapes.MemberRow,
    summary="Decide on a member, suspend it, let it leave",
    openapi_extra=shapes.OPERATOR,
)
def member_step(
    request: HttpRequest,
    response: HttpResponse,
    public_id: PublicId,
    step: Literal["approve", "refuse", "suspend", "resume", "leave"],
    given: Reasoned,
) -> shapes.MemberRow:
    """Take a step; refusing, suspending and leaving need a reason. Leaving may also be done by the member's engineer."""
    version, user = version_seen(request, given.version), person(request)
    if step == "approve":
        members.approve(user, public_id, version=version, note=given.reason)
    elif step == "resume":
        members.resume(user, public_id, version=version, note=given.reason)
    else:
        act = {"refuse": members.refuse, "suspend": members.suspend, "leave": members.leave}[step]
        act(user, public_id, reason=given.reason, version=version)
    return _member(request, response, public_id)
