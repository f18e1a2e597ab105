"""Show editions and what changed between any two of them, word by word."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from mehvar.accounts import queries as accounts
from mehvar.directives.actions import revision as actions
from mehvar.directives.forms.consultation import ReasonForm
from mehvar.directives.models import Directive, DirectiveVersion, Opinion
from mehvar.directives.queries import revision as queries
from mehvar.directives.rules import content as contents
from mehvar.directives.rules import lifecycle as life
from mehvar.directives.rules.difference import Difference, PartChange
from mehvar.directives.views import words
from mehvar.directives.views.consultation import crumbs, draft_for
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.ui import components, pages, refusals
from mehvar.ui.reader import page_language, reader_of

TEXT_NAMES: dict[str, Any] = {
    "title": gettext_lazy("Title"),
    "number": gettext_lazy("Number"),
    "goal": gettext_lazy("General goal"),
    "motto": gettext_lazy("Motto"),
    "legal_basis": gettext_lazy("Legal basis"),
    "role_statement": gettext_lazy("Role of the ministry"),
    "dated_on": gettext_lazy("Dated"),
    "effective_on": gettext_lazy("Effective from"),
    "heading": gettext_lazy("Heading"),
    "text": gettext_lazy("Text"),
    "deliverable": gettext_lazy("Deliverable"),
    "outcome_indicator": gettext_lazy("Outcome that people feel"),
    "due": gettext_lazy("Deadline"),
    "lead": gettext_lazy("Lead"),
    "coordinating": gettext_lazy("Coordinating"),
    "overseeing": gettext_lazy("Overseeing"),
    "monitoring": gettext_lazy("Monitoring"),
    "marks": gettext_lazy("Priority and special mark"),
    "field": gettext_lazy("Field"),
}
KINDS: dict[str, Any] = {
    "head": gettext_lazy("Directive"),
    "citation": gettext_lazy("Citation"),
    "provision": gettext_lazy("Clause"),
    "measure": gettext_lazy("Measure"),
}
STATUSES: words.Words = {
    "changed": ("attention", gettext_lazy("Changed")),
    "added": ("done", gettext_lazy("Added")),
    "removed": ("overdue", gettext_lazy("Removed")),
    "moved": ("info", gettext_lazy("Moved")),
    "same": ("neutral", gettext_lazy("Unchanged")),
}


@dataclass(frozen=True, slots=True)
class PartRow:
    """Show one part of a comparison with the proposals that caused its change."""

    part: PartChange
    kind: Any
    badges: list[Any]
    texts: list[tuple[Any, str, str]]
    causes: list[dict[str, Any]]


@login_required
@require_safe
def editions(request: HttpRequest, public_id: str) -> HttpResponse:
    """List the editions, each with the steps it took part in and the way to its differences."""
    directive = draft_for(request, public_id)
    authority = organisations.authority_in(request)
    steps = queries.steps_by_hash(directive.pk)
    rows = list(queries.editions_of(directive.pk))
    drafts = permissions.allows(authority, Permission.DRAFT_DIRECTIVE, directive.issuer.path)
    ahead = bool(rows) and drafts and queries.is_ahead(directive.pk)
    context = {
        "directive": directive,
        "rows": [
            {
                "edition": row,
                "steps": [words.STEPS[step["action"]] for step in steps.get(row.content_hash, [])],
                "compare": _address(public_id, before, row.number) if before else "",
            }
            for before, row in _with_predecessor(rows)
        ],
        "ahead": ahead,
        "ahead_url": _address(public_id, rows[-1].number, queries.WORKING) if ahead else "",
        "may_keep": drafts and life.is_editable(directive.state) and (ahead or not rows),
        "breadcrumbs": crumbs(directive, authority),
    }
    return render(request, "directives/revision/editions.html", context)


def _with_predecessor(rows: list[DirectiveVersion]) -> list[tuple[int, DirectiveVersion]]:
    numbers = [0, *(row.number for row in rows)]
    return list(zip(numbers, rows, strict=False))


def _address(public_id: str, old: int, new: int) -> str:
    return f"{reverse('directives:compare', args=[public_id])}?old={old}&new={new}"


@login_required
@require_safe
def edition(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """Show one edition as it was frozen."""
    directive = draft_for(request, public_id)
    found = queries.edition(directive.pk, number)
    content = found.content
    context = {
        "directive": directive,
        "edition": found,
        "head": content["directive"],
        "provisions": content["provisions"],
        "fields": [
            {"name": name, "measures": measures}
            for name, measures in contents.measures_by_field(content)
            if measures
        ],
        "breadcrumbs": crumbs(directive, organisations.authority_in(request), _editions_crumb(public_id)),
    }
    return render(request, "directives/revision/edition.html", context)


def _editions_crumb(public_id: str) -> tuple[str, str]:
    return (_("Editions"), reverse("directives:editions", args=[public_id]))


@login_required
@require_safe
def compare(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show what changed between two editions; ``only=1`` leaves out what stayed."""
    directive = draft_for(request, public_id)
    authority = organisations.authority_in(request)
    numbers = list(queries.editions_of(directive.pk).values_list("number", flat=True))
    old = _number(
        request, "old", numbers, default=numbers[-2] if len(numbers) > 1 else numbers[-1] if numbers else 0
    )
    new = _number(request, "new", [*numbers, queries.WORKING], default=numbers[-1] if numbers else 0)
    drafts = permissions.allows(authority, Permission.VIEW_DRAFTS, directive.issuer.path)
    if new == queries.WORKING and not drafts:
        new = numbers[-1] if numbers else 0
    found = queries.difference(directive.pk, old, new)
    only = request.GET.get("only", "1") != "0"
    context = {
        "directive": directive,
        "old": old,
        "new": new,
        "choices": [*((number, str(reader_of(request).number(number))) for number in numbers)],
        "offers_working": drafts,
        "only": only,
        "only_url": _address(public_id, old, new) + "&only=1",
        "all_url": _address(public_id, old, new) + "&only=0",
        "counts": counts_of(found),
        "rows": part_rows(
            found.only_changes() if only else found.parts, queries.causes_between(directive.pk, old, new)
        ),
        "is_empty": found.is_empty,
        "note": _note(directive, new),
        "breadcrumbs": crumbs(directive, authority, _editions_crumb(public_id)),
    }
    return render(request, "directives/revision/compare.html", context)


def _number(request: HttpRequest, name: str, offered: list[int], *, default: int) -> int:
    given = request.GET.get(name, "")
    return int(given) if given.isdecimal() and int(given) in offered else default


def _note(directive: Directive, number: int) -> str:
    return queries.edition(directive.pk, number).note if number != queries.WORKING else ""


def counts_of(found: Difference) -> list[tuple[Any, int]]:
    """Give a badge and a count for each way in which parts changed."""
    return [
        (words.badge(STATUSES, name), found.counts[name])
        for name in ("changed", "added", "removed", "moved")
        if found.counts[name]
    ]


def part_rows(parts: Iterable[PartChange], causes: dict[str, list[Opinion]]) -> list[PartRow]:
    """Build the rows of a comparison."""
    return [
        PartRow(
            part=part,
            kind=KINDS[part.kind] if part.kind != "head" else TEXT_NAMES[part.key],
            badges=_badges(part),
            texts=[
                (
                    TEXT_NAMES[text.name] if part.kind == "measure" and text.name != "text" else "",
                    text.old,
                    text.new,
                )
                for text in (part.changes or part.texts[:2])
                if text.old or text.new
            ],
            causes=[_cause(opinion) for opinion in causes.get(part.key, [])],
        )
        for part in parts
    ]


def _badges(part: PartChange) -> list[Any]:
    found = [words.badge(STATUSES, part.status)] if part.status != "same" else []
    return [*found, *([components.badge(*STATUSES["moved"])] if part.moved else [])]


def _cause(opinion: Opinion) -> dict[str, Any]:
    consultation = opinion.invitation.round
    return {
        "office": organisations.name_in(opinion.invitation.organisation, page_language()),
        "answer": words.badge(words.ANSWERS, opinion.answer),
        "reason": opinion.answer_reason,
        "url": reverse(
            "directives:consultation_round", args=[consultation.directive.public_id, consultation.number]
        )
        + f"#opinion-{opinion.pk}",
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def keep(request: HttpRequest, public_id: str) -> HttpResponse:
    """Freeze the present text as an edition."""
    directive = draft_for(request, public_id)
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.DRAFT_DIRECTIVE, directive.issuer.path)
    form = ReasonForm(request.POST or None, initial={"version": directive.version})
    form.fields["reason"].label = _("What changed and why")
    if refusals.posted(
        request,
        form,
        lambda given: actions.keep_edition(
            accounts.person_in(request), directive.pk, note=given["reason"], version=given["version"]
        ),
        done=_("The edition is kept."),
    ):
        return redirect("directives:editions", public_id)
    return pages.confirm(
        request,
        title=_("Keep an edition"),
        text=directive.title,
        consequences=[_("The present text is frozen and can be compared with every other edition.")],
        action=_("Keep the edition"),
        cancel_url=reverse("directives:editions", args=[public_id]),
        form=form,
    )


urlpatterns = [
    path("<slug:public_id>/editions/", editions, name="editions"),
    path("<slug:public_id>/editions/compare/", compare, name="compare"),
    path("<slug:public_id>/editions/keep/", keep, name="edition_keep"),
    path("<slug:public_id>/editions/<int:number>/", edition, name="edition"),
]
