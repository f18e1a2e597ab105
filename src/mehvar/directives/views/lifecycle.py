"""Confirm and take a step of a directive's life that needs nothing but a reason."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from mehvar.accounts import queries as accounts
from mehvar.directives.actions import lifecycle as actions
from mehvar.directives.forms.consultation import ReasonForm
from mehvar.directives.models import Directive
from mehvar.directives.queries import lifecycle as queries
from mehvar.directives.rules import lifecycle as rules
from mehvar.directives.rules.lifecycle import Step
from mehvar.directives.views import words
from mehvar.directives.views.consultation import draft_for, hindrance_lines
from mehvar.kernel.errors import NotFound, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.ui import notices, pages, refusals

PLAIN_STEPS = frozenset(
    {Step.PUT_TO_COUNCIL, Step.START_REVISION, Step.SUBMIT_FOR_APPROVAL, Step.RECALL, Step.WITHDRAW}
)
"""The steps taken here; the others have pages of their own."""


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def take_step(request: HttpRequest, public_id: str, step: str) -> HttpResponse:
    """Show what a step does and what hinders it; POST takes it."""
    directive = draft_for(request, public_id)
    if step not in PLAIN_STEPS:
        raise NotFound(gettext_noop("There is no such step."), code="unknown-step")
    wanted = Step(step)
    permissions.require(
        organisations.authority_in(request), rules.PERMISSION_FOR[wanted], directive.issuer.path
    )
    if wanted is Step.WITHDRAW and directive.promulgated_at is not None:
        return redirect(
            "directives:modify", public_id
        )  # what is in force is withdrawn in public, on its own page
    form = ReasonForm(request.POST or None, initial={"version": directive.version})
    form.fields["reason"].label = _reason_label(wanted)
    if request.method == "POST" and form.is_valid():
        taken = refusals.done(form, lambda: _taken(request, directive, wanted, form))
        if taken is not None:
            notices.done(request, _("Done. The directive is now: %(state)s.") % {"state": _state(directive)})
            return redirect("directives:directive", public_id)
    return pages.confirm(
        request,
        title=words.STEPS[step],
        text=directive.title,
        consequences=[*hindrance_lines(wanted, directive), *_consequences(wanted)],
        action=words.STEPS[step],
        cancel_url=reverse("directives:directive", args=[public_id]),
        danger=wanted is Step.WITHDRAW,
        form=form,
    )


def _taken(request: HttpRequest, directive: Directive, step: Step, form: ReasonForm) -> bool:
    given = form.cleaned_data["reason"]
    actions.advance(
        accounts.person_in(request),
        directive.pk,
        step,
        reason=given,
        note=given if step in rules.FREEZES else "",
        version=form.cleaned_data["version"],
    )
    return True


def _reason_label(step: Step) -> str:
    return _("What changed and why") if step in rules.FREEZES else _("Reason")


def _state(directive: Directive) -> str:
    return words.label(words.DIRECTIVE_STATES, queries.directive_by_public_id(directive.public_id).state)


def _consequences(step: Step) -> list[str]:
    return {
        Step.PUT_TO_COUNCIL: [
            _("The text is frozen as an edition."),
            _("It is offered for the agenda of the council's next session."),
        ],
        Step.START_REVISION: [_("The text can be edited again.")],
        Step.SUBMIT_FOR_APPROVAL: [
            _("The text is frozen as an edition."),
            _("The minister is asked to decide."),
        ],
        Step.RECALL: [_("The text can be edited again.")],
        Step.WITHDRAW: [_("The directive ends here and cannot be continued.")],
    }[step]


urlpatterns = [path("<slug:public_id>/step/<slug:step>/", take_step, name="step")]
