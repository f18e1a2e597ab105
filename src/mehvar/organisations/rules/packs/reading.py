"""Read a country's register of bodies from its pack of CSV files, and check it.

A pack is a folder of UTF-8 CSV files that an official can edit in a spreadsheet: ``pack.csv`` (key, value),
``bodies*.csv``, ``names*.csv``, ``patterns.csv``, ``successions.csv``, ``groups.csv`` and ``group_names.csv``.
The columns are described in ``docs/rooms/packs.md``. Dates are ISO and half open (``valid_to`` is the first day on
which the thing no longer holds).

Source: issue "the house", point 4.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from mehvar.kernel import errors
from mehvar.organisations.data.register import (
    ISSUER,
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
from mehvar.organisations.rules.packs.members import has_attributes
from mehvar.organisations.rules.packs.patterns import Pattern, narrowed
from mehvar.organisations.rules.packs.rows import BadCellError, Row, rows_of

_LANGUAGES = ("fa", "vi", "en")


@dataclass(slots=True)
class _Draft:
    """Collect what the files say, and every complaint, before a pack is made of it."""

    bodies: dict[str, Body] = field(default_factory=dict)
    names: dict[str, list[Name]] = field(default_factory=lambda: defaultdict(list))
    groups: dict[str, Group] = field(default_factory=dict)
    phrases: list[GroupPhrase] = field(default_factory=list)
    successions: list[Succession] = field(default_factory=list)
    written: dict[str, tuple[Name, ...]] = field(default_factory=dict)
    derived: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    complaints: list[str] = field(default_factory=list)

    def read(self, rows: Iterable[Row], reader: Callable[[Row], None]) -> None:
        """Give every row to its reader and note what is wrong with it."""
        for row in rows:
            try:
                row.check_width()
                reader(row)
            except BadCellError as wrong:
                self.complaints.append(f"{row.file}:{row.line}: {wrong}")

    def body_row(self, row: Row) -> None:
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
            raise BadCellError(f"the code {body.code} stands twice")
        if body.parent and body.parent not in self.bodies:
            raise BadCellError(f"the parent {body.parent} does not stand above")
        self.bodies[body.code] = body

    def name_row(self, row: Row) -> None:
        """Take the names of a body: several, separated by ``|``, may share a row."""
        code = self.known_body(row.required("body"))
        start, end = row.span()
        kind = row.choice("kind", NameKind)
        language = row.required("language")
        for part in row.required("text").split("|"):
            name = Name(part.strip(), language, kind, start, end, row["ambiguous"] == "yes")
            if not name.text:
                raise BadCellError("text: an empty name between bars")
            self.names[code].append(name)

    def known_body(self, code: str) -> str:
        """Give the code back when a body has it."""
        if code not in self.bodies:
            raise BadCellError(f"no body has the code {code}")
        return code

    def succession_row(self, row: Row) -> None:
        """Take one succession."""
        on = row.day("on")
        if on is None:
            raise BadCellError("on is empty")
        self.successions.append(
            Succession(
                predecessor=self.known_body(row.required("predecessor")),
                successor=self.known_body(row.required("successor")),
                on=on,
                kind=row.choice("kind", SuccessionKind),
                note=row["note"],
            )
        )

    def group_row(self, row: Row) -> None:
        """Take a group and its member rule; a second row with an issuer says who is meant in its documents."""
        code, rule = row.required("code"), self.member_rule(row)
        if row["issuer"]:
            self.local_rule(row, code, rule)
        elif not code.startswith("@") or code in self.groups:
            raise BadCellError(f"{code!r} must begin with @ and stand once")
        else:
            labels = {language: row[language] for language in _LANGUAGES if row[language]}
            self.groups[code] = Group(code, (), rule, labels)

    def local_rule(self, row: Row, code: str, rule: MemberRule) -> None:
        """Add the rule of a group for documents that a province issues."""
        if code not in self.groups or row["issuer"] != "province":
            raise BadCellError(f"{code}: issuer must be empty or province, below the group's own row")
        self.groups[code] = replace(self.groups[code], local_members=rule)

    def member_rule(self, row: Row) -> MemberRule:
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
            raise BadCellError(f"types: {word!r} is none of {', '.join(BodyType)}") from None

    def group_name_row(self, row: Row) -> None:
        """Take surface forms of one group, or of several together."""
        codes = row.words("codes")
        unknown = [code for code in codes if code not in self.groups]
        if unknown or not codes:
            raise BadCellError(f"no group has the code {' '.join(unknown) or '(empty)'}")
        language = row.required("language")
        forms = tuple(part.strip() for part in row.required("text").split("|"))
        self.phrases += [GroupPhrase(form, language, codes) for form in forms]
        if len(codes) == 1:
            group = self.groups[codes[0]]
            names = tuple(Name(form, language, NameKind.ALIAS) for form in forms)
            self.groups[group.code] = replace(group, names=group.names + names)

    def pattern_row(self, row: Row) -> None:
        """Apply one pattern to every body it fits: give it a name, or give it a body of its own with a name."""
        wanted = row.choice("applies_to", BodyType)
        where = row.attributes("where")
        pattern = Pattern.of(row)
        for base in [
            body for body in self.bodies.values() if body.type is wanted and has_attributes(body, where)
        ]:
            code = base.code + pattern.suffix
            if code not in self.bodies:
                self.derive_body(row, base)
            self.names[code] += pattern.names(self.written_names(base.code))

    def written_names(self, code: str) -> tuple[Name, ...]:
        """Give the names of a body that stand in the files, so that patterns do not feed on each other."""
        if code not in self.written:
            self.written[code] = tuple(self.names[code])
        return self.written[code]

    def derive_body(self, row: Row, base: Body) -> None:
        """Make the body that a pattern names, with its succession."""
        code = base.code + row["suffix"]
        parent = row["parent"].replace("{code}", base.code) or base.code
        span = narrowed((base.valid_from, base.valid_to), row.span())
        self.add_body(
            Body(code, row.choice("type", BodyType), parent, (), *span, row.attributes("attributes"))
        )
        self.derived[base.code].append(row["suffix"])
        if row["successor"] and span[1]:
            successor = self.known_body(base.code + row["successor"])
            self.successions.append(Succession(code, successor, span[1], SuccessionKind.MERGED))

    def follow_bases(self) -> None:
        """Let derived bodies pass their duties as the bodies do that they are derived from."""
        for succession in tuple(self.successions):
            for suffix in self.derived[succession.predecessor]:
                predecessor, successor = succession.predecessor + suffix, succession.successor + suffix
                if successor in self.bodies and self.bodies[predecessor].valid_to == succession.on:
                    self.successions.append(replace(succession, predecessor=predecessor, successor=successor))


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
    facts = {row["key"]: row["value"] for row in rows_of(folder, "pack")}
    draft = _Draft()
    for prefix, reader in (
        ("bodies", draft.body_row),
        ("names", draft.name_row),
        ("patterns", draft.pattern_row),
        ("successions", draft.succession_row),
        ("groups", draft.group_row),
        ("group_names", draft.group_name_row),
    ):
        draft.read(rows_of(folder, prefix), reader)
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
