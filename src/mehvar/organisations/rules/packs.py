"""Read a country's register of bodies from its pack of CSV files, and check it.

A pack is a folder of UTF-8 CSV files that an official can edit in a spreadsheet: ``pack.csv`` (key, value),
``bodies*.csv``, ``names*.csv``, ``patterns.csv``, ``successions.csv``, ``groups.csv`` and ``group_names.csv``.
The columns are described in ``docs/rooms/packs.md``. Dates are ISO and half open (``valid_to`` is the first day on
which the thing no longer holds).

Source: issue "the house", point 4.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import TypeAlias, TypeVar

from mehvar.kernel import errors, text
from mehvar.organisations.data.register import (
    ISSUER,
    AttributeValue,
    Body,
    BodyType,
    Group,
    GroupPhrase,
    MemberRule,
    Name,
    NameKind,
    Pack,
    Succession,
    SuccessionKind,
)

_ATTRIBUTE = re.compile(r"[a-z][a-z0-9_]*=[^=;]*")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)")
_LANGUAGES = ("fa", "vi", "en")
_ENUM = TypeVar("_ENUM", bound=StrEnum)
_Span: TypeAlias = tuple[date | None, date | None]


class _BadCellError(Exception):
    """Say what is wrong with one row."""


@dataclass(frozen=True, slots=True)
class _Row:
    """Hold one line of a file with where it stands."""

    file: str
    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """Give a cell without outer spaces; a column that the file lacks is empty."""
        return (self.cells.get(column) or "").strip()

    def required(self, column: str) -> str:
        """Give a cell that must not be empty."""
        if not self[column]:
            raise _BadCellError(f"{column} is empty")
        return self[column]

    def day(self, column: str) -> date | None:
        """Read an ISO date, or nothing."""
        raw = self[column]
        if not raw:
            return None
        try:
            return date.fromisoformat(raw)
        except ValueError:
            raise _BadCellError(f"{column}: {raw!r} is not a date of the form 2025-03-01") from None

    def choice(self, column: str, choices: type[_ENUM]) -> _ENUM:
        """Read one of the allowed words."""
        raw = self.required(column)
        try:
            return choices(raw)
        except ValueError:
            raise _BadCellError(f"{column}: {raw!r} is none of {', '.join(choices)}") from None

    def words(self, column: str) -> tuple[str, ...]:
        """Read words separated by spaces."""
        return tuple(self[column].split())

    def attributes(self, column: str) -> dict[str, AttributeValue]:
        """Read ``key=value`` pairs separated by semicolons; yes, no and whole numbers are typed."""
        found: dict[str, AttributeValue] = {}
        for pair in filter(None, (part.strip() for part in self[column].split(";"))):
            if not _ATTRIBUTE.fullmatch(pair):
                raise _BadCellError(f"{column}: {pair!r} is not of the form key=value")
            key, value = pair.split("=", 1)
            found[key] = _attribute_value(value)
        return found

    def span(self) -> tuple[date | None, date | None]:
        """Read valid_from and valid_to, which must be in order."""
        start, end = self.day("valid_from"), self.day("valid_to")
        if start and end and start >= end:
            raise _BadCellError(f"valid_to {end} is not after valid_from {start}")
        return start, end


def _attribute_value(value: str) -> AttributeValue:
    """Type an attribute: yes/no, a whole number, else text (so the code ``02`` stays text)."""
    if value in {"yes", "no"}:
        return value == "yes"
    return int(value) if _NUMBER.fullmatch(value) else value


@dataclass(slots=True)
class _Draft:
    """Collect what the files say, and every complaint, before a pack is made of it."""

    bodies: dict[str, Body] = field(default_factory=dict)
    names: dict[str, list[Name]] = field(default_factory=lambda: defaultdict(list))
    groups: dict[str, Group] = field(default_factory=dict)
    phrases: list[GroupPhrase] = field(default_factory=list)
    successions: list[Succession] = field(default_factory=list)
    derived: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    complaints: list[str] = field(default_factory=list)

    def read(self, rows: Iterable[_Row], reader: Callable[[_Row], None]) -> None:
        """Give every row to its reader and note what is wrong with it."""
        for row in rows:
            try:
                reader(row)
            except _BadCellError as wrong:
                self.complaints.append(f"{row.file}:{row.line}: {wrong}")

    def body_row(self, row: _Row) -> None:
        """Take a body, whose parent must stand on an earlier line."""
        code = row.required("code")
        start, end = row.span()
        body = Body(
            code=code,
            type=row.choice("type", BodyType),
            parent=row["parent"] or None,
            names=(),
            valid_from=start,
            valid_to=end,
            attributes=row.attributes("attributes"),
        )
        self.add_body(body)
        for language in _LANGUAGES:
            if row[language]:
                self.names[code].append(Name(row[language], language, NameKind.OFFICIAL))

    def add_body(self, body: Body) -> None:
        """Take a body whose code is new and whose parent is known."""
        if body.code in self.bodies:
            raise _BadCellError(f"the code {body.code} stands twice")
        if body.parent and body.parent not in self.bodies:
            raise _BadCellError(f"the parent {body.parent} does not stand above")
        self.bodies[body.code] = body

    def name_row(self, row: _Row) -> None:
        """Take the names of a body: several, separated by ``|``, may share a row."""
        code = self.known_body(row.required("body"))
        start, end = row.span()
        kind = row.choice("kind", NameKind)
        language = row.required("language")
        for part in row.required("text").split("|"):
            name = Name(part.strip(), language, kind, start, end, row["ambiguous"] == "yes")
            if not name.text:
                raise _BadCellError("text: an empty name between bars")
            self.names[code].append(name)

    def known_body(self, code: str) -> str:
        """Give the code back when a body has it."""
        if code not in self.bodies:
            raise _BadCellError(f"no body has the code {code}")
        return code

    def succession_row(self, row: _Row) -> None:
        """Take one succession."""
        on = row.day("on")
        if on is None:
            raise _BadCellError("on is empty")
        self.successions.append(
            Succession(
                predecessor=self.known_body(row.required("predecessor")),
                successor=self.known_body(row.required("successor")),
                on=on,
                kind=row.choice("kind", SuccessionKind),
                note=row["note"],
            )
        )

    def group_row(self, row: _Row) -> None:
        """Take a group and its member rule; a second row with an issuer says who is meant in its documents."""
        code, rule = row.required("code"), self.member_rule(row)
        if row["issuer"]:
            self.local_rule(row, code, rule)
        elif not code.startswith("@") or code in self.groups:
            raise _BadCellError(f"{code!r} must begin with @ and stand once")
        else:
            labels = {language: row[language] for language in _LANGUAGES if row[language]}
            self.groups[code] = Group(code, (), rule, labels)

    def local_rule(self, row: _Row, code: str, rule: MemberRule) -> None:
        """Add the rule of a group for documents that a province issues."""
        if code not in self.groups or row["issuer"] != "province":
            raise _BadCellError(f"{code}: issuer must be empty or province, below the group's own row")
        self.groups[code] = replace(self.groups[code], local_members=rule)

    def member_rule(self, row: _Row) -> MemberRule:
        """Read who belongs to a group."""
        under = row["under"] or None
        return MemberRule(
            types=tuple(self.body_type(word) for word in row.words("types")),
            under=under if under in {None, ISSUER} else self.known_body(str(under)),
            attributes=row.attributes("attributes"),
            codes=tuple(self.known_body(word) for word in row.words("codes")),
        )

    @staticmethod
    def body_type(word: str) -> BodyType:
        """Read a type's word."""
        try:
            return BodyType(word)
        except ValueError:
            raise _BadCellError(f"types: {word!r} is none of {', '.join(BodyType)}") from None

    def group_name_row(self, row: _Row) -> None:
        """Take surface forms of one group, or of several together."""
        codes = row.words("codes")
        unknown = [code for code in codes if code not in self.groups]
        if unknown or not codes:
            raise _BadCellError(f"no group has the code {' '.join(unknown) or '(empty)'}")
        language = row.required("language")
        forms = tuple(part.strip() for part in row.required("text").split("|"))
        self.phrases += [GroupPhrase(form, language, codes) for form in forms]
        if len(codes) == 1:
            group = self.groups[codes[0]]
            names = tuple(Name(form, language, NameKind.ALIAS) for form in forms)
            self.groups[group.code] = replace(group, names=group.names + names)

    def pattern_row(self, row: _Row) -> None:
        """Apply one pattern to every body it fits: give it a name, or give it a body of its own with a name."""
        wanted = row.choice("applies_to", BodyType)
        where = row.attributes("where")
        for base in [body for body in self.bodies.values() if body.type is wanted and _has(body, where)]:
            code = self.derived_body(row, base)
            self.names[code] += self.patterned_names(row, base)

    def derived_body(self, row: _Row, base: Body) -> str:
        """Give the code that a pattern names; make the body on first use, with its succession."""
        code = base.code + row["suffix"]
        if code not in self.bodies:
            parent = row["parent"].replace("{code}", base.code) or base.code
            span = _narrowed((base.valid_from, base.valid_to), row.span())
            self.add_body(
                Body(code, row.choice("type", BodyType), parent, (), *span, row.attributes("attributes"))
            )
            self.derived[base.code].append(row["suffix"])
            if row["successor"] and span[1]:
                successor = self.known_body(base.code + row["successor"])
                self.successions.append(Succession(code, successor, span[1], SuccessionKind.MERGED))
        return code

    def patterned_names(self, row: _Row, base: Body) -> list[Name]:
        """Make the names that a pattern gives; a name is official only where the name it is made of is."""
        kind, language, span = row.choice("kind", NameKind), row.required("language"), row.span()
        sources = [
            name
            for name in self.names[base.code]
            if name.language == language and name.kind in (row.words("from_kinds") or ("official",))
        ]
        return [
            Name(
                form.strip().replace("{name}", source.text),
                language,
                kind,
                *_narrowed(_name_span(source), span),
            )
            for form in row.required("text").split("|")
            for source in sources
        ]

    def follow_bases(self) -> None:
        """Let derived bodies pass their duties as the bodies do that they are derived from."""
        for succession in tuple(self.successions):
            for suffix in self.derived[succession.predecessor]:
                predecessor, successor = succession.predecessor + suffix, succession.successor + suffix
                if successor in self.bodies and self.bodies[predecessor].valid_to == succession.on:
                    self.successions.append(replace(succession, predecessor=predecessor, successor=successor))


def _name_span(name: Name) -> _Span:
    """Give the days on which a name holds."""
    return name.valid_from, name.valid_to


def _narrowed(one: _Span, other: _Span) -> _Span:
    """Give the days that two spans share."""
    starts = [day for day in (one[0], other[0]) if day]
    ends = [day for day in (one[1], other[1]) if day]
    return max(starts, default=None), min(ends, default=None)


def _has(body: Body, attributes: Mapping[str, AttributeValue]) -> bool:
    """Tell whether a body carries all these attributes."""
    return all(body.attributes.get(key, False) == value for key, value in attributes.items())


def _folder() -> Traversable:
    """Give the folder that holds the packs."""
    return resources.files("mehvar.organisations") / "packs"


def available_packs() -> tuple[str, ...]:
    """List the codes of the packs that this installation carries."""
    found = (entry for entry in _folder().iterdir() if entry.is_dir())
    return tuple(sorted(entry.name for entry in found if (entry / "pack.csv").is_file()))


@cache
def load_pack(code: str) -> Pack:
    """Read the pack of a country; read once, then kept.

    Raises:
        InputError: No such pack, or some of its rows are wrong (all of them are listed, with file and line).

    Source: issue "the house", point 4.
    """
    if code not in available_packs():
        raise errors.InputError(
            "There is no pack {pack}; known are {known}.",
            code="unknown-pack",
            pack=code,
            known=", ".join(available_packs()),
        )
    return read_pack(_folder() / code)


def read_pack(folder: Traversable) -> Pack:
    """Read a pack from a folder (one of the installation's, or one that an official prepared).

    Raises:
        InputError: Some rows are wrong; all are listed, with file and line.
    """
    facts = {row["key"]: row["value"] for row in _rows(folder, "pack")}
    draft = _Draft()
    for prefix, reader in (
        ("bodies", draft.body_row),
        ("names", draft.name_row),
        ("patterns", draft.pattern_row),
        ("successions", draft.succession_row),
        ("groups", draft.group_row),
        ("group_names", draft.group_name_row),
    ):
        draft.read(_rows(folder, prefix), reader)
    draft.follow_bases()
    draft.complaints += [f"{code}: has no official name" for code in _nameless(draft)]
    missing = [key for key in ("code", "language", "calendar") if not facts.get(key)]
    draft.complaints += [f"pack.csv: {key} is missing" for key in missing]
    if draft.complaints:
        raise errors.InputError(
            "The pack has wrong rows: {rows}", code="wrong-pack", rows="; ".join(draft.complaints)
        )
    return _pack(draft, facts)


def _nameless(draft: _Draft) -> list[str]:
    """List bodies that no official name was given to."""
    return [
        code for code in draft.bodies if not any(name.kind is NameKind.OFFICIAL for name in draft.names[code])
    ]


def _pack(draft: _Draft, facts: Mapping[str, str]) -> Pack:
    """Make the pack of a draft without complaints; names are in the pack's language first."""
    language = facts["language"]
    bodies = (
        replace(body, names=tuple(sorted(draft.names[code], key=lambda name: name.language != language)))
        for code, body in draft.bodies.items()
    )
    return Pack(
        code=facts["code"],
        language=language,
        calendar=facts["calendar"],
        bodies=tuple(bodies),
        groups=tuple(draft.groups.values()),
        successions=tuple(draft.successions),
        phrases=tuple(draft.phrases),
    )


def _rows(folder: Traversable, prefix: str) -> Iterator[_Row]:
    """Read the rows of ``prefix.csv`` and of ``prefix-….csv``, in the order of the file names."""
    files = [entry for entry in folder.iterdir() if re.fullmatch(rf"{prefix}(-[a-z0-9-]+)?\.csv", entry.name)]
    for file in sorted(files, key=lambda entry: entry.name.removesuffix(".csv")):
        reader = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig")))
        for cells in reader:
            yield _Row(
                file.name,
                reader.line_num,
                {key: value for key, value in cells.items() if isinstance(value, str)},
            )


def members_of(group: Group, pack: Pack, on: date, *, issuer: str | None = None) -> tuple[Body, ...]:
    """List the bodies that belong to a group on a day, in the order of the pack.

    ``issuer`` is the code of the body that issues the document: in a province's document "các địa phương" are the
    districts of that province. A rule under the issuer has only its named members until ``issuer`` is given.
    """
    rule = group.members
    if group.local_members and issuer and is_provincial(pack, issuer):
        rule = group.local_members
    return tuple(
        body
        for body in pack.bodies
        if body.exists(on) and (body.code in rule.codes or _fits(body, rule, pack, issuer))
    )


def is_provincial(pack: Pack, code: str) -> bool:
    """Tell whether a body is a province or stands below one."""
    return any(
        pack.body(item).type is BodyType.PROVINCE or item == f"{pack.code}.province"
        for item in (code, *pack.ancestors(code))
    )


def _fits(body: Body, rule: MemberRule, pack: Pack, issuer: str | None) -> bool:
    """Tell whether a body is of the rule's types, has its attributes and stands below its root."""
    if body.type not in rule.types or not _has(body, rule.attributes):
        return False
    if rule.under is None:
        return not body.is_symbolic
    return (issuer if rule.under == ISSUER else rule.under) in pack.ancestors(body.code)


def answering_body(pack: Pack, code: str, on: date) -> Body:
    """Give the body that answers on a day for what was given to another (follow the successions).

    A body that ended without a successor answers for itself.
    """
    body = pack.body(code)
    seen = {code}
    while not body.exists(on):
        nexts = [item for item in pack.successions if item.predecessor == body.code and item.on <= on]
        if not nexts or nexts[-1].successor in seen:
            break
        body = pack.body(nexts[-1].successor)
        seen.add(body.code)
    return body


@dataclass(frozen=True, slots=True)
class SharedName:
    """Hold a name that several bodies carry at the same time."""

    text: str
    codes: tuple[str, ...]
    official: bool


def shared_names(pack: Pack) -> tuple[SharedName, ...]:
    """List names (folded for matching) that two bodies carry on the same day and that are not marked ambiguous."""
    carriers: dict[str, list[tuple[Body, Name]]] = defaultdict(list)
    for body in pack.bodies:
        for name in body.names:
            carriers[text.fold_for_match(name.text)].append((body, name))
    return tuple(found for folded, pairs in carriers.items() if (found := _shared(folded, pairs)))


def _shared(folded: str, pairs: list[tuple[Body, Name]]) -> SharedName | None:
    """Tell which bodies clash over a folded name, if any."""
    clashing: set[str] = set()
    official = False
    for index, (body, name) in enumerate(pairs):
        for other, other_name in pairs[index + 1 :]:
            if body.code == other.code or not _overlap(body, name, other, other_name):
                continue
            both_official = name.kind is other_name.kind is NameKind.OFFICIAL
            if both_official or not (name.ambiguous and other_name.ambiguous):
                clashing |= {body.code, other.code}
                official = official or both_official
    return SharedName(folded, tuple(sorted(clashing)), official) if clashing else None


def _overlap(body: Body, name: Name, other: Body, other_name: Name) -> bool:
    """Tell whether two names can be met on one day (a name lives no longer than its body)."""
    starts = [item.valid_from or date.min for item in (body, name, other, other_name)]
    ends = [item.valid_to or date.max for item in (body, name, other, other_name)]
    return max(starts) < min(ends)
