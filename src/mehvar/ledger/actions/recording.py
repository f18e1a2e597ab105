"""Write entries."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from django.db import transaction

from mehvar.kernel import clock, events, identifiers
from mehvar.kernel.errors import InputError, LimitExceeded, gettext_noop
from mehvar.ledger.data import JSON, Actor, Deed, Place, Subject
from mehvar.ledger.models import LONGEST, Entry, Head
from mehvar.ledger.rules import leaf as leaves

RECORDED = "ledger.recorded"
_RESERVED_TYPE = "entry"  # its address would be that of an entry's own page


def record(
    *,
    actor: Actor,
    action: str,
    subject: Subject,
    content: Mapping[str, JSON],
    reason: str = "",
    public: bool = False,
) -> int:
    """Put one entry on record, in the transaction of the act itself, and return its sequence number.

    A public entry is readable by anyone, ``content`` and ``reason`` included; people's names belong in the labels only,
    which never enter the leaf. From this call to the end of the transaction other writers wait, so call it last.
    After the commit the event ``ledger.recorded`` (sequence, action, subject_type, subject_identifier, public) is told.

    Raises:
        TransactionManagementError: no transaction is open.
        InputError: an empty or too long name, or content that JSON cannot carry exactly.
        LimitExceeded: content beyond 16 MiB, or a public leaf beyond 65,535 bytes.

    Source: issue "the house", point 5; exchange-and-ledger §5.
    """
    _require_transaction()
    deed = _deed(actor, action, subject, content=content, reason=reason, public=public)
    head = _locked_head()
    place = Place(head.sequence + 1, clock.now(), head.leaf_hash)
    entry = _entry(deed, place)
    entry.save()
    Head.objects.filter(pk=head.pk).update(sequence=entry.sequence, leaf_hash=entry.leaf_hash)
    transaction.on_commit(
        lambda: _tell(entry), robust=True
    )  # a failing listener must not undo a committed act
    return entry.sequence


def _require_transaction() -> None:
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("record an act within the act's own transaction")


def _deed(
    actor: Actor, action: str, subject: Subject, *, content: Mapping[str, JSON], reason: str, public: bool
) -> Deed:
    _check_names(actor, action, subject)
    content_json = identifiers.canonical_json(content)
    if len(content_json) > leaves.MAX_CONTENT_BYTES:
        raise LimitExceeded(
            gettext_noop("The content of a record may have at most {limit} bytes."),
            code="content-too-long",
            limit=leaves.MAX_CONTENT_BYTES,
        )
    return Deed(
        actor=Actor(str(actor.kind), actor.identifier, _storable(actor.label)),
        action=str(action),
        subject=Subject(subject.type, subject.identifier, _storable(subject.label)),
        content_json=content_json.decode(),
        reason=_storable(reason),
        public=public,
        salt=secrets.token_bytes(leaves.SALT_BYTES),
    )


def _check_names(actor: Actor, action: str, subject: Subject) -> None:
    limits = (
        ("actor_kind", actor.kind),
        ("actor_identifier", actor.identifier),
        ("action", action),
        ("subject_type", subject.type),
        ("subject_identifier", subject.identifier),
    )
    for column, name in limits:
        longest = LONGEST[column]
        if not name or len(name) > longest or "\x00" in name:
            raise InputError(
                gettext_noop("A record needs a {column} of at most {limit} characters."),
                column=column,
                limit=longest,
            )
    if subject.type == _RESERVED_TYPE or "/" in subject.type:
        raise InputError(gettext_noop("“{type}” cannot be the type of a recorded object."), type=subject.type)


def _storable(text: str) -> str:
    """Drop NUL, the one character that PostgreSQL cannot keep; labels may be lazy translations."""
    return str(text).replace("\x00", "")


def _locked_head() -> Head:
    """Return the head's row, locked until the transaction ends; make it where a database was emptied."""
    head = Head.objects.select_for_update().filter(pk=Head.ONLY).first()
    if head is not None:
        return head
    last = Entry.objects.order_by("sequence").last()
    start = (last.sequence, last.leaf_hash) if last else (0, leaves.GENESIS)
    Head.objects.get_or_create(pk=Head.ONLY, defaults={"sequence": start[0], "leaf_hash": start[1]})
    return Head.objects.select_for_update().get(pk=Head.ONLY)


def _entry(deed: Deed, place: Place) -> Entry:
    leaf = leaves.encode_leaf(deed, place)
    return Entry(
        sequence=place.sequence,
        recorded_at=place.recorded_at,
        public=deed.public,
        actor_kind=deed.actor.kind,
        actor_identifier=deed.actor.identifier,
        actor_label=deed.actor.label,
        action=deed.action,
        subject_type=deed.subject.type,
        subject_identifier=deed.subject.identifier,
        subject_label=deed.subject.label,
        reason=deed.reason,
        content=deed.content_json,
        content_hash=leaves.content_json_hash(deed.content_json),
        salt=deed.salt,
        leaf=leaf,
        leaf_hash=leaves.leaf_hash(leaf),
    )


def _tell(entry: Entry) -> None:
    events.publish(
        RECORDED,
        sequence=entry.sequence,
        action=entry.action,
        subject_type=entry.subject_type,
        subject_identifier=entry.subject_identifier,
        public=entry.public,
    )
