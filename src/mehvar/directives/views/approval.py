"""Put a directive before the minister on one quiet page, and take the decision after confirmation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from mehvar.accounts import queries as accounts
from mehvar.directives.actions import approval as actions
from mehvar.directives.forms.consultation import ReasonForm
from mehvar.directives.models import Directive
from mehvar.directives.queries import gates
from mehvar.directives.queries import lifecycle as lifecycle_queries
from mehvar.directives.queries import revision as queries
from mehvar.directives.rules import lifecycle as life
from mehvar.directives.views import words
from mehvar.directives.views.consultation import crumbs, draft_for
from mehvar.directives.views.identity import ask_for_proof
from mehvar.directives.views.revision import counts_of, part_rows
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.ui import pages, refusals
from mehvar.ui.reader import page_language

if TYPE_CHECKING:
    from mehvar.directives.models import Opinion
    from mehvar.organisations.data import Authority


@login_required
@require_safe
def approval(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show what the directive is, what changed since the council, what was refused and which gates are open."""
    directive = draft_for(request, public_id)
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.VIEW_DRAFTS, directive.issuer.path)
    last = queries.editions_of(directive.pk).last()
    before = queries.edition_before_council(directive.pk)
    context = {
        "directive": directive,
        "edition": last,
        "state": words.badge(words.DIRECTIVE_STATES, directive.state),
        "may_decide": _may_decide(authority, directive),
        "facts": lifecycle_queries.situation_of(directive.pk),
        "refused": [_refused(opinion) for opinion in queries.refused_proposals(directive.pk)],
        "gates": [_gate(state) for state in gates.open_gates(directive.pk)],
        "breadcrumbs": crumbs(directive, authority),
        **_changes(directive, before, last.number if last else None),
    }
    return render(request, "directives/approval/decision.html", context)


def _may_decide(authority: Authority, directive: Directive) -> bool:
    return life.LIFE.allows(directive.state, life.Step.APPROVE) and permissions.allows(
        authority, Permission.APPROVE_DIRECTIVE, directive.issuer.path
    )


def _changes(directive: Directive, before: int | None, last: int | None) -> dict[str, Any]:
    """Give what changed since the text that went before the council."""
    if before is None or last is None or before == last:
        return {"before": before, "counts": [], "rows": [], "has_changes": False}
    found = queries.difference(directive.pk, before, last)
    causes = queries.causes_between(directive.pk, before, last)
    return {
        "before": before,
        "counts": counts_of(found),
        "rows": part_rows(found.only_changes(), causes),
        "has_changes": True,
    }


def _refused(opinion: Opinion) -> dict[str, Any]:
    return {
        "opinion": opinion,
        "office": organisations.name_in(opinion.invitation.organisation, page_language()),
        "answer": words.badge(words.ANSWERS, opinion.answer),
    }


def _gate(state: Any) -> dict[str, Any]:
    point = state.points[0].path if state.points else ""
    return {"label": _(state.title), "url": state.path or point, "state": "attention", "count": state.count}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def approve(request: HttpRequest, public_id: str) -> HttpResponse:
    """Approve the text that was read, after the person has confirmed who they are."""
    directive = _to_decide(request, public_id)
    asked = ask_for_proof(request)
    if asked is not None:
        return asked
    last = queries.editions_of(directive.pk).last()
    form = ReasonForm(request.POST or None, initial={"version": directive.version})
    form.fields["reason"].label = _("Remark")
    digest = request.POST.get("content_hash", "") or request.GET.get("text", "")
    if last is not None and refusals.posted(
        request,
        form,
        lambda given: actions.approve(
            accounts.person_in(request), directive.pk, content_hash=digest, **given
        ),
        done=_("The directive is approved."),
    ):
        return redirect("directives:approval", public_id)
    return pages.confirm(
        request,
        title=_("Approve the directive"),
        text=directive.title,
        consequences=[
            _("You approve exactly the text that you have read."),
            _("The planning officers are told that it can be promulgated."),
            _("The approval goes on record with your name, the time and the text's fingerprint."),
        ],
        action=pgettext("directive", "Approve"),
        cancel_url=reverse("directives:approval", args=[public_id]),
        form=form,
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def return_to_revision(request: HttpRequest, public_id: str) -> HttpResponse:
    """Return the directive to its drafters with a reason."""
    directive = _to_decide(request, public_id)
    asked = ask_for_proof(request)
    if asked is not None:
        return asked
    form = ReasonForm(request.POST or None, initial={"version": directive.version})
    form.fields["reason"].required = True
    if refusals.posted(
        request,
        form,
        lambda given: actions.return_to_revision(accounts.person_in(request), directive.pk, **given),
        done=_("The directive is back with its drafters."),
    ):
        return redirect("directives:approval", public_id)
    return pages.confirm(
        request,
        title=_("Return the directive"),
        text=directive.title,
        consequences=[_("The drafters read your reason and revise the text.")],
        action=_("Return with this reason"),
        cancel_url=reverse("directives:approval", args=[public_id]),
        form=form,
    )


def _to_decide(request: HttpRequest, public_id: str) -> Directive:
    """Give a directive to somebody who may decide on it."""
    directive = draft_for(request, public_id)
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.APPROVE_DIRECTIVE, directive.issuer.path)
    return directive


urlpatterns = [
    path("<slug:public_id>/approval/", approval, name="approval"),
    path("<slug:public_id>/approval/approve/", approve, name="approval_approve"),
    path("<slug:public_id>/approval/return/", return_to_revision, name="approval_return"),
]
