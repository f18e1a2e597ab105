"""Read what a reviewer sees: the queue of rows, one row beside its source, counts, gaps, who else is here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q, QuerySet

from mehvar.directives.data import ImportState, ReviewState
from mehvar.directives.models import EditStep, Field, ImportDocument, Measure, ReviewPresence
from mehvar.directives.queries import measures
from mehvar.directives.rules import clauses, review
from mehvar.kernel import clock
from mehvar.kernel.errors import NotFound, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.organisations.data import Authority

PRESENT_FOR = timedelta(seconds=90)
BLOCKS_AROUND = 12
"""How many blocks of the source stand before and after the row that is looked at."""

STEP_KINDS = frozenset(
    {"rows-accepted", "row-corrected", "rows-merged", "row-split", "row-removed", "alias-taught"}
)
"""The kinds of steps that a reviewer can undo."""

TICK_FIELDS = (
    "public_id",
    "position",
    "section",
    "number",
    "lowest_confidence",
    "open_flags",
    "flags",
    "review_state",
)


@dataclass(frozen=True, slots=True)
class Tick:
    """Show one row in the strip: its confidence by colour, its state by shape."""

    public_id: str
    label: str
    band: str
    shape: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Count rows: all, settled, and those that can be accepted at once because nothing is doubtful."""

    total: int
    left: int
    clean: int

    @property
    def done(self) -> int:
        """Count the settled rows."""
        return self.total - self.left


@dataclass(frozen=True, slots=True)
class ShownBlock:
    """Show one block of the source; ``pieces`` are ``(text, highlighted)``, ``cells`` the same for each cell."""

    index: int
    kind: str
    pieces: tuple[tuple[str, bool], ...]
    cells: tuple[tuple[str, bool], ...]
    is_here: bool


def documents(authority: Authority) -> QuerySet[ImportDocument]:
    """Give the imported documents that a person may review."""
    rows = ImportDocument.objects.defer("blocks", "findings")
    return organisations.scoped(rows, authority, Permission.REVIEW_IMPORT, "issuer__path")


def document(authority: Authority, public_id: str) -> ImportDocument:
    """Give one imported document that the person may review, with its directive.

    Raises:
        NotFound: There is none, or not for this person.
    """
    rows = documents(authority).select_related("issuer", "directive", "directive__issuer")
    found = rows.defer("blocks").filter(public_id=public_id).first()
    if found is None:
        raise NotFound(gettext_noop("There is no such document."), code="unknown-document")
    return found


def rows_of(directive_id: int, *, in_order: bool = False) -> list[Mapping[str, Any]]:
    """Give what the strip needs of every row: worst first, or in the document's order."""
    rows = list(measures.standing(directive_id).values(*TICK_FIELDS))
    return list(rows) if in_order else review.worst_first(rows)


def ticks(rows: Sequence[Mapping[str, Any]]) -> list[Tick]:
    """Give the strip's ticks."""
    return [
        Tick(
            row["public_id"],
            f"{row['section']} {row['number']}".strip() or str(row["position"]),
            review.band(row["lowest_confidence"]),
            review.shape(row["review_state"], row["open_flags"]),
        )
        for row in rows
    ]


def progress(rows: Sequence[Mapping[str, Any]]) -> Progress:
    """Count what is left to do."""
    left = [row for row in rows if not review.is_settled(row["review_state"], row["open_flags"])]
    return Progress(len(rows), len(left), sum(1 for row in left if not row["open_flags"]))


def count_checks(shown: ImportDocument) -> list[review.CountCheck]:
    """Compare the counts that the document declares with what was found."""
    if shown.directive_id is None:
        return []
    counted = Field.objects.filter(directive_id=shown.directive_id).annotate(
        found=Count("measures", filter=Q(measures__removed_at__isnull=True))
    )
    found = dict(counted.values_list("name", "found"))
    return review.count_checks(
        shown.findings.get("declared", []), found, total=measures.standing(shown.directive_id).count()
    )


def gaps(directive_id: int) -> list[clauses.Gap]:
    """List the numbers that are missing among the rows."""
    return clauses.gaps(list(measures.standing(directive_id).values_list("section", "number")))


def source_around(document_id: int, measure: Measure | None) -> list[ShownBlock]:
    """Give the blocks of the source around a row, its clause highlighted."""
    blocks = ImportDocument.objects.values_list("blocks", flat=True).get(pk=document_id)
    spans = [tuple(span) for span in (measure.source_spans if measure else [])]
    here = [index for index, *_ in spans if index < len(blocks)]
    first = max(0, (min(here) if here else 0) - BLOCKS_AROUND)
    last = min(len(blocks), (max(here) if here else 0) + BLOCKS_AROUND + 1)
    return [_shown(index, blocks[index], spans) for index in range(first, last)]


def _shown(index: int, block: Mapping[str, Any], spans: Sequence[tuple[int, ...]]) -> ShownBlock:
    own = sorted((start, end) for at, start, end in spans if at == index)
    written = str(block.get("text", ""))
    return ShownBlock(
        index,
        str(block.get("kind", "paragraph")),
        tuple(_pieces(written, own)),
        tuple((str(cell), bool(own)) for cell in block.get("cells", ())),
        bool(own),
    )


def _pieces(written: str, spans: Sequence[tuple[int, int]]) -> list[tuple[str, bool]]:
    """Cut a text where highlighting begins and ends."""
    pieces: list[tuple[str, bool]] = []
    at = 0
    for first, last in spans:
        start, end = max(at, first), min(len(written), last)
        if start >= end:
            continue
        pieces += [(written[at:start], False), (written[start:end], True)]
        at = end
    return [piece for piece in [*pieces, (written[at:], False)] if piece[0]]


def others_here(document_id: int, user_id: int) -> list[Mapping[str, Any]]:
    """Give who else has looked at the review lately, and at which row."""
    return list(
        ReviewPresence.objects.filter(document_id=document_id, seen_at__gte=clock.now() - PRESENT_FOR)
        .exclude(user_id=user_id)
        .order_by("user__name")
        .values("user__name", "measure__public_id", "measure__section", "measure__number")
    )


def last_step(directive_id: int, user_id: int) -> EditStep | None:
    """Give the reviewer's latest step that can be undone."""
    return (
        EditStep.objects.filter(
            directive_id=directive_id, actor_id=user_id, undone_at__isnull=True, kind__in=STEP_KINDS
        )
        .defer("before", "after")
        .order_by("id")
        .last()
    )


def waiting_reviews(authority: Authority) -> list[Mapping[str, Any]]:
    """Give the reviews that wait for the person, oldest first, with how many rows are left."""
    open_rows = Q(directive__measures__removed_at__isnull=True) & (
        Q(directive__measures__review_state=ReviewState.PENDING) | Q(directive__measures__open_flags__gt=0)
    )
    rows = documents(authority).filter(state=ImportState.REVIEW).order_by("uploaded_at")
    return list(
        rows.annotate(left=Count("directive__measures", filter=open_rows)).values(
            "public_id", "filename", "uploaded_at", "left", "directive__title"
        )
    )


def usual_rate(filename: str) -> float | None:
    """Give how many bytes of a file of this kind were read in a second lately; None when none was read yet."""
    ending = filename.rpartition(".")[2].lower()
    rows = ImportDocument.objects.filter(filename__iendswith=f".{ending}", read_ms__gt=0).order_by("-id")
    lately = list(rows.values_list("size", "read_ms")[:20])
    return sum(size for size, _ in lately) * 1000 / sum(ms for _, ms in lately) if lately else None


def flags_by_code(rows: Sequence[Mapping[str, Any]]) -> Counter[str]:
    """Count the open flags of all rows by their code."""
    return Counter(flag["code"] for row in rows for flag in row["flags"] if not flag.get("settled"))
