"""Describe the canonical content of a directive: the one shape that is frozen, hashed, compared and published.

Editions, word differences, the ledger, the signed document, Akoma Ntoso and JSON all start from this shape. It
holds what the directive *says*, not how far its review has come: no flags, no confidences, no database keys.
``queries.content.content_of`` builds it; two databases with the same text give the same hash.

The shape is made of plain JSON values only (dates as ISO 8601 text), so that it goes into a JSON column, comes back
equal, and ``kernel.identifiers.canonical_json`` accepts it. Order in lists is the order of the document. The HTTP API
answers with these very shapes and describes them out of their annotations.

Source: S0.9, S2.1; "directives and programmes", 3.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal, NamedTuple

from mehvar.directives.data import AssignmentRole
from mehvar.kernel import identifiers

if sys.version_info >= (3, 12):
    from typing import TypedDict
else:  # the library that describes the API knows only this one
    from typing_extensions import TypedDict

SCHEMA = "mehvar.directive/1"
"""Name of this shape; it changes when the shape does."""

BodyKind = Literal["body", "group", "name"]


class Described:
    """Say of a text, by keywords of JSON Schema, what those who describe the shape cannot see in its type."""

    def __init__(self, **keywords: Any) -> None:
        """Keep the keywords."""
        self._keywords = keywords

    def __get_pydantic_json_schema__(
        self, known: Any, describe: Callable[[Any], dict[str, Any]]
    ) -> dict[str, Any]:
        """Add the keywords to the description; the name is what the describing library looks for."""
        return {**describe(known), **self._keywords}


IsoDay = Annotated[str, Described(format="date")]
"""A day as ISO 8601 text."""

BodyCode = Annotated[str, Described(examples=["ir.mict"])]
"""The register's code of a body."""


class BodyContent(TypedDict):
    """Say who acts: a body of the register, a symbolic group, or a name that nobody has resolved yet.

    ``code`` is the register's code of the body, ``@group`` of the group, empty for an unresolved name. ``name`` is in
    the directive's language. ``principal``: answers first among several leads. ``inherited``: taken from a heading.
    """

    kind: BodyKind
    code: BodyCode
    name: str
    principal: bool
    inherited: bool


class DueContent(TypedDict):
    """State a deadline; ``raw`` is what was written, ``first_end`` the date before anybody moved it.

    ``start``, ``end``, ``first_end``: ISO dates or None. ``calendar``: ``gregorian`` or ``jalali``.
    """

    raw: Annotated[str, Described(examples=["30/6/2026"])]
    kind: str
    start: IsoDay | None
    end: IsoDay | None
    first_end: IsoDay | None
    duration: str
    anchor: str
    recurrence: str
    calendar: str


class AssignmentsContent(TypedDict):
    """List who acts, by role, in the document's order."""

    lead: list[BodyContent]
    coordinating: list[BodyContent]
    overseeing: list[BodyContent]
    monitoring: list[BodyContent]


class AlignmentContent(TypedDict):
    """Name a goal of an outside plan (S0.7): the plan's title and the goal's code and text."""

    plan: str
    goal: str
    text: str


class MeasureContent(TypedDict):
    """Hold one measure; ``id`` is its public id, ``field`` a name out of ``fields``, ``provision`` a provision's id."""

    id: str
    section: str
    number: str
    field: str | None
    provision: str | None
    text: str
    deliverable: str
    outcome_indicator: str
    priority: str
    special_project: bool
    due: DueContent
    assignments: AssignmentsContent
    alignments: list[AlignmentContent]


class ProvisionContent(TypedDict):
    """Hold one clause; provisions stand in reading order, ``parent`` is the id of the clause above."""

    id: str
    parent: str | None
    depth: int
    path: str
    eid: str
    kind: str
    number: str
    heading: str
    text: str


class FieldContent(TypedDict):
    """Hold one field of work and the number of measures that the text declares for it."""

    name: str
    declared_count: int | None


class CitationContent(TypedDict):
    """Hold one cited legal document; ``dated_on`` is an ISO date or None (S2.2)."""

    raw: str
    kind: str
    number: str
    dated_on: IsoDay | None
    issuer_name: str
    subject: str
    to_disseminate: bool


class DutyContent(TypedDict):
    """Hold one legal duty that the directive answers (S0.1); ``owner`` is the body's code."""

    source: str
    article: str
    text: str
    owner: str


class IssuerContent(TypedDict):
    """Name the issuing body by code and by its name in the directive's language."""

    code: str
    name: str


class ThemeContent(TypedDict):
    """Name the annual theme: the year's period id and the theme's title (S0.1)."""

    period: str
    title: str


class HeadContent(TypedDict):
    """Hold what the directive says of itself; dates are ISO text or None."""

    id: str
    kind: str
    number: str
    title: str
    issuer: IssuerContent
    language: str
    pack: str
    calendar: str
    theme: ThemeContent | None
    goal: str
    motto: str
    legal_basis: str
    role_statement: str
    dated_on: IsoDay | None
    effective_on: IsoDay | None
    acknowledge_within_days: int
    supersedes: str | None


class DirectiveContent(TypedDict):
    """Hold the canonical content: what is frozen, hashed, compared and published."""

    schema: Annotated[str, Described(examples=["mehvar.directive/1"])]
    directive: HeadContent
    duties: list[DutyContent]
    citations: list[CitationContent]
    fields: list[FieldContent]
    provisions: list[ProvisionContent]
    measures: list[MeasureContent]


class Passage(NamedTuple):
    """Hold one piece of text to be compared: a key that survives renumbering, where it stands, and its words."""

    key: str
    label: str
    text: str


HEAD_TEXTS = ("title", "number", "goal", "motto", "legal_basis", "role_statement", "dated_on", "effective_on")
MEASURE_TEXTS = ("text", "deliverable", "outcome_indicator")
ROLES: tuple[AssignmentRole, ...] = tuple(AssignmentRole)


def hash_of(content: DirectiveContent) -> str:
    """Return the SHA-256 of the content's canonical form, 64 hexadecimal digits."""
    return identifiers.content_hash(content)


def empty_assignments() -> AssignmentsContent:
    """Give the shape of a measure in which nobody acts yet."""
    return {"lead": [], "coordinating": [], "overseeing": [], "monitoring": []}


def bodies_in(measure: MeasureContent, role: AssignmentRole | str) -> list[BodyContent]:
    """Give who acts in one role of a measure."""
    return bodies_of(measure["assignments"], role)


def bodies_of(assignments: AssignmentsContent, role: AssignmentRole | str) -> list[BodyContent]:
    """Give the list of one role."""
    bodies: list[BodyContent] = assignments[AssignmentRole(role).value]
    return bodies


def names_in(measure: MeasureContent, role: AssignmentRole | str) -> str:
    """Give the names of those who act in one role, joined by semicolons."""
    return "; ".join(body["name"] for body in bodies_in(measure, role))


def measure_label(measure: MeasureContent) -> str:
    """Say where a measure stands: its section and number."""
    return " ".join(part for part in (measure["section"], measure["number"]) if part)


def provision_label(provision: ProvisionContent) -> str:
    """Say which clause it is: its number, else its path."""
    return provision["number"] or provision["path"]


def measures_by_field(content: DirectiveContent) -> list[tuple[str | None, list[MeasureContent]]]:
    """Group the measures under the fields in the document's order; measures of no field come last under None."""
    groups: dict[str | None, list[MeasureContent]] = {item["name"]: [] for item in content["fields"]}
    rest: list[MeasureContent] = []
    for measure in content["measures"]:
        groups.get(measure["field"], rest).append(measure)
    return [*groups.items(), *([(None, rest)] if rest else [])]


def passages(content: DirectiveContent) -> Iterator[Passage]:
    """Walk through every piece of text in reading order, for word-level comparison of two editions.

    Keys: ``directive.goal``; ``citation.0`` (by position); ``provision.<id>``; ``measure.<id>.text`` (and
    ``.deliverable``, ``.outcome_indicator``, ``.due``, ``.lead`` … ``.monitoring``, ``.marks``, ``.field``).
    """
    for name in HEAD_TEXTS:
        yield Passage(f"directive.{name}", name, str(_head_value(content["directive"], name) or ""))
    for position, citation in enumerate(content["citations"]):
        yield Passage(f"citation.{position}", "citation", citation["raw"])
    for provision in content["provisions"]:
        words = "\n".join(part for part in (provision["heading"], provision["text"]) if part)
        yield Passage(f"provision.{provision['id']}", provision_label(provision), words)
    for measure in content["measures"]:
        yield from measure_passages(measure)


def measure_passages(measure: MeasureContent) -> Iterator[Passage]:
    """Walk through every piece of text of one measure; keys as in ``passages``."""
    label, key = measure_label(measure), f"measure.{measure['id']}"
    yield Passage(f"{key}.text", label, measure["text"])
    yield Passage(f"{key}.deliverable", label, measure["deliverable"])
    yield Passage(f"{key}.outcome_indicator", label, measure["outcome_indicator"])
    yield Passage(f"{key}.due", label, measure["due"]["raw"] or measure["due"]["end"] or "")
    for role in ROLES:
        yield Passage(f"{key}.{role.value}", label, names_in(measure, role))
    marks = (measure["priority"], "special_project" if measure["special_project"] else "")
    yield Passage(f"{key}.marks", label, " ".join(mark for mark in marks if mark and mark != "normal"))
    yield Passage(f"{key}.field", label, measure["field"] or "")


def _head_value(head: HeadContent, name: str) -> str | None:
    value: str | None = head[name]  # type: ignore[literal-required]
    return value
