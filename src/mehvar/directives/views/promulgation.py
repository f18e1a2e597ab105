"""Promulgate: what is missing, what will happen, the document as it will be, the act itself, and what came of it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from mehvar.accounts import queries as accounts
from mehvar.directives.actions import promulgation as actions
from mehvar.directives.data import AssignmentRole, DirectiveState
from mehvar.directives.forms.promulgation import NumberForm
from mehvar.directives.models import Directive, Promulgation
from mehvar.directives.queries import cascade as cascade_queries
from mehvar.directives.queries import gates
from mehvar.directives.queries import promulgation as queries
from mehvar.directives.queries.days import today
from mehvar.directives.rules.gates import GateState
from mehvar.directives.rules.lifecycle import BEFORE_PROMULGATION
from mehvar.directives.views import words
from mehvar.directives.views.consultation import crumbs, draft_for
from mehvar.directives.views.identity import ask_for_proof
from mehvar.kernel.errors import NotFound, Unavailable
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.ui import pages, refusals
from mehvar.ui.data import AxisStep, FourCells, TaskItem
from mehvar.ui.reader import reader_of

SHOWN_POINTS = 8
ROLE_WORDS = {
    AssignmentRole.LEAD.value: lambda: _("Lead"),
    AssignmentRole.COORDINATING.value: lambda: _("Coordinating"),
    AssignmentRole.OVERSEEING.value: lambda: _("Overseeing"),
    AssignmentRole.MONITORING.value: lambda: _("Monitoring"),
}


@login_required
@require_safe
def promulgation(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show every gate with what is missing and where it is mended, and what the promulgation will do."""
    directive = draft_for(request, public_id)
    authority = organisations.authority_in(request)
    made = queries.promulgation_of(directive.pk)
    if made is not None:
        return _result(request, directive, made)
    permissions.require(authority, Permission.VIEW_DRAFTS, directive.issuer.path)
    states = gates.gate_states(directive.pk)
    open_ones = [state for state in states if state.is_open]
    day = today()
    may_act = permissions.allows(authority, Permission.PROMULGATE_DIRECTIVE, directive.issuer.path)
    context = {
        "directive": directive,
        "state": words.badge(words.DIRECTIVE_STATES, directive.state),
        "is_approved": directive.state == DirectiveState.APPROVED,
        "tasks": [_task(state) for state in states],
        "open_gates": [_open_gate(state) for state in open_ones],
        "text_is_closed": directive.state == DirectiveState.APPROVED
        and any(state.code != "other-text" for state in open_ones),
        "preview": _preview(directive),
        "key": _key_facts(),
        "may_promulgate": may_act and directive.state == DirectiveState.APPROVED and not open_ones,
        "form": NumberForm(
            initial={"number": queries.proposal_for(directive, day), "version": directive.version}
        ),
        "axis": axis(directive),
        "breadcrumbs": crumbs(directive, authority),
    }
    return render(request, "directives/promulgation/gates.html", context)


def axis(directive: Directive) -> list[AxisStep]:
    """Give the thread on which the promulgated directive lies."""
    address = reverse("directives:directive", args=[directive.public_id])
    measures = reverse("directives:directive_measures", args=[directive.public_id])
    return [
        AxisStep(_("Clause"), address, "current"),
        AxisStep(_("Measure"), measures, "done"),
        *[AxisStep(label) for label in (_("Plan"), _("Progress"), _("Figure"), _("Report"))],
    ]


def _task(state: GateState) -> TaskItem:
    number = reader_of().number(state.count)
    return TaskItem(
        label=_(state.title) if state.is_open else _closed_title(state),
        url=_mending_page(state),
        state="attention" if state.is_open else "done",
        status=_("%(count)s missing") % {"count": number} if state.is_open else _("In order"),
    )


def _closed_title(state: GateState) -> str:
    """Name a gate by what is in order; a gate of another room keeps its own title."""
    return {
        "no-measures": _("The directive gives tasks"),
        "unfinished-review": _("The review of the imported document is finished"),
        "unsettled-flags": _("Every doubt of the import is settled"),
        "unanswered-proposals": _("Every proposal has its answer"),
        "missing-lead": _("Every measure has a lead body of the register"),
        "missing-outcome": _("Every measure has an outcome that people feel"),
        "other-text": _("The text is the one that was approved"),
    }.get(state.code, _(state.title))


def _mending_page(state: GateState) -> str:
    first = state.points[0].path if state.points else ""
    return (state.path or first) if state.is_open else ""


def _open_gate(state: GateState) -> dict[str, Any]:
    return {
        "title": _(state.title),
        "count": state.count,
        "path": _mending_page(state),
        "points": state.points[:SHOWN_POINTS],
        "more": max(0, state.count - SHOWN_POINTS),
    }


def _preview(directive: Directive) -> dict[str, Any]:
    found = queries.preview_of(directive, today())
    return {
        "bodies": found.bodies,
        "assignments": found.assignments,
        "roles": [(ROLE_WORDS[role](), number) for role, number in found.roles.items() if number],
        "groups": found.groups,
        "unresolved": found.unresolved,
    }


def _key_facts() -> dict[str, Any]:
    """Say with which certificate will be signed, or why that is impossible."""
    try:
        key = queries.signing_key()
    except Unavailable as error:
        return {"problem": refusals.said(error), "subject": "", "development": False}
    return {"problem": "", "subject": key.subject, "development": key.development}


@login_required
@require_safe
def preview(request: HttpRequest, public_id: str) -> HttpResponse:
    """Give the document as it would be promulgated today, unsigned and marked as a draft."""
    directive = draft_for(request, public_id)
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.VIEW_DRAFTS, directive.issuer.path)
    if directive.state not in BEFORE_PROMULGATION:
        raise NotFound("There is no draft any more.", code="no-draft")
    day = today()
    number = request.GET.get("number", "").strip()[:80] or queries.proposal_for(directive, day)
    pdf = queries.draft_document(directive, number=number, day=day)
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="draft.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def promulgate(request: HttpRequest, public_id: str) -> HttpResponse:
    """Promulgate, after the person has confirmed who they are and has seen what will happen."""
    directive = draft_for(request, public_id)
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.PROMULGATE_DIRECTIVE, directive.issuer.path)
    page = reverse("directives:promulgation", args=[public_id])
    if directive.state != DirectiveState.APPROVED or gates.open_gates(directive.pk):
        return redirect(page)
    asked = ask_for_proof(request)
    if asked is not None:
        return asked
    form = _number_form(request, directive)
    if refusals.posted(
        request,
        form,
        lambda given: actions.promulgate_directive(accounts.person_in(request), directive.pk, **given),
        done=_("The directive is promulgated."),
    ):
        return redirect(page)
    return pages.confirm(
        request,
        title=_("Promulgate the directive"),
        text=directive.title,
        consequences=_consequences(directive),
        action=_("Promulgate"),
        cancel_url=page,
        form=form,
    )


def _number_form(request: HttpRequest, directive: Directive) -> NumberForm:
    if request.method == "POST":
        return NumberForm(request.POST)
    number = request.GET.get("number", "").strip() or queries.proposal_for(directive, today())
    return NumberForm(initial={"number": number, "version": directive.version})


def _consequences(directive: Directive) -> list[str]:
    reader, found = reader_of(), queries.preview_of(directive, today())
    facts = {
        "bodies": reader.number(found.bodies),
        "assignments": reader.number(found.assignments),
        "days": reader.number(directive.acknowledge_within_days),
    }
    lines = [
        _("The text is frozen, dated today and signed; nobody can change it afterwards."),
        _("Everyone can read it and check it at a public address."),
        _(
            "%(bodies)s bodies are given %(assignments)s assignments and asked to acknowledge within %(days)s days."
        )
        % facts,
        *[
            _("“%(group)s” stands for %(count)s bodies as of today.")
            % {"group": group.label, "count": reader.number(group.members)}
            for group in found.groups
        ],
    ]
    if directive.supersedes is not None:
        lines.append(_("It takes the place of “%(title)s”.") % {"title": directive.supersedes.title})
    return lines


def _result(request: HttpRequest, directive: Directive, made: Promulgation) -> HttpResponse:
    """Show what came of a promulgation: documents, public address, cascade."""
    authority = organisations.authority_in(request)
    coverage = cascade_queries.coverage_of(directive.pk, today())
    context = {
        "directive": directive,
        "promulgation": made,
        "state": words.badge(words.DIRECTIVE_STATES, directive.state),
        "short_url": request.build_absolute_uri(reverse("directives:public", args=[made.short_code])),
        "bodies": coverage.total,
        "cells": FourCells(coverage.on_time, coverage.late, coverage.waiting, coverage.overdue),
        "assignments": directive.assigned_bodies.count(),
        "modifications": queries.modifications_of(directive.pk),
        "may_modify": directive.state in {DirectiveState.PROMULGATED, DirectiveState.AMENDED}
        and permissions.allows(authority, Permission.PROMULGATE_DIRECTIVE, directive.issuer.path),
        "may_cover": permissions.allows(authority, Permission.VIEW_COVERAGE),
        "axis": axis(directive),
        "breadcrumbs": crumbs(directive, authority),
    }
    return render(request, "directives/promulgation/result.html", context)


urlpatterns = [
    path("<slug:public_id>/promulgation/", promulgation, name="promulgation"),
    path("<slug:public_id>/promulgation/preview.pdf", preview, name="promulgation_preview"),
    path("<slug:public_id>/promulgation/confirm/", promulgate, name="promulgate"),
]
