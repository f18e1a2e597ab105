"""Settle a portion of rows, whatever list they belong to: one savepoint a row, refusals instead of failures."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_noop

from mehvar.directives.queries.days import today
from mehvar.kernel import text
from mehvar.kernel.errors import InputError, MehvarError, NotFound
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions.record import stale
from mehvar.programmes.data import RowResult, SheetKind
from mehvar.programmes.models import EnteredRow, SheetImport
from mehvar.programmes.queries import audience
from mehvar.programmes.queries.imports import SheetPlace
from mehvar.programmes.rules.imports import COLUMNS, ReadRow, RowNote, readable
from mehvar.programmes.rules.lines import Writing

if TYPE_CHECKING:
    from mehvar.accounts.models import User
    from mehvar.organisations.data import Authority
    from mehvar.organisations.models import Organisation

PORTION = 200
_T = TypeVar("_T")
_M = TypeVar("_M", bound=Model)
_COLUMN_OF = {
    "organisation": "body", "picked": "body", "deadline": "deadline_on", "audience": "bodies", "about": "directive",
    "weights": "completeness", "due_on": "due_on", "note": "note", "reason": "note", "answer_reason": "answer_reason",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """Hold what became of a row; ``key`` is what it now goes out with (id and version), ``note`` why it was refused."""

    result: RowResult
    key: str = ""
    note: RowNote | None = None


@dataclass(slots=True)
class Run:
    """Hold what one run of an import needs: for whom, where to, how the person writes, and what was looked up already."""

    sheet: SheetImport
    actor: User
    authority: Authority
    place: SheetPlace
    writing: Writing
    found: dict[Any, Any] = field(default_factory=dict)
    portion: dict[Any, Any] = field(default_factory=dict)

    @property
    def kind(self) -> SheetKind:
        """Return which list it is."""
        return self.place.kind

    def once(self, name: Any, look_up: Callable[[], Any]) -> Any:
        """Look something up once to a run."""
        if name not in self.found:
            self.found[name] = look_up()
        return self.found[name]

    def body(self, written: str, column: str) -> Organisation:
        """Give the body that a cell names.

        Raises:
            InputError: No body bears the name, or several do.
        """
        found: Organisation | InputError = self.once(("body", written), lambda: _body(written))
        if isinstance(found, InputError):
            raise InputError(found.message, code=found.code, field=column, **found.params)
        return found

    def body_or_none(self, written: str, column: str) -> Organisation | None:
        """Give the body that a cell names, None where it is empty."""
        return self.body(written, column) if written else None


def _body(written: str) -> Organisation | InputError:
    pack = organisations.ministry().pack
    try:
        return organisations.organisation(written)
    except NotFound:
        pass
    try:
        return audience.body_named(written, pack, today())
    except InputError as error:
        return error


def portions_of(rows: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Cut rows into lists of at most so many."""
    left = iter(rows)
    while portion := list(islice(left, size)):
        yield portion


class SheetWork:
    """Settle the rows of one list; each list says how."""

    def portions(self, rows: Iterable[ReadRow]) -> Iterator[Sequence[ReadRow]]:
        """Cut the rows into portions, each settled in one transaction; no more than one is held at a time."""
        return portions_of(rows, PORTION)

    def ordered(self, rows: Iterable[ReadRow]) -> Iterable[ReadRow]:
        """Give the rows in the order in which they are settled; always the same for the same file."""
        return rows

    def begin(self, run: Run, rows: Sequence[ReadRow]) -> None:
        """Look up what a portion needs, in as few queries as can be."""

    def seen(self, run: Run, keys: Collection[str]) -> set[str]:  # noqa: ARG002 - lists that can tell say more
        """Give which of some keys, without versions, the person sees: what was entered before under one of them is left alone at once."""
        return set()

    def settle(self, run: Run, row: ReadRow) -> Outcome:
        """Settle one row; refusals are raised."""
        raise NotImplementedError

    def finish(self, run: Run) -> None:
        """Do what is done once for a portion."""

    def apply(self, run: Run, rows: Sequence[ReadRow]) -> list[Outcome]:
        """Settle a portion within the caller's transaction."""
        run.portion = {}
        readable = [row for row in rows if not row.is_wrong]
        self.begin(run, readable)
        entered = entered_before(run, readable)
        run.portion["seen"] = (
            self.seen(run, [_without_version(key) for key in entered.values()]) if entered else ()
        )
        outcomes = [self._one(run, row, entered) for row in rows]
        remember(run, [pair for pair in zip(rows, outcomes, strict=True) if _is_new(*pair)])
        self.finish(run)
        return outcomes

    def _one(self, run: Run, row: ReadRow, entered: Mapping[str, str]) -> Outcome:
        if row.is_wrong:
            return Outcome(RowResult.REFUSED)
        before = "" if row.public_id else entered.get(row.fingerprint, "")
        if before and _without_version(before) in run.portion["seen"]:
            return Outcome(RowResult.UNCHANGED, before)
        try:
            with transaction.atomic():
                outcome = self.settle(run, row)
                _require_fresh(row, outcome, entered)
                return outcome
        except _EnteredBefore as known:
            return Outcome(RowResult.UNCHANGED, known.key)
        except MehvarError as error:
            return refused(run.kind, error)


class KeyedWork(SheetWork, Generic[_M]):
    """Settle the rows of a list whose rows bear public ids, as far as the person may see them."""

    unknown: ClassVar[tuple[str, str]]
    """What is said, and its code, where a key names nothing that the person sees."""

    def visible(self, run: Run) -> QuerySet[_M]:
        """Give what the person may see, with all that settling a row looks at."""
        raise NotImplementedError

    def create(self, run: Run, row: ReadRow) -> Outcome:
        """Enter a new row; refusals are raised."""
        raise NotImplementedError

    def change(self, run: Run, row: ReadRow, stored: _M) -> Outcome:
        """Change a known row, or leave it where it says what is stored; refusals are raised."""
        raise NotImplementedError

    def begin(self, run: Run, rows: Sequence[ReadRow]) -> None:
        """Look up what the rows name; one query."""
        wanted = [row.public_id for row in rows if row.public_id]
        found = self.visible(run).filter(public_id__in=wanted)
        run.portion["stored"] = {row.public_id: row for row in found} if wanted else {}  # type: ignore[attr-defined]

    def seen(self, run: Run, keys: Collection[str]) -> set[str]:
        """Give which of the keys the person sees; one query."""
        found = self.visible(run).filter(public_id__in=keys)
        return set(found.order_by().values_list("public_id", flat=True))

    def settle(self, run: Run, row: ReadRow) -> Outcome:
        """Enter a new row, or change a known one."""
        if not row.public_id:
            return self.create(run, row)
        stored: _M | None = run.portion["stored"].get(row.public_id)
        if stored is None:
            message, code = self.unknown
            raise NotFound(message, code=code, field="key")
        return self.change(run, row, stored)


def created(row: Any) -> Outcome:
    """Say that a row was entered, and under which key."""
    return Outcome(RowResult.CREATED, key_of(row))


def updated(row: Any) -> Outcome:
    """Say that a row was changed, and what its key is now."""
    return Outcome(RowResult.UPDATED, key_of(row))


def unchanged(row: Any) -> Outcome:
    """Say that a row says what is stored."""
    return Outcome(RowResult.UNCHANGED, key_of(row))


def key_of(row: Any) -> str:
    """Write the key with which a row goes out: its public id and its version."""
    return f"{row.public_id}:{row.version}"


def _without_version(key: str) -> str:
    return key.split(":", 1)[0]


class _EnteredBefore(Exception):  # noqa: N818 - takes a row back that an earlier import entered; no fault
    """Take a new row back, because the same one was entered before."""

    def __init__(self, key: str) -> None:
        """Keep the key under which it was entered."""
        super().__init__(key)
        self.key = key


def _require_fresh(row: ReadRow, outcome: Outcome, entered: Mapping[str, str]) -> None:
    """Take a new row back that was entered before, after its permission was asked like any other's."""
    if outcome.result is RowResult.CREATED and row.fingerprint in entered:
        raise _EnteredBefore(entered[row.fingerprint])


def _is_new(_row: ReadRow, outcome: Outcome) -> bool:
    return outcome.result is RowResult.CREATED


def remember(run: Run, made: Sequence[tuple[ReadRow, Outcome]]) -> None:
    """Remember new rows with their keys, in the transaction that enters them, so that they never enter again."""
    EnteredRow.objects.bulk_create(
        EnteredRow(
            kind=run.kind,
            subject=run.place.subject,
            fingerprint=row.fingerprint,
            key=outcome.key,
            sheet=run.sheet,
        )
        for row, outcome in made
    )


def entered_before(run: Run, rows: Sequence[ReadRow]) -> dict[str, str]:
    """Give which of some new rows were entered before, with their keys; one query."""
    fresh = [row.fingerprint for row in rows if not row.public_id]
    found = EnteredRow.objects.filter(kind=run.kind, subject=run.place.subject, fingerprint__in=fresh)
    return dict(found.values_list("fingerprint", "key"))


def refused(kind: SheetKind, error: MehvarError) -> Outcome:
    """Turn a refusal into what is told of the row; what cannot be told exactly is told as text."""
    field_name = error.field or ""
    column = field_name if field_name in COLUMNS[kind] else _COLUMN_OF.get(field_name, "")
    params = {
        name: value if isinstance(value, int | float | str | bool) else str(value)
        for name, value in error.params.items()
    }
    return Outcome(
        RowResult.REFUSED, note=RowNote(column if column in COLUMNS[kind] else "", error.message, params)
    )


def require_version(row: ReadRow, version: int) -> None:
    """Refuse to overwrite what somebody changed since the row went out.

    Raises:
        Conflict: The versions differ.
    """
    if row.version != version:
        raise stale()


def fixed(column: str) -> InputError:
    """Say that a column of a known row does not change by an import."""
    return InputError(
        gettext_noop("This stays as it is; it cannot be changed by a spreadsheet."),
        code="fixed-column",
        field=column,
    )


def require_same(row: ReadRow, stored: Mapping[str, Any]) -> None:
    """Refuse to change what a known row is; an empty cell says nothing.

    Raises:
        InputError: A column says something else than what is stored.
    """
    for column, value in changes_in(row, stored).items():
        if value not in (None, "", ()):
            raise fixed(column)


def changes_in(row: ReadRow, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Give the values of a row that differ from what is stored, as far as the file has their columns.

    Texts are compared as they are read: letters and spaces of two forms that nobody tells apart are no change.
    """
    return {
        name: row.values[name]
        for name, kept in stored.items()
        if name in row.values and row.values[name] != kept and not _reads_alike(row.values[name], kept)
    }


def _reads_alike(value: Any, kept: Any) -> bool:
    return isinstance(value, str) and isinstance(kept, str) and value == readable(kept)


def named_by_key(rows: QuerySet[_M], written: str, column: str, *, words: str = "title") -> _M:
    """Find what a cell names: by the key with which it begins (before a space or colon), or by words that only one bears.

    Raises:
        InputError: Nothing that the person sees is called so, or several are.
    """
    key = re.split(r"[\s:]", written, maxsplit=1)[0]
    found = rows.filter(public_id=key).first()
    if found is None:
        wanted = text.fold_for_search(written)
        alike = [pk for pk, title in rows.values_list("pk", words) if text.fold_for_search(title) == wanted]
        found = rows.filter(pk=alike[0]).first() if len(alike) == 1 else None
    if found is None:
        raise InputError(
            gettext_noop("“{value}” names nothing here, or several; write its key."),
            code="unknown-reference",
            field=column,
            value=written[:80],
        )
    return found
