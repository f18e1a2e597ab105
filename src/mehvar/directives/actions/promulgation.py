"""Promulgate a directive: gates, number, frozen content, expanded groups, signed document, cascade.

Source: S0.9, S2.2, S2.4; issue "the house", point 12.
"""

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext_noop

from mehvar.accounts.actions import notifications
from mehvar.directives.actions import lifecycle
from mehvar.directives.models import Acknowledgement, AssignedBody, Assignment, Directive, Promulgation
from mehvar.directives.publication import akn, document, signing
from mehvar.directives.queries import content as contents
from mehvar.directives.queries import gates
from mehvar.directives.rules import cascade
from mehvar.directives.rules import lifecycle as life
from mehvar.directives.rules.content import DirectiveContent, hash_of
from mehvar.directives.rules.lifecycle import Step
from mehvar.kernel import clock, errors
from mehvar.ledger import actions as ledger
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.accounts.models import User

SHORT_CODE_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
SHORT_CODE_LENGTH = 8
LONGEST_NUMBER = 80
BATCH = 900


@dataclass(frozen=True, slots=True)
class Prepared:
    """Hold what is made before the transaction: documents of a content that must not change meanwhile."""

    content: DirectiveContent
    content_hash: str
    xml: bytes
    akn_uri: str
    pdf: bytes
    key: signing.SigningKey
    short_code: str


def promulgate_directive(
    actor: "User", directive_id: int, *, number: str, version: int | None = None
) -> Promulgation:
    """Promulgate an approved directive and ask every assigned body to acknowledge it.

    Documents are made first, outside the transaction (about a second); the transaction then checks that nothing
    changed meanwhile, freezes everything and commits at once, or not at all.

    Raises:
        NotPermitted: The person's roles do not permit it.
        TransitionNotAllowed: The directive is not approved, or a gate is open (code ``gates-open``).
        InputError: The number is empty or too long.
        Conflict: The number is taken, or the text changed meanwhile.
        Unavailable: The signing certificate cannot be read.
    """
    directive = _checked(actor, directive_id, number=number, version=version)
    today = clock.today(settings.TIME_ZONE)
    prepared = _prepare(directive, number=number.strip(), today=today)
    with transaction.atomic():
        locked = lifecycle.locked_directive(directive_id, version=directive.version)
        _require_closed_gates(directive_id)
        Directive.objects.filter(pk=directive_id).update(
            number=number.strip(), dated_on=today, effective_on=today
        )
        if hash_of(contents.content_of(directive_id)) != prepared.content_hash:
            raise errors.Conflict("The text changed meanwhile. Look at it again.", code="stale-directive")
        assigned = _freeze_assignments(locked, today)
        promulgation = _keep(actor, locked, prepared, number=number.strip(), today=today)
        lifecycle.advance(
            actor,
            directive_id,
            Step.PROMULGATE,
            facts={"number": number.strip(), "content_hash": prepared.content_hash, "bodies": len(assigned)},
        )
        Directive.objects.filter(pk=directive_id).update(promulgated_at=promulgation.promulgated_at)
        _ask_to_acknowledge(locked, number=number.strip(), bodies=sorted(assigned), today=today)
    return promulgation


def _checked(actor: "User", directive_id: int, *, number: str, version: int | None) -> Directive:
    directive = Directive.objects.select_related("issuer").filter(pk=directive_id).first()
    if directive is None:
        raise errors.NotFound("There is no such directive.", code="unknown-directive")
    lifecycle.require_permission(actor, Permission.PROMULGATE_DIRECTIVE, directive)
    life.LIFE.transition(directive.state, Step.PROMULGATE)
    if version is not None and version != directive.version:
        raise errors.Conflict(
            "Somebody changed the directive in the meantime. Look at the new state and try again.",
            code="stale-directive",
        )
    clean = number.strip()
    if not clean or len(clean) > LONGEST_NUMBER:
        raise errors.InputError("Give the number of the directive.", code="number-required", field="number")
    if Directive.objects.filter(issuer=directive.issuer, number=clean).exclude(pk=directive_id).exists():
        raise errors.Conflict(
            "The number {number} is taken.", code="number-taken", field="number", number=clean
        )
    _require_closed_gates(directive_id)
    return directive


def _require_closed_gates(directive_id: int) -> None:
    still_open = gates.open_gates(directive_id)
    if still_open:
        raise errors.TransitionNotAllowed(
            "{count} gates are still open.",
            code="gates-open",
            count=len(still_open),
            gates=[state.code for state in still_open],
        )


def _prepare(directive: Directive, *, number: str, today: date) -> Prepared:
    content = contents.content_of(directive.pk)
    content["directive"]["number"] = number
    content["directive"]["dated_on"] = today.isoformat()
    content["directive"]["effective_on"] = today.isoformat()
    digest = hash_of(content)
    naming = akn.naming_of(content, number=number, dated_on=today)
    xml = akn.write_akn(content, naming)
    key = signing.signing_key(
        home=settings.MEHVAR_HOME,
        pkcs12_file=settings.MEHVAR_SIGNING_PKCS12_FILE,
        passphrase_file=settings.MEHVAR_SIGNING_PASSPHRASE_FILE,
    )
    short_code = "".join(secrets.choice(SHORT_CODE_LETTERS) for _ in range(SHORT_CODE_LENGTH))
    pdf = document.directive_pdf(
        content,
        xml=xml,
        content_hash=digest,
        public_url=f"{settings.MEHVAR_BASE_URL}/d/{short_code}",
    )
    signed = signing.sign_pdf(pdf, key, reason=number, location=content["directive"]["issuer"]["name"])
    return Prepared(content, digest, xml, naming.work, signed, key, short_code)


def _keep(
    actor: "User", directive: Directive, prepared: Prepared, *, number: str, today: date
) -> Promulgation:
    pdf_sha256 = hashlib.sha256(prepared.pdf).hexdigest()
    xml_sha256 = hashlib.sha256(prepared.xml).hexdigest()
    sequence = ledger.record(
        actor=actor.as_actor(),
        action="directive.published",
        subject=lifecycle.subject_of(directive),
        content={
            "number": number,
            "title": directive.title,
            "issuer": directive.issuer.code,
            "dated_on": today.isoformat(),
            "content_hash": prepared.content_hash,
            "pdf_sha256": pdf_sha256,
            "xml_sha256": xml_sha256,
            "certificate_sha256": prepared.key.certificate_sha256,
            "akn_uri": prepared.akn_uri,
        },
        public=True,
    )
    promulgation = Promulgation(
        directive=directive,
        number=number,
        promulgated_on=today,
        promulgated_at=clock.now(),
        promulgated_by=actor,
        short_code=prepared.short_code,
        content=prepared.content,
        content_hash=prepared.content_hash,
        pdf_sha256=pdf_sha256,
        xml=prepared.xml.decode(),
        xml_sha256=xml_sha256,
        akn_uri=prepared.akn_uri,
        certificate_subject=prepared.key.subject,
        certificate_sha256=prepared.key.certificate_sha256,
        development_certificate=prepared.key.development,
        ledger_sequence=sequence,
    )
    promulgation.pdf.save(f"{pdf_sha256}.pdf", ContentFile(prepared.pdf), save=False)
    promulgation.save()
    return promulgation


def _freeze_assignments(directive: Directive, today: date) -> set[int]:
    given = [
        cascade.Given(*row)
        for row in Assignment.objects.filter(
            measure__directive_id=directive.pk, measure__removed_at__isnull=True
        ).values_list("measure_id", "role", "organisation_id", "group_code", "principal")
    ]
    codes = {row.group_code for row in given if row.group_code}
    members = _members(directive, codes, today)
    rows = cascade.expand(given, members)
    AssignedBody.objects.bulk_create(
        [
            AssignedBody(
                directive=directive,
                measure_id=row.measure_id,
                organisation_id=row.organisation_id,
                role=row.role,
                via_group=row.via_group,
                principal=row.principal,
            )
            for row in rows
        ],
        batch_size=BATCH,
    )
    return {row.organisation_id for row in rows}


def _members(directive: Directive, codes: set[str], today: date) -> Mapping[str, Sequence[int]]:
    found: dict[str, Sequence[int]] = defaultdict(tuple)
    for code in sorted(codes):
        members = organisations.members_of_group(directive.pack, code, today, issuer=directive.issuer.code)
        found[code] = list(members.values_list("pk", flat=True))
    return found


def _ask_to_acknowledge(directive: Directive, *, number: str, bodies: Sequence[int], today: date) -> None:
    now = clock.now()
    due_on = today + timedelta(days=directive.acknowledge_within_days)
    Acknowledgement.objects.bulk_create(
        [
            Acknowledgement(directive=directive, organisation_id=body, asked_at=now, due_on=due_on)
            for body in bodies
        ],
        batch_size=BATCH,
    )
    notifications.notify(
        organisations.people_with(Permission.ACKNOWLEDGE_ASSIGNMENT, bodies),
        kind="acknowledgement-asked",
        key=f"acknowledge-{directive.public_id}",
        message=gettext_noop("Directive {number} “{title}” was promulgated. Please acknowledge it by {due}."),
        params={"number": number, "title": directive.title[:160], "due": due_on.isoformat()},
        path="/directives/inbox/",
    )
