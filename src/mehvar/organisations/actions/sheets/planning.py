"""Compare a sheet's rows with the database: what would be created or changed, and what stands against it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mehvar.accounts import actions as accounts
from mehvar.accounts import queries as people
from mehvar.kernel import errors
from mehvar.organisations import data, queries
from mehvar.organisations.actions import bodies, positions, record
from mehvar.organisations.models import Organisation, OrganisationName, Position
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.organisations.rules.sheets import (
    BodyRow,
    CellError,
    NameRow,
    PositionRow,
    SheetKind,
    read_rows,
)

if TYPE_CHECKING:
    from mehvar.accounts.models import User
    from mehvar.organisations.data import Authority


MAX_CHANGES = 3_000
"""Each change is an act of its own on record; more at once would keep every other writer waiting too long."""


@dataclass(frozen=True, slots=True)
class Change:
    """Hold one change that a row makes; ``kind`` is ``create`` or ``update``, ``do`` makes it."""

    row: int
    kind: str
    label: str
    do: Callable[[User], Any] = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """Hold what a sheet would change; it can be taken over only without errors."""

    kind: SheetKind
    rows: int
    changes: tuple[Change, ...]
    errors: tuple[CellError, ...]

    @property
    def created(self) -> int:
        """Count the rows that are new."""
        return sum(change.kind == "create" for change in self.changes)

    @property
    def updated(self) -> int:
        """Count the rows that change something."""
        return len(self.changes) - self.created

    @property
    def unchanged(self) -> int:
        """Count the rows that say what is known already."""
        return self.rows - len(self.changes) - len({error.row for error in self.errors if error.row > 1})


def plan_sheet(actor: User, kind: SheetKind, table: Sequence[Sequence[str]]) -> Plan:
    """Work out what a sheet would change, without changing anything."""
    sheet = read_rows(kind, table)
    authority = queries.authority_of(actor)
    planner = {
        SheetKind.ORGANISATIONS: _BodyPlanner,
        SheetKind.NAMES: _NamePlanner,
        SheetKind.POSITIONS: _PositionPlanner,
    }[kind](authority, sheet.rows)
    for row in sheet.rows:
        planner.take(row)
    if len(planner.changes) > MAX_CHANGES:
        planner.errors.append(
            CellError(
                1, "", "More than {limit} rows change something. Split the file.", {"limit": MAX_CHANGES}
            )
        )
    found = sorted([*sheet.errors, *planner.errors], key=lambda error: (error.row, error.column))
    return Plan(
        kind, max(0, len([line for line in table[1:] if any(line)])), tuple(planner.changes), tuple(found)
    )


class _Planner:
    """Take rows one by one; keep the changes and the errors."""

    def __init__(self, authority: Authority, rows: Sequence[Any]) -> None:
        self.authority = authority
        self.changes: list[Change] = []
        self.errors: list[CellError] = []
        self.seen: dict[Any, int] = {}
        self.prepare(rows)

    def prepare(self, rows: Sequence[Any]) -> None:
        """Read from the database what the rows name, in few queries."""

    def take(self, row: Any) -> None:
        """Take a row."""
        raise NotImplementedError

    def refuse(self, row: Any, column: str, message: str, **params: object) -> None:
        """Note an error."""
        self.errors.append(CellError(row.row, column, message, params))

    def first(self, row: Any, key: Any, column: str) -> bool:
        """Tell whether the key did not stand in an earlier row; note it when it did."""
        if key in self.seen:
            self.refuse(row, column, "The same stands in row {earlier} already.", earlier=self.seen[key])
            return False
        self.seen[key] = row.row
        return True

    def change(self, row: Any, kind: str, label: str, do: Callable[[User], Any]) -> None:
        """Note a change."""
        self.changes.append(Change(row.row, kind, label, do))

    def body(self, row: Any, code: str, column: str, permission: Permission) -> Organisation | None:
        """Give the body of a code when the person may do so there; note why not."""
        found = self.known.get(code)
        if found is None:
            self.refuse(row, column, "There is no body with the code “{value}”.", value=code)
        elif not permissions.allows(self.authority, permission, found.path):
            self.refuse(row, column, "You do not administer this body.")
            return None
        return found

    known: dict[str, Organisation]


class _BodyPlanner(_Planner):
    """Plan the rows of bodies; a parent may stand in an earlier row of the same file."""

    def prepare(self, rows: Sequence[BodyRow]) -> None:
        """Read the bodies that the rows name."""
        self.known = queries.known_codes(
            {row.code for row in rows} | {row.parent for row in rows if row.parent}
        )
        paths = {body.path[:-4] for body in self.known.values()}
        self.code_at = dict(Organisation.objects.filter(path__in=paths).values_list("path", "code"))
        self.fresh: set[str] = set()

    def take(self, row: BodyRow) -> None:
        """Plan the creation or the change of a body."""
        if not self.first(row, row.code, "code"):
            return
        if row.code in self.known:
            self.update(row)
        elif self.may_create(row):
            self.fresh.add(row.code)
            self.change(row, "create", row.code, lambda actor: _create(actor, row))

    def may_create(self, row: BodyRow) -> bool:
        """Tell whether the new body has a name and a place where the person may put it."""
        if not any(row.official.values()):
            self.refuse(row, "name_en", "A body needs a name in at least one language.")
            return False
        if row.parent in self.fresh:
            return True
        if row.parent:
            return self.body(row, row.parent, "parent", Permission.MANAGE_ORGANISATIONS) is not None
        if not permissions.allows(self.authority, Permission.MANAGE_ORGANISATIONS, data.WHOLE_TREE):
            self.refuse(row, "parent", "Only the administrator of the whole tree enters a body at the top.")
            return False
        return True

    def update(self, row: BodyRow) -> None:
        """Plan the changes to a body that exists."""
        body = self.body(row, row.code, "code", Permission.MANAGE_ORGANISATIONS)
        if body is None:
            return
        if "parent" in row.given and row.parent != self.code_at.get(body.path[:-4], ""):
            self.refuse(row, "parent", "The sheet does not move bodies; use “Move” on the page of the body.")
            return
        fields: dict[str, Any] = {
            field: getattr(row, field) if field != "type" else row.type.value
            for field in ("type", "valid_from", "valid_to", "email", "attributes")
            if field in row.given
        }
        changed = {name: value for name, value in fields.items() if getattr(body, name) != value}
        renamed = {
            language: name
            for language, name in row.official.items()
            if name and name != getattr(body, f"name_{language}")
        }
        if changed or renamed:
            self.change(row, "update", row.code, lambda actor: _update(actor, body, changed, renamed))


def _create(actor: User, row: BodyRow) -> None:
    """Create a body of a row."""
    parent = queries.organisation(row.parent) if row.parent else None
    bodies.create_organisation(
        actor,
        code=row.code,
        type=row.type,
        parent_id=parent.pk if parent else None,
        official=row.official,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        attributes=row.attributes,
        email=row.email,
    )


def _update(actor: User, body: Organisation, changed: dict[str, Any], renamed: dict[str, str]) -> None:
    """Change a body as a row says; a new wording of a name corrects the present one."""
    version = body.version
    if changed:
        bodies.edit_organisation(actor, body.pk, version=version, changes=changed)
        version += 1
    for language, wording in renamed.items():
        present = OrganisationName.objects.filter(
            organisation_id=body.pk,
            language=language,
            kind=data.NameKind.OFFICIAL,
            text=getattr(body, f"name_{language}"),
        ).last()
        if present is None:
            bodies.add_name(
                actor,
                body.pk,
                version=version,
                wording=wording,
                language=language,
                kind=data.NameKind.OFFICIAL,
            )
        else:
            bodies.correct_name(
                actor,
                present.pk,
                version=version,
                wording=wording,
                valid_from=present.valid_from,
                valid_to=present.valid_to,
            )
        version += 1


class _NamePlanner(_Planner):
    """Plan the rows of names; a name is the same when body, text, language, sort and first day are."""

    def prepare(self, rows: Sequence[NameRow]) -> None:
        """Read the bodies that the rows name, and their names."""
        self.known = queries.known_codes({row.organisation for row in rows})
        ids = [body.pk for body in self.known.values()]
        stored = OrganisationName.objects.filter(organisation_id__in=ids)
        self.names = {
            (name.organisation_id, name.text, name.language, name.kind, name.valid_from): name
            for name in stored
        }

    def take(self, row: NameRow) -> None:
        """Plan a name."""
        body = self.body(row, row.organisation, "organisation", Permission.MANAGE_ORGANISATIONS)
        if body is None:
            return
        key = (body.pk, row.text, row.language, row.kind.value, row.valid_from)
        if not self.first(row, key, "text"):
            return
        stored = self.names.get(key)
        if stored is None:
            self.change(
                row, "create", f"{row.organisation}: {row.text}", lambda actor: _add_name(actor, body.pk, row)
            )
        elif stored.valid_to != row.valid_to:
            name_id = stored.pk
            self.change(
                row,
                "update",
                f"{row.organisation}: {row.text}",
                lambda actor: _date_name(actor, name_id, row),
            )


def _add_name(actor: User, organisation_id: int, row: NameRow) -> None:
    """Add the name of a row."""
    body = queries.organisation_by_id(organisation_id)
    bodies.add_name(
        actor,
        organisation_id,
        version=body.version,
        wording=row.text,
        language=row.language,
        kind=row.kind,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


def _date_name(actor: User, name_id: int, row: NameRow) -> None:
    """Give a name the last day of a row."""
    name = OrganisationName.objects.select_related("organisation").get(pk=name_id)
    bodies.correct_name(
        actor,
        name_id,
        version=name.organisation.version,
        wording=row.text,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


class _PositionPlanner(_Planner):
    """Plan the rows of positions; whoever has no account yet is invited."""

    def prepare(self, rows: Sequence[PositionRow]) -> None:
        """Read the bodies and people that the rows name, and the positions these hold."""
        self.known = queries.known_codes({row.organisation for row in rows})
        self.people = people.people_by_email(row.email for row in rows)
        held = Position.objects.filter(user_id__in=[user.pk for user in self.people.values()])
        self.held = {(item.user_id, item.organisation_id, item.role, item.valid_from): item for item in held}

    def take(self, row: PositionRow) -> None:
        """Plan a position."""
        body = self.body(row, row.organisation, "organisation", Permission.MANAGE_PEOPLE)
        if body is None or not self.first(row, (row.email, body.pk, row.role, row.valid_from), "email"):
            return
        user = self.people.get(row.email)
        label = f"{row.email} · {row.role.value} · {row.organisation}"
        if user is None and not row.name:
            self.refuse(row, "name", "Whoever has no account yet needs a name.")
            return
        known = self.held.get((user.pk, body.pk, row.role.value, row.valid_from)) if user else None
        if known is None:
            self.change(row, "create", label, lambda actor: _give(actor, body.pk, row))
        elif (known.title, known.valid_to) != (row.title, row.valid_to):
            position_id = known.pk
            self.change(row, "update", label, lambda actor: _change_position(actor, position_id, row))


def _give(actor: User, organisation_id: int, row: PositionRow) -> None:
    """Give the position of a row; invite the person first where there is no account."""
    user = people.people_by_email([row.email]).get(row.email)
    if user is None:
        user = accounts.invite_person(
            record.actor_of(actor), email=row.email, name=row.name, language=row.language
        )
    positions.give_position(
        actor,
        user_id=user.pk,
        organisation_id=organisation_id,
        role=row.role,
        title=row.title,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


def _change_position(actor: User, position_id: int, row: PositionRow) -> None:
    """Give a position the title and last day of a row."""
    positions.change_position(actor, position_id, title=row.title, valid_to=row.valid_to)


def first_failure(change: Change, failure: errors.MehvarError) -> CellError:
    """Say which row an act refused."""
    return CellError(change.row, failure.field or "", failure.message, failure.params)
