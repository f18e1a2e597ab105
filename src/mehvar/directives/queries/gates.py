"""Look at every gate before a promulgation; other rooms register theirs here (docs/rooms/directives-promulgation.md).

Source: issue "the house", point 12; S0.8 (outcome), S0.9 (every proposal answered), S4.5 (later: media annex).
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_noop

from mehvar.directives.data import AssignmentRole, DirectiveState, ImportState
from mehvar.directives.models import Assignment, Directive, DirectiveVersion, ImportDocument, Measure
from mehvar.directives.queries import content as contents
from mehvar.directives.queries import lifecycle
from mehvar.directives.queries.days import today
from mehvar.directives.rules.content import hash_of
from mehvar.directives.rules.gates import Gate, GateState, OpenPoint, state_of
from mehvar.kernel.errors import NotFound
from mehvar.organisations import queries as organisations

_GATES: dict[str, Gate] = {}
UNSETTLED_IMPORTS = (ImportState.QUEUED, ImportState.READING, ImportState.REVIEW)


def register(gate: Gate) -> None:
    """Add a gate; registering the same code again replaces it."""
    _GATES[gate.code] = gate


def unregister(code: str) -> None:
    """Take a gate out again, as tests do."""
    _GATES.pop(code, None)


def gate_states(directive_id: int) -> list[GateState]:
    """Return how every gate of a directive stands, in order; a bounded number of queries per gate."""
    return [
        gate.find(directive_id) for gate in sorted(_GATES.values(), key=lambda item: (item.order, item.code))
    ]


def open_gates(directive_id: int) -> list[GateState]:
    """Return the gates that still hinder the promulgation."""
    return [state for state in gate_states(directive_id) if state.is_open]


def _public_id(directive_id: int) -> str:
    return str(Directive.objects.values_list("public_id", flat=True).get(pk=directive_id))


def _standing(directive_id: int) -> QuerySet[Measure]:
    return Measure.objects.filter(directive_id=directive_id, removed_at__isnull=True).order_by("position")


def _measure_gate(
    code: str,
    title: str,
    directive_id: int,
    rows: QuerySet[Measure],
    *,
    anchor: str = "",
    page: str = "directives:directive_measures",
    query: str = "",
) -> GateState:
    """Build the state of a gate whose open points are measures, each with the page that mends it."""
    found = list(rows.values_list("public_id", "section", "number", "text"))
    if not found:
        return state_of(code, title, [])
    public_id = _public_id(directive_id)
    points = [
        OpenPoint(
            f"{section} {number} {text[:100]}".strip(),
            reverse("directives:measure_edit", args=[public_id, measure_id]) + anchor,
        )
        for measure_id, section, number, text in found
    ]
    return state_of(code, title, points, path=reverse(page, args=[public_id]) + query)


def _unanswered(directive_id: int) -> GateState:
    title = gettext_noop("Proposals without an answer")
    rows = list(lifecycle.unanswered_opinions(directive_id).values_list("id", "text"))
    if not rows:
        return state_of("unanswered-proposals", title, [])
    page = reverse("directives:consultation", args=[_public_id(directive_id)])
    points = [OpenPoint(text[:100], f"{page}#opinion-{pk}") for pk, text in rows]
    return state_of("unanswered-proposals", title, points, path=page)


def _unsettled_flags(directive_id: int) -> GateState:
    return _measure_gate(
        "unsettled-flags",
        gettext_noop("Import flags that nobody has settled"),
        directive_id,
        _standing(directive_id).filter(open_flags__gt=0),
        query="?open_flags=open",
    )


def _unfinished_import(directive_id: int) -> GateState:
    documents = ImportDocument.objects.filter(directive_id=directive_id, state__in=UNSETTLED_IMPORTS)
    points = [
        OpenPoint(filename, reverse("directives:review", args=[public_id]))
        for filename, public_id in documents.values_list("filename", "public_id")
    ]
    return state_of(
        "unfinished-review", gettext_noop("Imported document whose review is not finished"), points
    )


def _without_lead(directive_id: int) -> GateState:
    leads = Assignment.objects.filter(
        measure__directive_id=directive_id, measure__removed_at__isnull=True, role=AssignmentRole.LEAD
    )
    groups = leads.filter(organisation__isnull=True).exclude(group_code="")
    peopled = peopled_groups(directive_id, groups.order_by().values_list("group_code", flat=True).distinct())
    led = leads.filter(Q(organisation__isnull=False) | Q(group_code__in=peopled)).values("measure_id")
    return _measure_gate(
        "missing-lead",
        gettext_noop("Measures without a lead body of the register"),
        directive_id,
        _standing(directive_id).exclude(pk__in=led),
        anchor="#id_lead",
    )


def peopled_groups(directive_id: int, codes: Iterable[str]) -> list[str]:
    """Return the groups that have a member today, as the promulgation would expand them."""
    wanted = sorted(codes)
    if not wanted:
        return []
    directive, day = Directive.objects.select_related("issuer").get(pk=directive_id), today()
    return [code for code in wanted if members_on(directive, code, day)]


def members_on(directive: Directive, code: str, day: date) -> Sequence[int]:
    """Return the keys of the bodies to which a group expands on a day; none where the group is unknown."""
    try:
        members = organisations.members_of_group(directive.pack, code, day, issuer=directive.issuer.code)
    except NotFound:
        return ()
    return list(members.values_list("pk", flat=True))


def _without_outcome(directive_id: int) -> GateState:
    return _measure_gate(
        "missing-outcome",
        gettext_noop("Measures without an outcome that people feel"),
        directive_id,
        _standing(directive_id).filter(outcome_indicator=""),
        anchor="#id_outcome_indicator",
        page="directives:outcomes",
    )


def _empty(directive_id: int) -> GateState:
    title = gettext_noop("The directive gives no task to anyone")
    if _standing(directive_id).exists():
        return state_of("no-measures", title, [])
    page = reverse("directives:edit", args=[_public_id(directive_id)])
    return state_of("no-measures", title, [OpenPoint("–", page)], path=page)


def _other_text(directive_id: int) -> GateState:
    """Compare the text with the edition that was approved; names of bodies in the register belong to the text."""
    title = gettext_noop("The text is not the one that was approved")
    directive = Directive.objects.get(pk=directive_id)
    if directive.state != DirectiveState.APPROVED or _is_approved_text(directive_id):
        return state_of("other-text", title, [])
    page = reverse("directives:editions", args=[directive.public_id])
    return state_of("other-text", title, [OpenPoint(directive.title[:100], page)], path=page)


def _is_approved_text(directive_id: int) -> bool:
    approved: Any = (
        DirectiveVersion.objects.filter(directive_id=directive_id)
        .order_by("-number")
        .values_list("content_hash", flat=True)
        .first()
    )
    return approved is not None and approved == hash_of(contents.content_of(directive_id))


register(Gate("no-measures", 10, _empty))
register(Gate("unfinished-review", 20, _unfinished_import))
register(Gate("unsettled-flags", 30, _unsettled_flags))
register(Gate("unanswered-proposals", 40, _unanswered))
register(Gate("missing-lead", 50, _without_lead))
register(Gate("missing-outcome", 60, _without_outcome))
register(Gate("other-text", 90, _other_text))
