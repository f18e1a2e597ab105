"""Promulgate a directive: gates, number, frozen content, expanded groups, signed document, cascade.

Source: S0.9, S2.2, S2.4; issue "the house", point 12.
"""

import hashlib
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from mehvar.accounts.actions import notifications
from mehvar.directives.actions import aftermath, lifecycle
from mehvar.directives.actions.cascade import INBOX, acting_for
from mehvar.directives.models import Acknowledgement, AssignedBody, Assignment, Directive, Promulgation
from mehvar.directives.publication import akn, document, signing
from mehvar.directives.queries import content as contents
from mehvar.directives.queries import days, gates
from mehvar.directives.queries import promulgation as publications
from mehvar.directives.rules import cascade
from mehvar.directives.rules import lifecycle as life
from mehvar.directives.rules.content import DirectiveContent, hash_of
from mehvar.directives.rules.lifecycle import Step
from mehvar.kernel import clock, errors
from mehvar.ledger import actions as ledger
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
    changed meanwhile, freezes everything and commits at once, or not at all. A directive that the new one supersedes
    is superseded in the same transaction.

    Raises:
        NotPermitted: The person's roles do not permit it.
        TransitionNotAllowed: The directive is not approved, or a gate is open (code ``gates-open``).
        InputError: The number is empty or too long.
        Conflict: The number is taken, or the text changed meanwhile.
        Unavailable: The signing certificate cannot be read.
    """
    directive = _checked(actor, directive_id, number=number, version=version)
    clean, today = number.strip(), days.today()
    prepared = _prepare(directive, number=clean, today=today)
    with _kept_file(prepared) as pdf_name, transaction.atomic():
        locked = lifecycle.locked_directive(directive_id, version=directive.version)
        _require_closed_gates(directive_id)
        _take_number(directive_id, number=clean, today=today)
        if hash_of(contents.content_of(directive_id)) != prepared.content_hash:
            raise errors.Conflict(
                gettext_noop("The text changed meanwhile. Look at it again."), code="stale-directive"
            )
        assigned = _freeze_assignments(locked, today)
        _ask_to_acknowledge(locked, number=clean, bodies=sorted(assigned), today=today)
        promulgation = _keep(actor, locked, prepared, number=clean, today=today, pdf_name=pdf_name)
        lifecycle.advance(
            actor,
            directive_id,
            Step.PROMULGATE,
            facts={"number": clean, "content_hash": prepared.content_hash, "bodies": len(assigned)},
            public=True,
        )
        Directive.objects.filter(pk=directive_id).update(promulgated_at=promulgation.promulgated_at)
        aftermath.supersede_predecessor(actor, locked)
    return promulgation


@contextmanager
def _kept_file(prepared: Prepared) -> Iterator[str]:
    """Store the signed document before the transaction, on disk for good; remove it again when the act fails."""
    storage = Promulgation.pdf.field.storage
    folder = f"promulgated/{clock.now():%Y}"
    name = storage.save(f"{folder}/{hashlib.sha256(prepared.pdf).hexdigest()}.pdf", ContentFile(prepared.pdf))
    if isinstance(storage, FileSystemStorage):  # other storages keep files in their own way
        _flush_to_disk(Path(storage.path(name)))
    try:
        yield name
    except BaseException:
        storage.delete(name)
        raise


def _flush_to_disk(path: Path) -> None:
    for target in (path, path.parent):
        descriptor = os.open(target, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _take_number(directive_id: int, *, number: str, today: date) -> None:
    try:
        with transaction.atomic():
            Directive.objects.filter(pk=directive_id).update(
                number=number, dated_on=today, effective_on=today
            )
    except IntegrityError as error:  # another promulgation was quicker
        raise _number_taken(number) from error


def _number_taken(number: str) -> errors.Conflict:
    return errors.Conflict(
        gettext_noop("The number {number} is taken already."),
        code="number-taken",
        field="number",
        number=number,
    )


def _checked(actor: "User", directive_id: int, *, number: str, version: int | None) -> Directive:
    directive = Directive.objects.select_related("issuer").filter(pk=directive_id).first()
    if directive is None:
        raise errors.NotFound(gettext_noop("There is no such directive."), code="unknown-directive")
    lifecycle.require_permission(actor, Permission.PROMULGATE_DIRECTIVE, directive)
    life.LIFE.transition(directive.state, Step.PROMULGATE)
    if version is not None and version != directive.version:
        raise errors.Conflict(
            "Somebody changed the directive in the meantime. Look at the new state and try again.",
            code="stale-directive",
        )
    clean = number.strip()
    if not clean or len(clean) > LONGEST_NUMBER:
        raise errors.InputError(
            gettext_noop("Give the number of the directive."), code="number-required", field="number"
        )
    if Directive.objects.filter(issuer=directive.issuer, number=clean).exclude(pk=directive_id).exists():
        raise _number_taken(clean)
    _require_closed_gates(directive_id)
    return directive


def _require_closed_gates(directive_id: int) -> None:
    still_open = gates.open_gates(directive_id)
    if still_open:
        raise errors.TransitionNotAllowed(
            gettext_noop("{count} gates are still open."),
            code="gates-open",
            count=len(still_open),
            gates=[state.code for state in still_open],
        )


def _prepare(directive: Directive, *, number: str, today: date) -> Prepared:
    content = publications.dated_content(directive.pk, number=number, day=today)
    digest = hash_of(content)
    naming = akn.naming_of(content, number=number, dated_on=today)
    xml = akn.write_akn(content, naming)
    key = publications.signing_key()
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
    actor: "User", directive: Directive, prepared: Prepared, *, number: str, today: date, pdf_name: str
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
    return Promulgation.objects.create(
        directive=directive,
        number=number,
        promulgated_on=today,
        promulgated_at=clock.now(),
        promulgated_by=actor,
        short_code=prepared.short_code,
        content=prepared.content,
        content_hash=prepared.content_hash,
        pdf=pdf_name,
        pdf_sha256=pdf_sha256,
        xml=prepared.xml.decode(),
        xml_sha256=xml_sha256,
        akn_uri=prepared.akn_uri,
        certificate_subject=prepared.key.subject,
        certificate_sha256=prepared.key.certificate_sha256,
        development_certificate=prepared.key.development,
        ledger_sequence=sequence,
    )


def _freeze_assignments(directive: Directive, today: date) -> set[int]:
    given = [
        cascade.Given(*row)
        for row in Assignment.objects.filter(
            measure__directive_id=directive.pk, measure__removed_at__isnull=True
        ).values_list("measure_id", "role", "organisation_id", "group_code", "principal")
    ]
    codes = sorted({row.group_code for row in given if row.group_code})
    rows = cascade.expand(given, {code: gates.members_on(directive, code, today) for code in codes})
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
        acting_for(bodies),
        kind="acknowledgement-asked",
        key=f"acknowledge-{directive.public_id}",
        message=gettext_noop("Directive {number} “{title}” was promulgated. Please acknowledge it by {due}."),
        params={"number": number, "title": directive.title[:160], "due": due_on.isoformat()},
        path=INBOX,
    )
