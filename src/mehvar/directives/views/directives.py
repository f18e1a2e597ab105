"""Show directives: the list, one as a readable document, its measures, and names to choose from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mehvar.directives import tables
from mehvar.directives.data import DirectiveState, ImportState
from mehvar.directives.models import Directive, ImportDocument
from mehvar.directives.queries import content as contents
from mehvar.directives.queries import directives as queries
from mehvar.directives.queries import gates as gate_queries
from mehvar.directives.queries import measures as measure_queries
from mehvar.directives.rules import lifecycle as life
from mehvar.directives.rules.lifecycle import BEFORE_PROMULGATION, Step
from mehvar.directives.views import words
from mehvar.directives.views.due_words import due_words
from mehvar.directives.views.flag_words import flag_words
from mehvar.kernel import text
from mehvar.kernel.errors import NotFound
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.ui.data import AxisStep, TaskItem
from mehvar.ui.reader import page_language, reader_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from mehvar.directives.rules.content import DirectiveContent, MeasureContent
    from mehvar.organisations.data import Authority

ROLES = (
    ("lead", gettext_noop("Lead")),
    ("coordinating", gettext_noop("Coordinating")),
    ("overseeing", gettext_noop("Overseeing")),
    ("monitoring", gettext_noop("Monitoring")),
)
LIFE_LINE = (
    DirectiveState.DRAFT,
    DirectiveState.CONSULTATION,
    DirectiveState.COUNCIL,
    DirectiveState.REVISION,
    DirectiveState.APPROVED,
    DirectiveState.PROMULGATED,
)
STEP_PAGES = {
    Step.OPEN_CONSULTATION: "directives:consultation_open",
    Step.APPROVE: "directives:approval",
    Step.PROMULGATE: "directives:promulgate",
}
NAMED_KINDS = {
    "part": gettext_noop("Part"),
    "chapter": gettext_noop("Chapter"),
    "article": gettext_noop("Article"),
    "annex": gettext_noop("Annex"),
}
CARDS_IN_MARGIN = 6
"""More measures than this stand below their clause instead of beside it."""

PLAIN_STEPS = (Step.PUT_TO_COUNCIL, Step.START_REVISION, Step.SUBMIT_FOR_APPROVAL, Step.RECALL, Step.WITHDRAW)


@login_required
def directive_list(request: HttpRequest) -> HttpResponseBase:
    """List the directives that the person may see."""
    authority = organisations.authority_in(request)
    table = tables.DirectiveTable(queries.listed(authority), request)
    context = {
        "may_import": permissions.allows(authority, Permission.REVIEW_IMPORT),
        "may_draft": permissions.allows(authority, Permission.DRAFT_DIRECTIVE),
        "page_wide": True,
    }
    return table.respond("directives/list.html", context)


@login_required
def directive_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a directive as a document, its measures as cards in the margin."""
    authority = organisations.authority_in(request)
    directive = queries.visible_directive(authority, public_id)
    content = contents.content_of(directive.pk)
    source = ImportDocument.objects.only("public_id", "state", "filename").filter(directive=directive).first()
    context = {
        "directive": directive,
        "content": content,
        "state": words.badge(words.DIRECTIVE_STATES, directive.state),
        "clauses": _clauses(content),
        "groups": _groups(content),
        "life": life_line(directive, queries.events_of(directive.pk)),
        "axis": axis(directive, len(content["measures"])),
        "gates": _gates(directive, authority),
        "steps": _steps(directive, authority),
        "fields": _field_counts(content),
        "source": source,
        "in_review": source is not None and source.state == ImportState.REVIEW,
        "may_edit": queries.may_edit(authority, directive),
        "issuer": organisations.name_in(directive.issuer, page_language()),
        "breadcrumbs": [(_("Directives"), reverse("directives:list"))],
        "page_wide": True,
    }
    return render(request, "directives/directive.html", context)


def _clauses(content: DirectiveContent) -> list[dict[str, Any]]:
    """Give the clauses in reading order, each with its measures."""
    hanging: dict[str | None, list[MeasureContent]] = defaultdict(list)
    for measure in content["measures"]:
        hanging[measure["provision"]].append(measure)
    language = content["directive"]["language"]
    return [
        {
            **provision,
            "label": clause_label(provision["kind"], provision["number"], language),
            "measures": hanging.get(provision["id"], []),
            "is_wide": len(hanging.get(provision["id"], [])) > CARDS_IN_MARGIN,
            "shown_depth": min(provision["depth"], 4),
        }
        for provision in content["provisions"]
    ]


def clause_label(kind: str, number: str, language: str) -> str:
    """Name a clause as its own language does: "Điều 5", «ماده ۵», "Article 5"; other kinds by their number."""
    shown = text.to_persian_digits(number) if language == "fa" else number
    if kind not in NAMED_KINDS or not number or number.strip().isalpha():
        return shown
    with translation.override(language):
        return f"{_(NAMED_KINDS[kind])} {shown}"


def _groups(content: DirectiveContent) -> list[tuple[str, list[MeasureContent]]]:
    """Give the measures that hang on no clause, by field."""
    found: dict[str, list[MeasureContent]] = defaultdict(list)
    for measure in content["measures"]:
        if measure["provision"] is None:
            found[measure["field"] or ""].append(measure)
    return list(found.items())


def _field_counts(content: DirectiveContent) -> list[dict[str, Any]]:
    counted: dict[str | None, int] = defaultdict(int)
    for measure in content["measures"]:
        counted[measure["field"]] += 1
    return [{**item, "found": counted[item["name"]]} for item in content["fields"]]


def life_line(directive: Directive, events: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give the stations of a directive's life with the last date and person of each."""
    last = {event["target"]: event for event in events}
    stations = list(LIFE_LINE)
    if directive.state not in stations:
        place = len(stations) - 1 if directive.state == DirectiveState.AWAITING_APPROVAL else len(stations)
        stations.insert(place, DirectiveState(directive.state))
    return [
        {
            "label": words.label(words.DIRECTIVE_STATES, station.value),
            "at": last[station.value]["at"] if station.value in last else None,
            "who": last[station.value]["actor__name"] if station.value in last else "",
            "is_current": station.value == directive.state,
        }
        for station in stations
    ]


def axis(directive: Directive, measures: int) -> list[AxisStep]:
    """Give the thread on which a directive lies."""
    address = reverse("directives:directive", args=[directive.public_id])
    listed = reverse("directives:directive_measures", args=[directive.public_id])
    promulgated = directive.state not in BEFORE_PROMULGATION
    return [
        AxisStep(_("Clause"), address, "current"),
        AxisStep(_("Measure"), listed, "done" if measures else "todo", note=reader_of().number(measures)),
        AxisStep(_("Plan"), "", "todo", note="" if promulgated else _("after promulgation")),
        AxisStep(_("Progress")),
        AxisStep(_("Figure")),
        AxisStep(_("Report")),
    ]


def _gates(directive: Directive, authority: Authority) -> list[TaskItem] | None:
    """Give the open gates to those who draft, with the link that mends each; None where nobody asks."""
    drafts = permissions.allows(authority, Permission.VIEW_DRAFTS, directive.issuer.path)
    if (
        not drafts
        or directive.state not in BEFORE_PROMULGATION
        or directive.state == DirectiveState.WITHDRAWN
    ):
        return None
    return [
        TaskItem(
            label=_(gate.title),
            url=gate.path or (gate.points[0].path if gate.points else ""),
            state="attention",
            status=_("%(count)s missing") % {"count": reader_of().number(gate.count)},
        )
        for gate in gate_queries.open_gates(directive.pk)
    ]


def _steps(directive: Directive, authority: Authority) -> list[dict[str, str]]:
    """Give the steps that the person may take now, each with its page."""
    found = []
    for transition in life.LIFE.allowed(directive.state):
        step = Step(transition.action)
        allowed = permissions.allows(authority, life.PERMISSION_FOR[step], directive.issuer.path)
        address = _step_page(directive, step) if allowed else ""
        if address:
            found.append({"label": str(words.STEPS[step.value]), "url": address})
    return found


def _step_page(directive: Directive, step: Step) -> str:
    try:
        if step in PLAIN_STEPS:
            return reverse("directives:step", args=[directive.public_id, step.value])
        return reverse(STEP_PAGES[step], args=[directive.public_id]) if step in STEP_PAGES else ""
    except NoReverseMatch:
        return ""


@login_required
def measure_list(request: HttpRequest) -> HttpResponseBase:
    """List the tasks of every directive that the person may see."""
    rows = measure_queries.listed(organisations.authority_in(request))
    return _measures(request, rows, {"title": _("Tasks of all directives")})


@login_required
def directive_measures(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """List the tasks of one directive."""
    authority = organisations.authority_in(request)
    directive = queries.visible_directive(authority, public_id)
    rows = measure_queries.listed(authority, directive_id=directive.pk)
    context = {
        "title": _("Tasks"),
        "directive": directive,
        "may_edit": queries.may_edit(authority, directive),
        "breadcrumbs": [
            (_("Directives"), reverse("directives:list")),
            (directive.title, reverse("directives:directive", args=[public_id])),
        ],
    }
    names = list(directive.fields.values_list("name", flat=True))
    return _measures(request, rows, context, fields=names, of_one=True)


def _measures(
    request: HttpRequest,
    rows: Any,
    context: dict[str, Any],
    *,
    fields: list[str] | None = None,
    of_one: bool = False,
) -> HttpResponseBase:
    """Filter by who acts, besides the list's own filters."""
    body, role = request.GET.get("body", "").strip(), request.GET.get("role", "")
    code = body.rsplit("[", 1)[-1].rstrip("]") if body else ""
    found = tables.acting_in(rows, code, role if role in dict(ROLES) else "")
    table = tables.MeasureTable(found, request, fields=fields or (), of_one=of_one)
    context |= {
        "body": body,
        "role": role,
        "roles": [(key, _(label)) for key, label in ROLES],
        "page_wide": True,
    }
    context.setdefault("directive", None)
    context.setdefault("may_edit", False)
    return table.respond("directives/measures.html", context)


@login_required
def measure_page(request: HttpRequest, public_id: str, measure_id: str) -> HttpResponse:
    """Show one task with everything said of it, and the clause it comes from."""
    authority = organisations.authority_in(request)
    directive = queries.visible_directive(authority, public_id)
    rows = measure_queries.standing(directive.pk).select_related("field", "provision")
    measure = rows.filter(public_id=measure_id).first()
    if measure is None:
        raise NotFound(gettext_noop("There is no such task."), code="unknown-measure")
    lines = measure_queries.lines_on([measure.pk], directive)[measure.pk]
    context = {
        "directive": directive,
        "measure": measure,
        "acting": [(_(label), lines[key]) for key, label in ROLES if lines[key]],
        "due": due_words(measure, reader_of(request)),
        "flags": [flag_words(flag) for flag in measure.flags],
        "alignments": measure.alignments.select_related("goal", "goal__plan"),
        "may_edit": queries.may_edit(authority, directive),
        "axis": [
            AxisStep(_("Clause"), reverse("directives:directive", args=[public_id]), "done"),
            AxisStep(_("Measure"), "", "current"),
            *[AxisStep(label) for label in (_("Plan"), _("Progress"), _("Figure"), _("Report"))],
        ],
        "breadcrumbs": [
            (_("Directives"), reverse("directives:list")),
            (directive.title, reverse("directives:directive", args=[public_id])),
        ],
    }
    return render(request, "directives/measure.html", context)


@login_required
def bodies(request: HttpRequest) -> HttpResponse:
    """Give bodies and groups whose name holds the words typed, as JSON for the suggestions."""
    pack = request.GET.get("pack", "")
    found = measure_queries.suggestions(pack, request.GET.get("q", "")[:200], page_language()) if pack else []
    return JsonResponse({"bodies": found})


urlpatterns = [
    path("", directive_list, name="list"),
    path("measures/", measure_list, name="measures"),
    path("bodies/", bodies, name="bodies"),
    path("<slug:public_id>/", directive_page, name="directive"),
    path("<slug:public_id>/measures/", directive_measures, name="directive_measures"),
    path("<slug:public_id>/measures/<slug:measure_id>/", measure_page, name="measure"),
]
