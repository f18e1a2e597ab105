"""Look at every gate before a promulgation; other rooms register theirs here.

Source: issue "the house", point 12; S0.8 (outcome), S0.9 (every proposal answered), S4.5 (later: media annex).
"""

from django.urls import reverse
from django.utils.translation import gettext_noop

from mehvar.directives.data import AssignmentRole, ImportState
from mehvar.directives.models import Assignment, Directive, ImportDocument, Measure
from mehvar.directives.queries import lifecycle
from mehvar.directives.rules.gates import Gate, GateState, OpenPoint, state_of

_GATES: dict[str, Gate] = {}


def register(gate: Gate) -> None:
    """Add a gate; registering the same code again replaces it."""
    _GATES[gate.code] = gate


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


def _measure_points(
    directive_id: int, rows: "list[tuple[str, str, str, str]]", *, anchor: str
) -> list[OpenPoint]:
    public_id = _public_id(directive_id)
    return [
        OpenPoint(
            f"{section} {number} {text[:100]}".strip(),
            reverse("directives:measure_edit", args=[public_id, measure_id]) + anchor,
        )
        for measure_id, section, number, text in rows
    ]


_COLUMNS = ("public_id", "section", "number", "text")


def _unanswered(directive_id: int) -> GateState:
    page = reverse("directives:consultation", args=[_public_id(directive_id)])
    rows = lifecycle.unanswered_opinions(directive_id).values_list("id", "text")
    points = [OpenPoint(text[:100], f"{page}#opinion-{pk}") for pk, text in rows]
    return state_of("unanswered-proposals", gettext_noop("Proposals without an answer"), points, path=page)


def _unsettled_flags(directive_id: int) -> GateState:
    rows = Measure.objects.filter(directive_id=directive_id, removed_at__isnull=True, open_flags__gt=0)
    points = _measure_points(directive_id, list(rows.values_list(*_COLUMNS)), anchor="")
    return state_of("unsettled-flags", gettext_noop("Import flags that nobody has settled"), points)


def _unfinished_import(directive_id: int) -> GateState:
    documents = ImportDocument.objects.filter(directive_id=directive_id).exclude(state=ImportState.SETTLED)
    points = [
        OpenPoint(filename, reverse("directives:review", args=[public_id]))
        for filename, public_id in documents.values_list("filename", "public_id")
    ]
    return state_of(
        "unfinished-review", gettext_noop("Imported document whose review is not finished"), points
    )


def _without_lead(directive_id: int) -> GateState:
    leads = (
        Assignment.objects.filter(measure__directive_id=directive_id, role=AssignmentRole.LEAD)
        .exclude(organisation__isnull=True, group_code="")
        .values("measure_id")
    )
    rows = Measure.objects.filter(directive_id=directive_id, removed_at__isnull=True).exclude(pk__in=leads)
    points = _measure_points(directive_id, list(rows.values_list(*_COLUMNS)), anchor="#lead")
    return state_of("missing-lead", gettext_noop("Measures without a lead body of the register"), points)


def _without_outcome(directive_id: int) -> GateState:
    rows = Measure.objects.filter(directive_id=directive_id, removed_at__isnull=True, outcome_indicator="")
    points = _measure_points(directive_id, list(rows.values_list(*_COLUMNS)), anchor="#outcome")
    return state_of("missing-outcome", gettext_noop("Measures without an outcome that people feel"), points)


def _empty(directive_id: int) -> GateState:
    some = Measure.objects.filter(directive_id=directive_id, removed_at__isnull=True).exists()
    page = reverse("directives:edit", args=[_public_id(directive_id)])
    points = [] if some else [OpenPoint("–", page)]
    return state_of("no-measures", gettext_noop("The directive gives no task to anyone"), points, path=page)


register(Gate("no-measures", 10, _empty))
register(Gate("unfinished-review", 20, _unfinished_import))
register(Gate("unsettled-flags", 30, _unsettled_flags))
register(Gate("unanswered-proposals", 40, _unanswered))
register(Gate("missing-lead", 50, _without_lead))
register(Gate("missing-outcome", 60, _without_outcome))
