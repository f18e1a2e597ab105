"""Settle a portion of rows, whatever list they belong to: one savepoint a row, refusals instead of failures."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_noop

from mehvar.directives.queries.days import today
from mehvar.kernel.errors import InputError, MehvarError, NotFound
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions.record import stale
from mehvar.programmes.data import RowResult, SheetKind
from mehvar.programmes.models import EnteredRow, SheetImport
from mehvar.programmes.queries import audience
from mehvar.programmes.queries.imports import SheetPlace
from mehvar.programmes.rules.imports import COLUMNS, ReadRow, RowNote
from mehvar.programmes.rules.lines import Writing

if TYPE_CHECKING:
    from mehvar.accounts.models import User
    from mehvar.organisations.data import Authority
    from mehvar.organisations.models import Organisation

PORTION = 200
_COLUMN_OF = {
    "organisation": "body", "picked": "body", "due_on": "due_on", "note": "note", "reason": "note", "answer_reason": "answer_reason",
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


class SheetWork:
    """Settle the rows of one list; each list says how."""

    def portions(self, rows: Sequence[ReadRow]) -> Iterator[Sequence[ReadRow]]:
        """Cut the rows into portions, each settled in one transaction."""
        for start in range(0, len(rows), PORTION):
            yield rows[start : start + PORTION]

    def ordered(self, rows: list[ReadRow]) -> list[ReadRow]:
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
                if outcome.result is RowResult.CREATED:
                    _enter(run, row, outcome, entered)
                return outcome
        except _EnteredBefore as known:
            return Outcome(RowResult.UNCHANGED, known.key)
        except MehvarError as error:
            return refused(run.kind, error)


def _without_version(key: str) -> str:
    return key.split(":", 1)[0]


class _EnteredBefore(Exception):  # noqa: N818 - takes a row back that an earlier import entered; no fault
    """Take a new row back, because the same one was entered before."""

    def __init__(self, key: str) -> None:
        """Keep the key under which it was entered."""
        super().__init__(key)
        self.key = key


def _enter(run: Run, row: ReadRow, outcome: Outcome, entered: Mapping[str, str]) -> None:
    """Remember a new row; one that was entered before is taken back, after its permission was asked like any other's."""
    if row.fingerprint in entered:
        raise _EnteredBefore(entered[row.fingerprint])
    remember(run, [(row, outcome.key)])


def remember(run: Run, pairs: Sequence[tuple[ReadRow, str]]) -> None:
    """Remember new rows with their keys, so that they never enter again."""
    EnteredRow.objects.bulk_create(
        EnteredRow(
            kind=run.kind, subject=run.place.subject, fingerprint=row.fingerprint, key=key, sheet=run.sheet
        )
        for row, key in pairs
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


def changes_in(row: ReadRow, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Give the values of a row that differ from what is stored, as far as the file has their columns."""
    return {
        name: row.values[name]
        for name, kept in stored.items()
        if name in row.values and row.values[name] != kept
    }
