"""Show an object's history and single entries, and give out their proofs."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mehvar.kernel.errors import NotFound, gettext_noop
from mehvar.ledger import queries
from mehvar.ledger.data import Actor, ActorKind, EntryRecord
from mehvar.ui.data import SummaryRow, TimelineEvent
from mehvar.ui.reader import reader_of

SHORT_HASH = 12
LARGEST_SHOWN_CONTENT = 200_000
_SHORTEST_PAGE, _ENTRIES_PER_PAGE = 1, 50


@require_safe
def history(request: HttpRequest, subject_type: str, identifier: str) -> HttpResponse:
    """Show what is on record about one object, newest first.

    Raises:
        NotFound: nothing that this reader may see.
    """
    page = queries.history_of(
        subject_type, identifier, person=request.user, page=_page_number(request), size=_ENTRIES_PER_PAGE
    )
    records = list(page)
    if not records:
        raise NotFound(
            gettext_noop("Nothing about this object is on public record."), code="nothing-on-record"
        )
    context = {
        "subject": records[0].subject,
        "subject_name": _subject_name(records[0]),
        "subject_type": queries.subject_type_label(subject_type),
        "subject_url": queries.subject_address(subject_type, identifier),
        "entries": page,
        "events": [_event(request, record) for record in records],
        "verify_url": _verify_url(subject_type, identifier, records),
        "broken": [record.sequence for record in records if not record.verified],
    }
    return render(request, "ledger/history.html", context)


@require_safe
def entry(request: HttpRequest, sequence: int) -> HttpResponse:
    """Show one entry with its hashes; of a private one strangers see only that it is there."""
    record = queries.entry(sequence, person=request.user)
    context = {
        "record": record,
        "title": queries.action_label(record.action) if record.readable else _("A private record"),
        "facts": _facts(request, record),
        "proof": _proof(record),
        "content": _pretty(record),
        "content_too_long": len(record.content_json) > LARGEST_SHOWN_CONTENT,
        "sealed": record.sequence <= queries.seal_state().size,
    }
    return render(request, "ledger/entry.html", context)


@require_safe
def verify_entry(request: HttpRequest, sequence: int) -> HttpResponse:
    """Tell a lay person what the proof of one entry proves, and how to check it."""
    record = queries.entry(sequence, person=request.user)
    context = {
        "what": _("Record %(number)s") % {"number": reader_of(request).digits(sequence)},
        "back": reverse("ledger:entry", args=[sequence]),
        "bundle": reverse("ledger:proof", args=[sequence]),
        "opening": f"{reverse('ledger:proof', args=[sequence])}?open=1" if record.sealed_part else "",
        "public": record.public,
        **_seal(request, sequences=[sequence]),
    }
    return render(request, "ledger/verify.html", context)


@require_safe
def verify_subject(request: HttpRequest, subject_type: str, identifier: str) -> HttpResponse:
    """Tell a lay person what the proof of an object's public entries proves, and how to check it."""
    sequences = queries.sequences_of(subject_type, identifier)
    newest = queries.entry(sequences[-1], person=request.user)
    context = {
        "what": _subject_name(newest),
        "back": reverse("ledger:history", args=[subject_type, identifier]),
        "bundle": reverse("ledger:proof_of_subject", args=[subject_type, identifier]),
        "opening": "",
        "public": True,
        **_seal(request, sequences=sequences),
    }
    return render(request, "ledger/verify.html", context)


@require_safe
def proof(request: HttpRequest, sequence: int) -> HttpResponse:
    """Give the proof bundle of one entry; ``?open=1`` opens the seal for those who may read it."""
    opened = request.GET.get("open") == "1"
    return _download(
        queries.proof_of_entry(sequence, person=request.user, opened=opened), f"mehvar-proof-{sequence}"
    )


@require_safe
def proof_of_subject(_request: HttpRequest, subject_type: str, identifier: str) -> HttpResponse:
    """Give the proof bundle of an object's public entries."""
    return _download(
        queries.proof_of_subject(subject_type, identifier),
        f"mehvar-proof-{slugify(subject_type)}-{slugify(identifier)}",
    )


@require_safe
def leaf(_request: HttpRequest, sequence: int) -> HttpResponse:
    """Give the exact bytes of the leaf, to be hashed by whoever wants to check."""
    response = HttpResponse(queries.leaf_of(sequence), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="mehvar-entry-{sequence}.json"'
    return response


def _seal(request: HttpRequest, *, sequences: list[int]) -> dict[str, object]:
    """Return what the page says of the seal: the entries it covers, the key, who cosigned."""
    state = queries.seal_state()
    covered = sum(sequence <= state.size for sequence in sequences)
    reader = reader_of(request)
    rows = [
        SummaryRow(
            _("Records sealed"),
            _("%(covered)s of %(all)s")
            % {"covered": reader.number(covered), "all": reader.number(len(sequences))},
        ),
        SummaryRow(_("Records in the whole log"), reader.digits(state.size)),
        SummaryRow(_("Witnesses"), ", ".join(state.witnesses) or _("None yet")),
        SummaryRow(_("Public key of the log"), state.key or "–"),
    ]
    return {"covered": covered, "complete": covered == len(sequences), "seal": rows, "key": state.key}


def _download(content: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{name}.json"'
    response["Cache-Control"] = "private, no-cache"
    return response


def _page_number(request: HttpRequest) -> int:
    written = request.GET.get("page", "")
    return int(written) if written.isascii() and written.isdecimal() else _SHORTEST_PAGE


def _event(request: HttpRequest, record: EntryRecord) -> TimelineEvent:
    return TimelineEvent(
        title=queries.action_label(record.action),
        at=record.recorded_at,
        actor=_actor_name(record.actor),
        text=" · ".join(part for part in (record.reason, _mark(request, record)) if part),
        url=reverse("ledger:entry", args=[record.sequence]),
        state="neutral" if record.verified else "overdue",
    )


def _mark(request: HttpRequest, record: EntryRecord) -> str:
    words = (
        _("Record %(number)s, %(hash)s, verified")
        if record.verified
        else _("Record %(number)s, %(hash)s, ALTERED")
    )
    digest = f"\u2066{record.leaf_hash[:SHORT_HASH]}\u2069"
    return words % {"number": reader_of(request).digits(record.sequence), "hash": digest}


def _actor_name(actor: Actor) -> str:
    if actor.label:
        return actor.label
    if actor.kind == ActorKind.PERSON:
        return _("An official")
    return _("Mehvar") if actor.kind == ActorKind.SYSTEM else _("A service")


def _verify_url(subject_type: str, identifier: str, records: list[EntryRecord]) -> str:
    """Return where strangers can verify the object, empty when none of these entries is public."""
    if not any(record.public for record in records):
        return ""
    return reverse("ledger:verify_subject", args=[subject_type, identifier])


def _subject_name(record: EntryRecord) -> str:
    """Return the name of what a record is about; a name without letters says of what kind it is."""
    title = queries.subject_title(record.subject.type, record.subject.identifier)
    label = title or record.subject.label or record.subject.identifier
    if any(sign.isalpha() for sign in label):
        return label
    kind = queries.subject_type_label(record.subject.type)
    number = "".join(sign for sign in label if sign.isdecimal())
    return f"{kind} {reader_of().digits(number)}" if number else kind


def _facts(request: HttpRequest, record: EntryRecord) -> list[SummaryRow]:
    reader = reader_of(request)
    rows = [
        SummaryRow(_("Number"), reader.digits(record.sequence)),
        SummaryRow(_("When"), reader.moment(record.recorded_at)),
        SummaryRow(_("Readable by"), _("Everyone") if record.public else _("Those in charge")),
    ]
    if not record.readable:
        return rows
    subject_url = reverse("ledger:history", args=[record.subject.type, record.subject.identifier])
    return [
        SummaryRow(_("What"), queries.action_label(record.action)),
        SummaryRow(_("Who"), _actor_name(record.actor)),
        SummaryRow(
            queries.subject_type_label(record.subject.type),
            _subject_name(record),
            subject_url,
            _("Whole history"),
        ),
        SummaryRow(_("Why"), record.reason or "–"),
        *rows,
    ]


def _proof(record: EntryRecord) -> list[SummaryRow]:
    before = reverse("ledger:entry", args=[record.sequence - 1]) if record.sequence > 1 else ""
    rows = [
        SummaryRow(_("Hash of this record"), record.leaf_hash),
        SummaryRow(_("Hash of the record before"), record.previous, before, _("See it") if before else ""),
    ]
    if record.content_hash:
        rows.insert(1, SummaryRow(_("Hash of the content"), record.content_hash))
    if record.salt and not record.public:
        rows.append(SummaryRow(_("Salt that opens the seal"), record.salt))
        rows.append(SummaryRow(_("Sealed text"), record.sealed_part))
    return rows


def _pretty(record: EntryRecord) -> str:
    if not record.content_json or len(record.content_json) > LARGEST_SHOWN_CONTENT:
        return ""
    return json.dumps(record.content, ensure_ascii=False, indent=2)
