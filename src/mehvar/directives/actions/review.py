"""Review imported rows: accept, correct, merge, split, remove, teach a name once, undo, finish.

Every function takes the document's public id; a row is named by its measure's public id. ``version`` is the row's
version that the reviewer saw: when somebody else changed the row since, nothing is written and ``StaleMeasure`` says so.
Source: issue "the house", point 9.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Unpack

from django.db.models import F

from mehvar.directives.actions import drafts, measures, snapshots
from mehvar.directives.actions.drafts import Edit
from mehvar.directives.data import ImportState, ReviewState
from mehvar.directives.models import Assignment, EditStep, ImportDocument, Measure, ReviewPresence
from mehvar.directives.queries import review as queries
from mehvar.directives.rules import review as rules
from mehvar.directives.rules.drafting import MeasureChanges
from mehvar.kernel import clock, identifiers, text
from mehvar.kernel.errors import Conflict, InputError, NotFound, gettext_noop
from mehvar.organisations import actions as organisation_actions
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from mehvar.accounts.models import User


@dataclass(frozen=True, slots=True)
class Taught:
    """Say what teaching a name did: in how many rows it now means the body, and which body."""

    rows: int
    organisation: str
    step: EditStep


def accept_rows(
    actor: User,
    document_id: str,
    rows: Collection[str] | None = None,
    *,
    versions: Mapping[str, int] | None = None,
) -> int:
    """Accept rows (all that are open when ``rows`` is None) and settle their flags; give how many were open.

    Raises:
        StaleMeasure: A row with a version in ``versions`` was changed since.
        NotFound, NotPermitted, TransitionNotAllowed: As ``drafts.editing``.
    """
    document = document_of(document_id)
    with _reviewing(actor, document, "rows-accepted") as edit:
        found = _rows(edit, rows)
        for row in found:
            if versions and versions.get(row.public_id, row.version) != row.version:
                raise measures.stale(row)
        open_rows = [row for row in found if not rules.is_settled(row.review_state, row.open_flags)]
        _accept(edit, open_rows, fields=snapshots.SETTLING)
    return len(open_rows)


def accept_clean_rows(actor: User, document_id: str) -> int:
    """Accept at once every row about which the reader has no doubt; give how many."""
    document = document_of(document_id)
    with _reviewing(actor, document, "rows-accepted") as edit:
        clean = [
            row
            for row in _rows(edit, None)
            if row.open_flags == 0 and row.review_state == ReviewState.PENDING
        ]
        _accept(edit, clean, fields=tuple(name for name in snapshots.SETTLING if name != "flags"))
    return len(clean)


def correct_row(
    actor: User,
    document_id: str,
    row_id: str,
    *,
    version: int | None = None,
    **changes: Unpack[MeasureChanges],
) -> Measure:
    """Correct a row and accept it: its flags count as settled by the reviewer.

    Raises:
        StaleMeasure: Somebody changed the row since.
        InputError: Something that was typed cannot be read.
    """
    document = document_of(document_id)
    with _reviewing(actor, document, "row-corrected") as edit:
        row = measures.measure_of(edit.directive.pk, row_id, version=version)
        before = snapshots.measures([row.pk])
        measures.apply(edit.directive, row, changes)
        _settle(edit, row, ReviewState.CORRECTED)
        row.save(update_fields=["flags", "open_flags", "review_state", "reviewed_by", "reviewed_at"])
        after = snapshots.measures([row.pk])
        edit.keep({"measures": before}, {"measures": after})
        edit.facts = {"row": row_id, "changes": drafts.differences(before[0], after[0])}
    return row


def merge_with_previous(actor: User, document_id: str, row_id: str, *, version: int | None = None) -> Measure:
    """Join a row to the one before it, as when a page break divided one task; give the joined row.

    Raises:
        InputError: It is the first row.
        StaleMeasure: Somebody changed the row since.
    """
    document = document_of(document_id)
    with _reviewing(actor, document, "rows-merged") as edit:
        row = measures.measure_of(edit.directive.pk, row_id, version=version)
        previous = (
            Measure.objects.filter(
                directive=edit.directive, removed_at__isnull=True, position__lt=row.position
            )
            .order_by("position")
            .last()
        )
        if previous is None:
            raise InputError(
                gettext_noop("There is no row before this one to merge with."), code="no-previous-row"
            )
        keys = [previous.pk, row.pk]
        before = snapshots.measures(keys)
        _merge(edit, previous, row)
        edit.keep({"measures": before}, {"measures": snapshots.measures(keys)})
        edit.facts = {"row": row_id, "into": previous.public_id}
    return previous


def split_row(actor: User, document_id: str, row_id: str, *, at: int, version: int | None = None) -> Measure:
    """Cut a row's text before character ``at``; the rest becomes a row of its own. Give the new row.

    Raises:
        InputError: One of the two parts would be empty.
        StaleMeasure: Somebody changed the row since.
    """
    document = document_of(document_id)
    with _reviewing(actor, document, "row-split") as edit:
        row = measures.measure_of(edit.directive.pk, row_id, version=version)
        first, second = row.text[:at].strip(), row.text[at:].strip()
        if at < 0 or not first or not second:
            raise InputError(
                gettext_noop("Both parts of a divided task need a text."), code="empty-part", field="at"
            )
        before = snapshots.measures([row.pk])
        new = _split(row, first, second)
        edit.keep({"measures": before}, {"measures": snapshots.measures([row.pk, new.pk])})
        edit.facts = {"row": row_id, "new": new.public_id, "at": at}
    return new


def remove_row(actor: User, document_id: str, row_id: str, *, version: int | None = None) -> None:
    """Take out a row that is no task, such as a heading; the step can be undone.

    Raises:
        StaleMeasure: Somebody changed the row since.
    """
    document = document_of(document_id)
    with _reviewing(actor, document, "row-removed") as edit:
        row = measures.measure_of(edit.directive.pk, row_id, version=version)
        before = snapshots.measures([row.pk], fields=["removed_at"], assignments=False)
        Measure.objects.filter(pk=row.pk).update(removed_at=clock.now(), version=F("version") + 1)
        after = snapshots.measures([row.pk], fields=["removed_at"], assignments=False)
        edit.keep({"measures": before}, {"measures": after})
        edit.facts = {"row": row_id}


def teach_alias(actor: User, document_id: str, *, wording: str, organisation_code: str) -> Taught:
    """Teach the register once that a wording means a body, and apply it to every row that has the wording.

    Flags that only doubted this name are settled; undoing the step gives the rows back, the register keeps the name.

    Raises:
        NotFound: There is no such body.
        NotPermitted: The person may not teach.
        InputError: The wording cannot be an alias of the body.
    """
    document = document_of(document_id)
    organisation = organisations.organisation(organisation_code)
    with _reviewing(actor, document, "alias-taught") as edit:
        organisation_actions.teach_alias(actor, organisation.pk, wording, edit.directive.language)
        wanted = text.fold_for_match(wording)
        unknown = Assignment.objects.filter(
            measure__directive=edit.directive, organisation__isnull=True, group_code=""
        )
        rows = [row for row in unknown if text.fold_for_match(row.raw_name) == wanted]
        keys = sorted({row.measure_id for row in rows})
        before = snapshots.measures(keys)
        _resolve(rows, organisation.pk)
        _settle_name(edit, keys, wanted)
        _settle_finding(edit, document, wanted)
        step = edit.keep({"measures": before}, {"measures": snapshots.measures(keys)})
        edit.facts = {"wording": wording, "organisation": organisation_code, "rows": len(keys)}
    return Taught(len(keys), str(organisation), step)


def undo_last(actor: User, document_id: str) -> EditStep:
    """Undo the reviewer's latest step in this review.

    Raises:
        NotFound: Nothing is left to undo.
        Conflict: Somebody has changed one of the rows since.
    """
    document = document_of(document_id)
    _require_open(document)
    return snapshots.undo_last(actor, _directive_id(document), kinds=queries.STEP_KINDS)


def settle_findings(actor: User, document_id: str) -> int:
    """Settle the doubts that concern the whole document; give how many were open."""
    document = document_of(document_id)
    with _reviewing(actor, document, "findings-settled") as edit:
        flags = document.findings.get("flags", [])
        count = rules.open_among(flags)
        document.findings["flags"] = _settled(edit, flags)
        ImportDocument.objects.filter(pk=document.pk).update(findings=document.findings)
        edit.facts = {"flags": count}
    return count


def finish_review(actor: User, document_id: str, *, differences_accepted: bool = False) -> ImportDocument:
    """Close a review in which every row and flag is settled.

    ``differences_accepted``: the reviewer has seen that declared counts or numbers do not agree with what was found.

    Raises:
        Conflict: Rows or doubts are still open.
        InputError: Counts or numbers disagree and nobody has accepted that.
    """
    document = document_of(document_id)
    with _reviewing(actor, document, "review-finished") as edit:
        left = queries.progress(queries.rows_of(edit.directive.pk)).left
        if left:
            raise Conflict(gettext_noop("{left} rows are not settled yet."), code="rows-open", left=left)
        if rules.open_among(document.findings.get("flags", [])):
            raise Conflict(
                gettext_noop("Doubts about the whole document are not settled yet."), code="findings-open"
            )
        disagreements = [c.label for c in queries.count_checks(document) if not c.agrees]
        gaps = [gap.before for gap in queries.gaps(edit.directive.pk)]
        if (disagreements or gaps) and not differences_accepted:
            raise InputError(
                gettext_noop("Confirm that you have seen where counts and numbers do not agree."),
                code="differences-unseen",
                field="differences_accepted",
            )
        ImportDocument.objects.filter(pk=document.pk).update(state=ImportState.SETTLED)
        ReviewPresence.objects.filter(document=document).delete()
        edit.facts = {"document": document_id, "counts_differ": disagreements, "gaps": len(gaps)}
    document.state = ImportState.SETTLED
    return document


def note_presence(actor: User, document: ImportDocument, row: Measure | None) -> None:
    """Remember at which row a reviewer is, so that another one sees it."""
    ReviewPresence.objects.update_or_create(
        document=document, user=actor, defaults={"measure": row, "seen_at": clock.now()}
    )


def document_of(public_id: str) -> ImportDocument:
    """Give an imported document without its blocks.

    Raises:
        NotFound: There is no such document.
    """
    found = ImportDocument.objects.defer("blocks").filter(public_id=public_id).first()
    if found is None or found.directive_id is None:
        raise NotFound(gettext_noop("There is no such document."), code="unknown-document")
    return found


def _directive_id(document: ImportDocument) -> int:
    assert document.directive_id is not None  # noqa: S101 - document_of has made sure
    return document.directive_id


def _require_open(document: ImportDocument) -> None:
    if document.state != ImportState.REVIEW:
        raise Conflict(gettext_noop("The review of this document is finished."), code="review-finished")


def _reviewing(actor: User, document: ImportDocument, kind: str) -> AbstractContextManager[Edit]:
    _require_open(document)
    return drafts.editing(actor, _directive_id(document), kind, permission=Permission.REVIEW_IMPORT)


def _rows(edit: Edit, wanted: Collection[str] | None) -> list[Measure]:
    rows = Measure.objects.filter(directive=edit.directive, removed_at__isnull=True).order_by("position")
    if wanted is None:
        return list(rows)
    found = [row for row in rows if row.public_id in set(wanted)]
    if len(found) != len(set(wanted)):
        raise NotFound(gettext_noop("There is no such row in this document."), code="unknown-measure")
    return found


def _accept(edit: Edit, rows: list[Measure], *, fields: tuple[str, ...]) -> None:
    keys = [row.pk for row in rows]
    before = snapshots.measures(keys, fields=fields, assignments=False)
    for row in rows:
        state = (
            ReviewState.ACCEPTED if row.review_state == ReviewState.PENDING else ReviewState(row.review_state)
        )
        _settle(edit, row, state)
        row.version += 1
    names = [name.removesuffix("_id") for name in fields]
    Measure.objects.bulk_update(rows, [*names, "version"], batch_size=snapshots.BATCH)
    after = snapshots.measures(keys, fields=fields, assignments=False)
    if rows:
        edit.keep({"measures": before}, {"measures": after})
    edit.facts = {"rows": [row.public_id for row in rows]}


def _settled(edit: Edit, flags: Any, how: str = "") -> list[dict[str, Any]]:
    return rules.settled(
        flags, by=edit.actor.pk, name=str(edit.actor), at=clock.now().isoformat(timespec="seconds"), how=how
    )


def _settle(edit: Edit, row: Measure, state: ReviewState) -> None:
    row.flags = _settled(edit, row.flags)
    row.open_flags = 0
    row.review_state = state
    row.reviewed_by = edit.actor
    row.reviewed_at = clock.now()


def _merge(edit: Edit, previous: Measure, row: Measure) -> None:
    """Give the earlier row what the later one holds, and take the later one out."""
    previous.text = rules.joined(previous.text, row.text)
    previous.deliverable = rules.joined(previous.deliverable, row.deliverable)
    if not previous.due_raw and row.due_raw:
        for name in (
            "raw",
            "kind",
            "start",
            "end",
            "first_end",
            "duration",
            "anchor",
            "recurrence",
            "calendar",
        ):
            setattr(previous, f"due_{name}", getattr(row, f"due_{name}"))
    previous.flags = [*previous.flags, *_settled(edit, row.flags, how="merge")]
    previous.open_flags = rules.open_among(previous.flags)
    previous.source_spans = [*previous.source_spans, *row.source_spans]
    previous.version += 1
    previous.save()
    present = {
        (item.role, item.organisation_id, item.group_code, item.raw_name)
        for item in previous.assignments.all()
    }
    for item in row.assignments.all():
        if (item.role, item.organisation_id, item.group_code, item.raw_name) not in present:
            Assignment.objects.create(
                measure=previous,
                role=item.role,
                organisation_id=item.organisation_id,
                group_code=item.group_code,
                raw_name=item.raw_name,
                position=item.position + 100,
                inherited=item.inherited,
                confidence=item.confidence,
            )
    Measure.objects.filter(pk=row.pk).update(removed_at=clock.now(), version=F("version") + 1)


def _split(row: Measure, first: str, second: str) -> Measure:
    acting = snapshots.measures([row.pk])[0]["assignments"]
    Measure.objects.filter(directive_id=row.directive_id, position__gt=row.position).update(
        position=F("position") + 1
    )
    new = Measure.objects.get(pk=row.pk)
    new.pk, new._state.adding = None, True  # noqa: SLF001 - Django's way to copy a row
    new.public_id = identifiers.new_public_id()
    new.text, new.number, new.position, new.version = second, "", row.position + 1, 1
    new.save()
    snapshots.rewrite_assignments({new.pk: acting})
    row.text = first
    row.version += 1
    row.save()
    return new


def _resolve(rows: list[Assignment], organisation_id: int) -> None:
    for row in rows:
        row.organisation_id, row.raw_name, row.confidence = organisation_id, "", 1.0
    Assignment.objects.bulk_update(
        rows, ["organisation", "raw_name", "confidence"], batch_size=snapshots.BATCH
    )


def _settle_name(edit: Edit, keys: list[int], wanted: str) -> None:
    """Settle the flags of rows that doubted only the name which is known now."""
    rows = list(Measure.objects.filter(pk__in=keys))
    for row in rows:
        row.flags = [
            _settled(edit, [flag], "taught")[0] if _doubts(flag, wanted) else flag for flag in row.flags
        ]
        row.open_flags = rules.open_among(row.flags)
        row.version += 1
    Measure.objects.bulk_update(rows, ["flags", "open_flags", "version"], batch_size=snapshots.BATCH)


def _settle_finding(edit: Edit, document: ImportDocument, wanted: str) -> None:
    """Settle the doubt about the name that the document as a whole carries."""
    flags = document.findings.get("flags", [])
    document.findings["flags"] = [
        _settled(edit, [flag], "taught")[0] if _doubts(flag, wanted) else flag for flag in flags
    ]
    ImportDocument.objects.filter(pk=document.pk).update(findings=document.findings)


def _doubts(flag: Mapping[str, Any], wanted: str) -> bool:
    return not flag.get("settled") and any(
        text.fold_for_match(str(value)) == wanted for value in flag.get("params", {}).values()
    )
