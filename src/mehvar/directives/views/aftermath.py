"""Withdraw, supersede or amend a promulgated directive on one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from mehvar.accounts import queries as accounts
from mehvar.directives.actions import aftermath as actions
from mehvar.directives.forms.promulgation import ModificationForm
from mehvar.directives.models import Directive
from mehvar.directives.queries import promulgation as queries
from mehvar.directives.rules.cascade import IN_FORCE
from mehvar.directives.views.consultation import draft_for
from mehvar.directives.views.identity import ask_for_proof
from mehvar.kernel.errors import NotFound
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.ui import pages, refusals

if TYPE_CHECKING:
    from mehvar.directives.models import Modification


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def modify(request: HttpRequest, public_id: str) -> HttpResponse:
    """Say what becomes of a promulgated directive, after the person has confirmed who they are."""
    directive = draft_for(request, public_id)
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.PROMULGATE_DIRECTIVE, directive.issuer.path)
    if queries.promulgation_of(directive.pk) is None:
        raise NotFound("There is no such directive.", code="unknown-directive")
    asked = ask_for_proof(request)
    if asked is not None:
        return asked
    form = ModificationForm(
        request.POST or None, others=_others(directive), initial={"version": directive.version}
    )
    page = reverse("directives:promulgation", args=[public_id])
    if refusals.posted(
        request,
        form,
        lambda _given: _modified(request, directive, form),
        done=_("Done. The public page says so."),
    ):
        return redirect(page)
    return pages.confirm(
        request,
        title=_("Change what is in force"),
        text=f"{directive.number} {directive.title}",
        consequences=[
            _("The promulgated document stays as it is; the public page says plainly what became of it."),
            _(
                "The bodies that were given tasks are told. Who has to acknowledge is not reminded any more when it is not in force."
            ),
            _("It goes on public record with your reason, the time and your office."),
        ],
        action=_("Put into effect"),
        cancel_url=page,
        danger=True,
        form=form,
    )


def _others(directive: Directive) -> list[tuple[str, str]]:
    rows = (
        Directive.objects.filter(
            issuer_id=directive.issuer_id, state__in=IN_FORCE, promulgated_at__isnull=False
        )
        .exclude(pk=directive.pk)
        .order_by("-promulgated_at")
        .values_list("public_id", "number", "title")
    )
    return [(public_id, f"{number} {title}") for public_id, number, title in rows[:500]]


def _modified(request: HttpRequest, directive: Directive, form: ModificationForm) -> Modification:
    given = form.cleaned_data
    actor, reason, version = accounts.person_in(request), given["reason"], given["version"]
    if given["kind"] == "withdrawn":
        return actions.withdraw_directive(actor, directive.pk, reason=reason, version=version)
    by_id = Directive.objects.values_list("pk", flat=True).get(public_id=given["by"])
    act = actions.supersede_directive if given["kind"] == "superseded" else actions.amend_directive
    return act(actor, directive.pk, by_id=by_id, reason=reason, version=version)


urlpatterns = [path("<slug:public_id>/promulgation/change/", modify, name="modify")]
