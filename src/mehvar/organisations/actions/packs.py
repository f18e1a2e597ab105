"""Bring a country's pack into the database; again and again without doing anything twice.

What people changed here stays: a body that somebody edited keeps its fields, and a name that somebody entered or
dated is left alone. Everything else follows the pack.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias

from django.db import transaction

from mehvar.kernel import clock, text
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Subject
from mehvar.organisations import data, queries
from mehvar.organisations.actions import record
from mehvar.organisations.models import (
    Group,
    GroupName,
    Organisation,
    OrganisationName,
    Register,
    Succession,
)
from mehvar.organisations.rules import groups, names, packs
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.accounts.models import User

BATCH = 500
EDITED = 1
"""A body whose version is above this was edited by a person."""
PACK = "pack"

NameKey: TypeAlias = tuple[int, str, str, str, date | None]


@dataclass(frozen=True, slots=True)
class Loaded:
    """Say what loading a pack changed; ``kept`` bodies differ from the pack because people edited them."""

    code: str
    bodies_added: int = 0
    bodies_updated: int = 0
    bodies_kept: int = 0
    names_added: int = 0
    names_removed: int = 0
    successions_added: int = 0
    groups_changed: int = 0

    @property
    def changed(self) -> bool:
        """Tell whether anything was written."""
        return any(
            (
                self.bodies_added,
                self.bodies_updated,
                self.names_added,
                self.names_removed,
                self.successions_added,
                self.groups_changed,
            )
        )


def load_pack(actor: User | None, code: str, *, ministry: str | None = None) -> Loaded:
    """Load a country's pack: bodies, dated names, successions, groups; idempotent.

    The first pack becomes the installation's own. ``ministry`` is the code of the body that runs the installation.

    Raises:
        NotPermitted: The actor does not administer the whole tree.
        InputError: No such pack, or some of its rows are wrong.
        NotFound: The pack has no body with the code ``ministry``.
    """
    record.require(actor, Permission.MANAGE_ORGANISATIONS, data.WHOLE_TREE)
    pack = packs.load_pack(code)
    with transaction.atomic():
        register = _register(pack)
        loaded = _load(pack)
        if loaded.changed:
            record.touch(code)
            Register.objects.filter(pk=register.pk).update(loaded_at=clock.now())
            ledger.record(
                actor=record.actor_of(actor),
                action="register.pack-loaded",
                subject=Subject("register", code, code),
                content=asdict(loaded),
            )
        if ministry is not None:
            choose_ministry(actor, ministry)
    return loaded


def choose_ministry(actor: User | None, code: str) -> Organisation:
    """Say which body runs this installation; its register becomes the installation's own.

    Raises:
        NotPermitted: The actor does not administer the whole tree.
        NotFound: There is no body with the code, or its pack is not loaded.
    """
    record.require(actor, Permission.MANAGE_ORGANISATIONS, data.WHOLE_TREE)
    chosen = queries.organisation(code)
    with transaction.atomic():
        if Register.objects.filter(code=chosen.pack, ministry=chosen, is_home=True).exists():
            return chosen
        Register.objects.filter(is_home=True).update(is_home=False)
        Register.objects.filter(code=chosen.pack).update(is_home=True, ministry=chosen)
        ledger.record(
            actor=record.actor_of(actor),
            action="register.ministry-chosen",
            subject=Subject("register", chosen.pack, chosen.pack),
            content={"ministry": code},
        )
    return chosen


def _register(pack: data.Pack) -> Register:
    """Give the register's row, locked; made when the pack is loaded for the first time."""
    register, _created = Register.objects.select_for_update(of=("self",)).get_or_create(
        code=pack.code,
        defaults={
            "language": pack.language,
            "calendar": pack.calendar,
            "is_home": not Register.objects.filter(is_home=True).exists(),
        },
    )
    return register


def _load(pack: data.Pack) -> Loaded:
    """Write what differs between the pack and the database."""
    tree = _Tree(pack.code)
    added, updated, kept = _load_bodies(pack, tree)
    names_added, names_removed = _load_names(pack, tree.ids)
    return Loaded(
        code=pack.code,
        bodies_added=added,
        bodies_updated=updated,
        bodies_kept=kept,
        names_added=names_added,
        names_removed=names_removed,
        successions_added=_load_successions(pack, tree.ids),
        groups_changed=_load_groups(pack),
    )


class _Tree:
    """Give new bodies their places in the materialised path, without a query per body."""

    def __init__(self, pack: str) -> None:
        self.rows: dict[str, Organisation] = {row.code: row for row in Organisation.objects.filter(pack=pack)}
        self.last_step: dict[str, int] = defaultdict(int)
        self.children: dict[str, int] = defaultdict(int)
        steplen = Organisation.steplen
        for path in Organisation.objects.values_list("path", flat=True):
            above, step = path[:-steplen], Organisation._str2int(path[-steplen:])  # noqa: SLF001 - treebeard's own
            self.last_step[above] = max(self.last_step[above], step)
            self.children[above] += 1
        self.grown: set[str] = set()

    @property
    def ids(self) -> dict[str, int]:
        """Give each body's number by its code."""
        return {code: row.pk for code, row in self.rows.items()}

    def place(self, row: Organisation, parent: str | None) -> None:
        """Put a new body after the last child of its parent."""
        above = self.rows[parent].path if parent else ""
        self.last_step[above] += 1
        self.children[above] += 1
        row.depth = len(above) // Organisation.steplen + 1
        row.path = Organisation._get_path(above, row.depth, self.last_step[above])  # noqa: SLF001 - treebeard's own
        self.rows[row.code] = row
        self.grown.add(above)

    def settle(self, created: Iterable[Organisation]) -> list[Organisation]:
        """Set the number of children of every body that gained some; give those that stood there before."""
        fresh = {row.code for row in created}
        old = []
        for row in self.rows.values():
            if row.path in self.grown:
                row.numchild = self.children[row.path]
                if row.code not in fresh:
                    old.append(row)
        return old


def _load_bodies(pack: data.Pack, tree: _Tree) -> tuple[int, int, int]:
    """Create the bodies that are new, update those that the pack changed, keep those that people edited."""
    created, updated, kept = [], [], 0
    today = clock.today()
    for body in pack.bodies:
        wanted = _fields(body, today)
        row = tree.rows.get(body.code)
        if row is None:
            row = Organisation(code=body.code, pack=pack.code, **wanted)
            tree.place(row, body.parent)
            created.append(row)
        elif any(getattr(row, field) != value for field, value in wanted.items()):
            if row.version > EDITED:
                kept += 1
                continue
            for field, value in wanted.items():
                setattr(row, field, value)
            updated.append(row)
    grown = tree.settle(created)
    Organisation.objects.bulk_create(created, batch_size=BATCH)
    Organisation.objects.bulk_update(updated, _FIELDS, batch_size=BATCH)
    Organisation.objects.bulk_update(grown, ["numchild"], batch_size=BATCH)
    return len(created), len(updated), kept


_FIELDS = ["type", "name_fa", "name_vi", "name_en", "valid_from", "valid_to", "attributes"]


def _fields(body: data.Body, today: date) -> dict[str, Any]:
    """Give the fields that a pack decides of a body."""
    return {
        "type": body.type.value,
        "valid_from": body.valid_from,
        "valid_to": body.valid_to,
        "attributes": dict(body.attributes),
        **names.names_to_show(body.names, today),
    }


def _load_names(pack: data.Pack, ids: dict[str, int]) -> tuple[int, int]:
    """Add the names that are missing; remove those that only an older pack knew."""
    wanted: dict[NameKey, data.Name] = {}
    for body in pack.bodies:
        for name in body.names:
            wanted.setdefault(
                (ids[body.code], name.text, name.language, name.kind.value, name.valid_from), name
            )
    stored = {
        (row.organisation_id, row.text, row.language, row.kind, row.valid_from): row
        for row in OrganisationName.objects.filter(organisation__pack=pack.code)
    }
    stale = [row.pk for key, row in stored.items() if row.origin == PACK and _differs(row, wanted.get(key))]
    gone = set(stale)
    known = {key for key, row in stored.items() if row.pk not in gone}
    edited = {(row.organisation_id, row.text, row.language) for row in stored.values() if row.origin != PACK}
    fresh = [
        _name_row(key, name)
        for key, name in wanted.items()
        if key not in known and (key[0], key[1], key[2]) not in edited
    ]
    for start in range(0, len(stale), BATCH):
        OrganisationName.objects.filter(pk__in=stale[start : start + BATCH]).delete()
    OrganisationName.objects.bulk_create(fresh, batch_size=BATCH)
    return len(fresh), len(stale)


def _differs(row: OrganisationName, name: data.Name | None) -> bool:
    """Tell whether the pack no longer has a name as it is stored."""
    return name is None or (row.valid_to, row.ambiguous) != (name.valid_to, name.ambiguous)


def _name_row(key: NameKey, name: data.Name) -> OrganisationName:
    """Make the row of a pack's name."""
    return OrganisationName(
        organisation_id=key[0],
        text=name.text,
        folded=text.fold_for_search(name.text),
        language=name.language,
        kind=name.kind.value,
        ambiguous=name.ambiguous,
        origin=PACK,
        valid_from=name.valid_from,
        valid_to=name.valid_to,
    )


def _load_successions(pack: data.Pack, ids: dict[str, int]) -> int:
    """Add the successions that are missing."""
    stored = set(
        Succession.objects.filter(predecessor__pack=pack.code).values_list(
            "predecessor_id", "successor_id", "on"
        )
    )
    fresh = [
        Succession(
            predecessor_id=ids[item.predecessor],
            successor_id=ids[item.successor],
            kind=item.kind.value,
            on=item.on,
            note=item.note,
        )
        for item in pack.successions
        if (ids[item.predecessor], ids[item.successor], item.on) not in stored
    ]
    Succession.objects.bulk_create(fresh, batch_size=BATCH)
    return len(fresh)


def _load_groups(pack: data.Pack) -> int:
    """Create or update the groups and their wordings."""
    changed = 0
    stored = {group.code: group for group in Group.objects.filter(pack=pack.code)}
    for group in pack.groups:
        changed += _load_group(pack.code, group, stored.get(group.code))
    return changed + _load_phrases(pack)


def _load_group(pack: str, group: data.Group, row: Group | None) -> int:
    """Create or update one group; give how many were written (0 or 1)."""
    wanted: dict[str, Any] = {
        "rule": groups.rule_to(group.members),
        **{f"name_{language}": group.labels.get(language, "") for language in names.LANGUAGES},
    }
    if row is None:
        Group.objects.create(pack=pack, code=group.code, **wanted)
        return 1
    if all(getattr(row, field) == value for field, value in wanted.items()):
        return 0
    Group.objects.filter(pk=row.pk).update(**wanted)
    return 1


def _load_phrases(pack: data.Pack) -> int:
    """Add the wordings that are missing; give how many were."""
    ids = dict(Group.objects.filter(pack=pack.code).values_list("code", "pk"))
    stored = set(GroupName.objects.filter(group__pack=pack.code).values_list("group_id", "text"))
    fresh: dict[tuple[int, str], GroupName] = {}
    for phrase in pack.phrases:
        for code in phrase.codes:
            key = (ids[code], phrase.text)
            if key not in stored:
                fresh.setdefault(
                    key, GroupName(group_id=ids[code], text=phrase.text, language=phrase.language)
                )
    GroupName.objects.bulk_create(fresh.values(), batch_size=BATCH)
    return len(fresh)
