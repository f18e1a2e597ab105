"""Read what a promulgation will do, what it made, and whether a document is one that was promulgated."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from mehvar.directives.data import AssignmentRole
from mehvar.directives.models import Assignment, Directive, Modification, Promulgation
from mehvar.directives.publication import akn, document, signing
from mehvar.directives.queries import content as contents
from mehvar.directives.queries import gates
from mehvar.directives.queries.content import group_labels
from mehvar.directives.rules import cascade
from mehvar.directives.rules.content import DirectiveContent, hash_of
from mehvar.directives.rules.numbering import proposed_number
from mehvar.kernel import calendars
from mehvar.kernel.errors import InputError, LimitExceeded, NotFound, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.organisations.data import NameKind

LARGEST_DOCUMENT = 20 * 1024 * 1024
_SHORT_NAME = re.compile(r"[A-ZĐÂĂÊÔƠƯ]{2,12}")


@dataclass(frozen=True, slots=True)
class GroupPreview:
    """Say to how many bodies a symbolic group will expand, and how many assignments name it."""

    code: str
    label: str
    members: int
    assignments: int


@dataclass(frozen=True, slots=True)
class Preview:
    """Say what a promulgation on a day will do.

    ``roles`` counts the frozen assignments by role; ``unresolved`` are names that stand for no body of the register:
    they stay in the text and get no assignment.
    """

    bodies: int
    assignments: int
    roles: Mapping[str, int]
    groups: tuple[GroupPreview, ...]
    unresolved: tuple[str, ...]


def preview_of(directive: Directive, day: date) -> Preview:
    """Expand a directive's assignments as its promulgation on a day would; writes nothing."""
    rows = list(
        Assignment.objects.filter(
            measure__directive_id=directive.pk, measure__removed_at__isnull=True
        ).values_list("measure_id", "role", "organisation_id", "group_code", "principal", "raw_name")
    )
    given = [cascade.Given(*row[:5]) for row in rows]
    codes = sorted({item.group_code for item in given if item.group_code})
    members = {code: gates.members_on(directive, code, day) for code in codes}
    expanded = cascade.expand(given, members)
    return Preview(
        bodies=len({row.organisation_id for row in expanded}),
        assignments=len(expanded),
        roles={role.value: sum(1 for row in expanded if row.role == role) for role in AssignmentRole},
        groups=_group_previews(directive, given, members),
        unresolved=tuple(sorted({row[5] for row in rows if not row[2] and not row[3] and row[5]})),
    )


def _group_previews(
    directive: Directive, given: Sequence[cascade.Given], members: Mapping[str, Sequence[int]]
) -> tuple[GroupPreview, ...]:
    labels = group_labels(directive.pack, directive.language)
    return tuple(
        GroupPreview(
            code, labels.get(code, code), len(found), sum(1 for item in given if item.group_code == code)
        )
        for code, found in members.items()
    )


def proposal_for(directive: Directive, day: date) -> str:
    """Propose the number: the one that the draft carries where it is free, else the next of the issuer's year."""
    others = (
        Directive.objects.filter(issuer_id=directive.issuer_id).exclude(pk=directive.pk).exclude(number="")
    )
    if directive.number and not others.filter(number=directive.number).exists():
        return directive.number
    calendar = calendars.Calendar(directive.calendar)
    year = calendars.to_jalali(day)[0] if calendar is calendars.Calendar.JALALI else day.year
    first, last = calendars.year_bounds(year, calendar)
    taken = others.filter(dated_on__gte=first, dated_on__lte=last).values_list("number", flat=True)
    return proposed_number(
        pack=directive.pack,
        kind=directive.kind,
        year=year,
        issuer_abbreviation=_abbreviation(directive, day),
        taken=taken,
    )


def _abbreviation(directive: Directive, day: date) -> str:
    """Return the issuer's abbreviation as numbers carry it (``BTTTT``); empty where the register has none."""
    try:
        body = organisations.pack_of(directive.pack).body(directive.issuer.code)
    except (NotFound, KeyError):
        return ""
    names = [
        name.text
        for name in body.names
        if name.kind is NameKind.ABBREVIATION
        and name.language == directive.language
        and name.is_valid(day)
        and _SHORT_NAME.fullmatch(name.text)
    ]
    return next(iter(names), "")


def signing_key() -> signing.SigningKey:
    """Give the key that signs promulgations here.

    Raises:
        Unavailable: The configured key cannot be used.
    """
    return signing.signing_key(
        home=settings.MEHVAR_HOME,
        pkcs12_file=settings.MEHVAR_SIGNING_PKCS12_FILE,
        passphrase_file=settings.MEHVAR_SIGNING_PASSPHRASE_FILE,
    )


def dated_content(directive_id: int, *, number: str, day: date) -> DirectiveContent:
    """Give the content as it is promulgated on a day under a number."""
    content = contents.content_of(directive_id)
    content["directive"]["number"] = number
    content["directive"]["dated_on"] = day.isoformat()
    content["directive"]["effective_on"] = day.isoformat()
    return content


def draft_document(directive: Directive, *, number: str, day: date) -> bytes:
    """Lay out the document as it would be promulgated on a day: unsigned, without seal, marked as a draft.

    Raises:
        InputError: The text cannot be written as Akoma Ntoso; the promulgation would fail for the same reason.
    """
    content = dated_content(directive.pk, number=number, day=day)
    xml = akn.write_akn(content, akn.naming_of(content, number=number, dated_on=day))
    return document.directive_pdf(content, xml=xml, content_hash=hash_of(content), public_url="")


def promulgation_by_code(short_code: str) -> Promulgation:
    """Return a promulgation by its short public code.

    Raises:
        NotFound: There is none.
    """
    found = (
        Promulgation.objects.select_related("directive__issuer").filter(short_code=short_code.lower()).first()
    )
    if found is None:
        raise NotFound(gettext_noop("There is no document under this address."), code="unknown-document")
    return found


def promulgation_of(directive_id: int) -> Promulgation | None:
    """Return the promulgation of a directive; None before it."""
    return Promulgation.objects.filter(directive_id=directive_id).first()


def modifications_of(directive_id: int) -> list[Modification]:
    """Return what became of a promulgated directive, oldest first, with the directives that did it."""
    return list(Modification.objects.filter(directive_id=directive_id).select_related("by__promulgation"))


def modified_by(directive_id: int) -> list[Modification]:
    """Return which directives this one amended or superseded."""
    return list(Modification.objects.filter(by_id=directive_id).select_related("directive__promulgation"))


class Finding(StrEnum):
    """How a document that somebody holds stands to what was promulgated."""

    IDENTICAL = "identical"
    OTHER_FILE = "other-file"
    CHANGED = "changed"
    NOT_OURS = "not-ours"


@dataclass(frozen=True, slots=True)
class DocumentCheck:
    """Say what came of checking a document: finding, its fingerprint, its signature, the promulgation it is or was."""

    finding: Finding
    sha256: str
    signature: signing.SignatureReport | None = None
    promulgation: Promulgation | None = None


def check_document(held: bytes) -> DocumentCheck:
    """Compare a document (PDF, XML or JSON) with all that was promulgated here.

    Identical: byte for byte what was promulgated. Other file: a good signature of this office over something that was
    not promulgated. Changed: this office's signature, broken or followed by additions. Else not ours.

    Raises:
        InputError: The document is empty.
        LimitExceeded: It is larger than 20 MB.
    """
    refuse_oversized(len(held))
    digest = hashlib.sha256(held).hexdigest()
    same = (
        _promulgations().filter(Q(pdf_sha256=digest) | Q(xml_sha256=digest) | Q(content_hash=digest)).first()
    )
    if same is not None:
        return DocumentCheck(Finding.IDENTICAL, digest, signing.signature_of(held), same)
    signature = signing.signature_of(held)
    if signature is None or not _is_own_certificate(signature.certificate_sha256):
        return DocumentCheck(Finding.NOT_OURS, digest, signature)
    if signature.good:
        return DocumentCheck(Finding.OTHER_FILE, digest, signature)
    return DocumentCheck(Finding.CHANGED, digest, signature, _original_of(held))


def refuse_oversized(size: int) -> None:
    """Refuse a document that is empty or too large to be one of ours.

    Raises:
        InputError: It is empty.
        LimitExceeded: It is larger than 20 MB.
    """
    if size == 0:
        raise InputError(gettext_noop("The document is empty."), code="empty-document", field="document")
    if size > LARGEST_DOCUMENT:
        raise LimitExceeded(
            gettext_noop("The document is larger than {limit} MB."),
            code="document-too-large",
            field="document",
            limit=LARGEST_DOCUMENT // 1024 // 1024,
        )


def _promulgations() -> QuerySet[Promulgation]:
    return Promulgation.objects.select_related("directive__issuer")


def _is_own_certificate(certificate_sha256: str) -> bool:
    known = Promulgation.objects.filter(certificate_sha256=certificate_sha256).exists()
    return known or signing_key().certificate_sha256 == certificate_sha256


def _original_of(held: bytes) -> Promulgation | None:
    """Find the promulgation to which additions were made: the signed part still has the promulgated fingerprint."""
    prefix = signing.signed_part(held)
    if prefix is None:
        return None
    return _promulgations().filter(pdf_sha256=hashlib.sha256(prefix).hexdigest()).first()


def newest_promulgations(most: int) -> list[dict[str, Any]]:
    """Give the newest promulgations that everyone may see: number, date, short code, title, language."""
    rows = Promulgation.objects.order_by("-promulgated_at").values(
        "number",
        "promulgated_on",
        "short_code",
        "directive__title",
        "directive__language",
        "directive__state",
    )
    return [dict(row) for row in rows[:most]]


def short_codes_of(public_ids: Sequence[str]) -> dict[str, str]:
    """Give the short codes of the public pages of some directives, by the directive's identifier; the latest wins."""
    rows = Promulgation.objects.filter(directive__public_id__in=public_ids).order_by("promulgated_at", "pk")
    return dict(rows.values_list("directive__public_id", "short_code"))
