"""Build the register of names that documents are read with, from the database, and remember it until it changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from django.db.models import QuerySet

from mehvar.kernel import errors
from mehvar.organisations import data
from mehvar.organisations.models import (
    Group,
    GroupMember,
    GroupName,
    Organisation,
    OrganisationName,
    Register,
    Succession,
)
from mehvar.organisations.queries.authority import valid_on
from mehvar.organisations.queries.tree import home_register
from mehvar.organisations.rules import groups, packs

if TYPE_CHECKING:
    from mehvar.organisations.rules.matching import BodyRegister

_packs: dict[tuple[str, str], data.Pack] = {}
_registers: dict[tuple[str, str], BodyRegister] = {}
_lock = Lock()
_T = TypeVar("_T")


def _stamp(pack_code: str | None) -> Register:
    """Give the register's row, whose revision says whether what is remembered is fresh."""
    if pack_code is None:
        return home_register()
    found = Register.objects.filter(code=pack_code).first()
    if found is None:
        raise errors.NotFound("The pack {pack} is not loaded.", code="pack-not-loaded", pack=pack_code)
    return found


def pack_of(pack_code: str | None = None) -> data.Pack:
    """Give a register as the pack it is now in the database (the installation's without a code).

    One query when nothing changed since it was last asked for in this process.

    Raises:
        NotFound: The pack is not loaded.
    """
    return _pack(_stamp(pack_code))


def _pack(row: Register) -> data.Pack:
    """Give a register as a pack, remembered under its stamp."""
    key = (row.code, row.stamp)
    with _lock:
        if key not in _packs:
            built = _built(row)
            _drop(_packs, row.code)
            _packs[key] = built
        return _packs[key]


def _drop(remembered: dict[tuple[str, str], _T], code: str) -> None:
    """Drop what is remembered of a register's earlier states."""
    for key in [key for key in remembered if key[0] == code]:
        del remembered[key]


def pack_of_organisation(organisation_id: int) -> str:
    """Give the code of the pack to which a body belongs."""
    code: str = Organisation.objects.values_list("pack", flat=True).get(pk=organisation_id)
    return code


def register_for(pack_code: str | None = None) -> BodyRegister:
    """Give the register by whose names bodies are found in documents (the installation's without a code).

    Built from the database, names taught by people included; kept until something of it changes.

    Raises:
        NotFound: The pack is not loaded.
    """
    from mehvar.organisations.rules.matching import BodyRegister

    row = _stamp(pack_code)
    pack = _pack(row)
    key = (row.code, row.stamp)
    with _lock:
        if key not in _registers:
            _drop(_registers, row.code)
            _registers[key] = BodyRegister.from_pack(pack)
        return _registers[key]


def _built(row: Register) -> data.Pack:
    """Read a register's bodies, names, groups and successions: five queries."""
    bodies = list(
        Organisation.objects.filter(pack=row.code)
        .order_by("path")
        .values_list("id", "code", "type", "path", "valid_from", "valid_to", "attributes")
    )
    code_at = {path: code for _id, code, _type, path, *_rest in bodies}
    names = _names(row)
    return data.Pack(
        code=row.code,
        language=row.language,
        calendar=row.calendar,
        bodies=tuple(
            data.Body(
                code=code,
                type=data.BodyType(kind),
                parent=code_at.get(path[:-4]),
                names=tuple(names[pk]),
                valid_from=start,
                valid_to=end,
                attributes=attributes,
            )
            for pk, code, kind, path, start, end, attributes in bodies
        ),
        groups=_groups(row),
        successions=_successions(row),
        phrases=_phrases(row),
    )


def _names(row: Register) -> Mapping[int, list[data.Name]]:
    """Read the names of each body, those in the pack's language first, otherwise as they were entered."""
    found: dict[int, list[data.Name]] = defaultdict(list)
    rows = (
        OrganisationName.objects.filter(organisation__pack=row.code)
        .order_by("pk")
        .values_list("organisation_id", "text", "language", "kind", "valid_from", "valid_to", "ambiguous")
    )
    for pk, written, language, kind, start, end, ambiguous in sorted(
        rows, key=lambda item: item[2] != row.language
    ):
        found[pk].append(data.Name(written, language, data.NameKind(kind), start, end, ambiguous))
    return found


def _successions(row: Register) -> tuple[data.Succession, ...]:
    """Read the successions that have a successor."""
    rows = (
        Succession.objects.filter(predecessor__pack=row.code, successor__isnull=False)
        .order_by("on", "pk")
        .values_list("predecessor__code", "successor__code", "on", "kind", "note")
    )
    return tuple(
        data.Succession(old, new, on, data.SuccessionKind(kind), note) for old, new, on, kind, note in rows
    )


def _phrases(row: Register) -> tuple[data.GroupPhrase, ...]:
    """Read the wordings of groups; one wording may mean several groups."""
    means: dict[tuple[str, str], list[str]] = defaultdict(list)
    rows = GroupName.objects.filter(group__pack=row.code).order_by("pk")
    for written, language, code in rows.values_list("text", "language", "group__code"):
        means[written, language].append(code)
    return tuple(
        data.GroupPhrase(written, language, tuple(codes)) for (written, language), codes in means.items()
    )


def _groups(row: Register) -> tuple[data.Group, ...]:
    """Read the groups with the wordings that mean them alone."""
    alone: dict[str, list[data.Name]] = defaultdict(list)
    for phrase in _phrases(row):
        if len(phrase.codes) == 1:
            alone[phrase.codes[0]].append(data.Name(phrase.text, phrase.language, data.NameKind.ALIAS))
    return tuple(
        data.Group(group.code, tuple(alone[group.code]), groups.rule_from(group.rule), _labels(group))
        for group in Group.objects.filter(pack=row.code).order_by("pk")
    )


def _labels(group: Group) -> dict[str, str]:
    """Give a group's labels by language."""
    labels = {"vi": group.name_vi, "fa": group.name_fa, "en": group.name_en}
    return {language: label for language, label in labels.items() if label}


def group_by_code(pack_code: str | None, code: str) -> Group:
    """Give a group of a pack (of the installation's without a code).

    Raises:
        NotFound: The pack is not loaded or has no such group.
    """
    found = Group.objects.filter(pack=_stamp(pack_code).code, code=code).first()
    if found is None:
        raise errors.NotFound("There is no group {group}.", code="unknown-group", group=code)
    return found


def members_of_group(
    pack_code: str | None, code: str, on: date, *, issuer: str | None = None
) -> QuerySet[Organisation]:
    """Give the bodies that belong to a group on a day, in the register's order.

    A rule "under the issuer" (the districts of a province) has no members until the issuing body's code is
    given. Exceptions that people entered beside the rule count on the days they hold.

    Raises:
        NotFound: The pack is not loaded or has no such group.
    """
    group = group_by_code(pack_code, code)
    pack = pack_of(group.pack)
    codes = {body.code for body in packs.members_of(pack.group(code), pack, on, issuer=issuer)}
    added, removed = _exceptions(group, on)
    members: QuerySet[Organisation] = Organisation.objects.filter(
        code__in=(codes | added) - removed
    ).order_by("path")
    return members


def _exceptions(group: Group, on: date) -> tuple[set[str], set[str]]:
    """Give the codes that join and those that leave a group on a day beside its rule."""
    rows: Iterable[tuple[str, bool]] = GroupMember.objects.filter(valid_on(on), group=group).values_list(
        "organisation__code", "included"
    )
    sides: tuple[set[str], set[str]] = (set(), set())
    for member, included in rows:
        sides[0 if included else 1].add(member)
    return sides
