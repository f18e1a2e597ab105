"""Review reports: accept, approve, send back with the reason; one by one or many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from mehvar.kernel.errors import InputError, MehvarError, NotFound
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions import reports as actions
from mehvar.programmes.data import ReportState
from mehvar.programmes.forms import progress as forms
from mehvar.programmes.queries import deliveries as delivery_queries
from mehvar.programmes.queries import progress as queries
from mehvar.programmes.queries import scope
from mehvar.programmes.rules import progress as rules
from mehvar.programmes.rules.progress import ReportStep
from mehvar.programmes.tables import deliveries as tables
from mehvar.programmes.tables.period_words import period_name
from mehvar.programmes.views.deliveries import axis_of
from mehvar.programmes.views.refusal_words import said
from mehvar.ui import notices
from mehvar.ui.components import badge
from mehvar.ui.reader import reader_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from mehvar.organisations.data import Authority
    from mehvar.programmes.models import ProgressReport

STEPS = {"accept": ReportStep.ACCEPT, "approve": ReportStep.APPROVE}


@login_required
def review_list(request: HttpRequest) -> HttpResponseBase:
    """List the reports that wait for one's acceptance or approval."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.ACCEPT_REPORT)
    step = "approve" if request.GET.get("step") == "approve" else "accept"
    table = tables.ReviewTable(queries.to_review(authority, step), request)
    here = reverse("programmes:review")
    context: dict[str, Any] = {
        "step": step,
        "rows": table.rows if not request.GET.get("export") else [],
        "tabs": [(_("To accept"), here, step == "accept")],
        "page_wide": True,
    }
    if permissions.allows(authority, Permission.APPROVE_REPORT):
        context["tabs"].append((_("To approve"), f"{here}?step=approve", step == "approve"))
    return table.respond("programmes/reports/review.html", context)


@login_required
@require_POST
def review_many(request: HttpRequest) -> HttpResponse:
    """Accept or approve the chosen reports with the figures they carry; what is refused is told one by one."""
    authority = organisations.authority_in(request)
    if not permissions.allows(authority, Permission.ACCEPT_REPORT):
        permissions.require(authority, Permission.APPROVE_REPORT)
    step = STEPS.get(request.POST.get("step", ""), ReportStep.ACCEPT)
    chosen = _chosen(request.POST.getlist("report"))
    done, refused = actions.review_many(request.user, chosen, step)  # type: ignore[arg-type]
    if done:
        words = ngettext("%(n)s report went through.", "%(n)s reports went through.", done)
        notices.done(request, words % {"n": reader_of(request).number(done)})
    for _key, error in refused[:10]:
        notices.failed(request, said(error))
    if not chosen:
        notices.failed(request, _("Choose at least one report."))
    return redirect(f"{reverse('programmes:review')}?step={step.value}")


def _chosen(written: Sequence[str]) -> list[tuple[int, int]]:
    """Read pairs of report and version, as "7:2"; what is no pair is left out."""
    pairs = (item.partition(":") for item in written[:500])
    return [
        (int(key), int(version)) for key, _colon, version in pairs if key.isdecimal() and version.isdecimal()
    ]


def _visible(authority: Authority, report_id: int) -> ProgressReport:
    report = queries.report_of(report_id)
    if not scope.scope_of(authority).holds(report.delivery) or (
        report.state == ReportState.DRAFT and not _is_own(authority, report)
    ):
        raise NotFound("There is no such report.", code="unknown-report")
    return report


def _is_own(authority: Authority, report: ProgressReport) -> bool:
    return scope.scope_of(authority, Permission.REPORT_PROGRESS).holds_body(report.delivery.organisation_id)


@login_required
def report_page(request: HttpRequest, report_id: int) -> HttpResponse:
    """Show a report with its evidence, and the step that the person may take."""
    authority = organisations.authority_in(request)
    report = _visible(authority, report_id)
    step = _step_of(authority, report)
    form = _form(request, report, step)
    if (
        request.method == "POST"
        and form is not None
        and form.is_valid()
        and _done(request, report, step, form)
    ):
        return redirect("programmes:review")
    delivery = report.delivery
    context = {
        "report": report,
        "period": period_name(report.round.period),
        "axis": axis_of(delivery, is_here=False),
        "delivery": delivery,
        "body": organisations.name_in(delivery.organisation, tables.language()),
        "badge": badge(tables.REPORT_BADGES[report.state], dict(tables.REPORT_WORDS)[report.state]),
        "self_rated": badge(
            tables.RATING_BADGES[report.self_rating], dict(tables.RATING_WORDS)[report.self_rating]
        ),
        "expected": delivery_queries.expected_of(delivery),
        "evidence": list(report.evidence.all()),
        "reached": list(report.milestones.select_related("milestone")),
        "form": form,
        "step": step.value if step else "",
        "breadcrumbs": _crumbs(authority, report),
    }
    return render(
        request, "programmes/reports/report.html", context, status=422 if form and form.errors else 200
    )


def _crumbs(authority: Authority, report: ProgressReport) -> list[tuple[str, str]]:
    """Lead a reviewer back to what else waits, everybody else to the round."""
    if permissions.allows(authority, Permission.ACCEPT_REPORT):
        return [(_("Reports to review"), reverse("programmes:review"))]
    asked = report.round
    return [
        (_("Reporting rounds"), reverse("programmes:rounds")),
        (period_name(asked.period), reverse("programmes:round", args=[asked.public_id])),
    ]


def _step_of(authority: Authority, report: ProgressReport) -> ReportStep | None:
    place, by = queries.place_of(report.delivery), report.submitted_by_id
    if report.state == ReportState.CLAIMED and rules.may_accept(authority, place, submitted_by=by):
        return ReportStep.ACCEPT
    if report.state == ReportState.ACCEPTED and rules.may_approve(authority, place, submitted_by=by):
        return ReportStep.APPROVE
    return None


def _form(request: HttpRequest, report: ProgressReport, step: ReportStep | None) -> forms.ReviewForm | None:
    if step is None:
        return None
    figure = report.claimed if step is ReportStep.ACCEPT else report.accepted
    return forms.ReviewForm(request.POST or None, initial={"version": report.version, "figure": figure})


def _done(
    request: HttpRequest, report: ProgressReport, step: ReportStep | None, form: forms.ReviewForm
) -> bool:
    """Take the step that the pressed button names; put a refusal on the form."""
    asked: dict[str, Any] = form.cleaned_data
    user: Any = request.user
    common = {"version": asked["version"], "reason": asked["reason"]}
    try:
        if request.POST.get("act") == "return":
            actions.return_report(user, report.pk, **common)
        elif step is ReportStep.ACCEPT:
            actions.accept_report(user, report.pk, accepted=asked["figure"], **common)
        elif step is ReportStep.APPROVE:
            actions.approve_report(user, report.pk, approved=asked["figure"], **common)
        else:
            raise InputError("There is no such step.", code="no-step")
    except NotFound:
        raise
    except MehvarError as error:
        form.add_error(error.field if error.field in form.fields else None, said(error))
        return False
    notices.done(request, _("Done; it is on record."))
    return True


urlpatterns = [
    path("review/", review_list, name="review"),
    path("review/many/", review_many, name="review_many"),
    path("reports/<int:report_id>/", report_page, name="report"),
]
