"""Show reporting rounds, and take what a body reports in one: a page like a grid, with files and milestones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from mehvar.directives.queries.days import today
from mehvar.kernel.errors import MehvarError, NotFound, NotPermitted
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions import evidence as evidence_actions
from mehvar.programmes.actions import reports as report_actions
from mehvar.programmes.actions import rounds as actions
from mehvar.programmes.actions.reports import Entry
from mehvar.programmes.forms import progress as forms
from mehvar.programmes.queries import deliveries as delivery_queries
from mehvar.programmes.queries import progress as queries
from mehvar.programmes.queries import scope
from mehvar.programmes.rules.evidence import LARGEST_BYTES
from mehvar.programmes.rules.progress import WRITABLE
from mehvar.programmes.tables import deliveries as tables
from mehvar.programmes.tables.period_words import period_name
from mehvar.programmes.views.files import download
from mehvar.programmes.views.refusal_words import said
from mehvar.ui import notices, pages
from mehvar.ui.components import badge

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, QueryDict
    from django.http.response import HttpResponseBase

    from mehvar.programmes.models import Delivery, ProgressReport, ReportingRound, RoundRequest

PER_PAGE = 25


@login_required
def round_list(request: HttpRequest) -> HttpResponseBase:
    """List rounds, and on top what one's own bodies are asked."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.VIEW_PROGRESS)
    table = tables.RoundTable(queries.listed_rounds(authority), request)
    context = {
        "waiting": [_waiting(row) for row in queries.waiting_requests(authority)[:20]],
        "may_open": permissions.allows(authority, Permission.MANAGE_PROGRAMMES),
    }
    return table.respond("programmes/rounds/list.html", context)


def _waiting(row: RoundRequest) -> dict[str, Any]:
    asked = row.round
    return {
        "url": _entry_url(asked.public_id, row.organisation.code),
        "body": organisations.name_in(row.organisation, tables.language()),
        "period": period_name(asked.period),
        "due_on": asked.due_on,
        "is_late": asked.due_on < today(),
        "about": title_of(asked),
    }


def title_of(asked: ReportingRound) -> str:
    """Give the title of the directive or programme that a round asks about."""
    about = asked.directive or asked.programme
    return str(about.title) if about else ""


def _entry_url(public_id: str, code: str) -> str:
    return reverse("programmes:report_entry", args=[public_id, code])


@login_required
def round_new(request: HttpRequest) -> HttpResponse:
    """Ask bodies for their progress over a period."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.MANAGE_PROGRAMMES)
    about = queries.reportable_subjects(authority)
    form = forms.RoundForm(request.POST or None, about=about, initial={"about": request.GET.get("about", "")})
    if request.method == "POST" and form.is_valid():
        kind, _dot, key = form.cleaned_data["about"].partition(":")
        subject: dict[str, Any] = {f"{kind}_id": int(key)}
        try:
            made = actions.open_round(
                request.user,  # type: ignore[arg-type]
                period=form.cleaned_data["period"],
                due_on=form.cleaned_data["due_on"],
                opens_on=form.cleaned_data["opens_on"],
                **subject,
            )
        except MehvarError as error:
            if isinstance(error, NotPermitted | NotFound):
                raise
            form.add_error(error.field if error.field in form.fields else None, said(error))
        else:
            notices.done(request, _("Every body with something open was asked."))
            return redirect("programmes:round", made.public_id)
    context = {"form": form, "breadcrumbs": _crumbs()}
    return render(request, "programmes/rounds/new.html", context, status=422 if form.errors else 200)


def _crumbs(asked: ReportingRound | None = None) -> list[tuple[str, str]]:
    found = [(_("Reporting rounds"), reverse("programmes:rounds"))]
    if asked is not None:
        found.append((period_name(asked.period), reverse("programmes:round", args=[asked.public_id])))
    return found


@login_required
def round_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a round: who was asked, who reported, who is late."""
    authority = organisations.authority_in(request)
    asked = queries.visible_round(authority, public_id)
    own = scope.scope_of(authority, Permission.REPORT_PROGRESS)
    counts = queries.counts_in(asked)
    rows = queries.requests_in(authority, asked).select_related("organisation").order_by("organisation__path")
    bodies = [_asked_body(row, asked, counts, own) for row in rows]
    context = {
        "round": asked,
        "period": period_name(asked.period),
        "about": title_of(asked),
        "is_late": asked.due_on < today(),
        "bodies": sorted(bodies, key=lambda body: body["url"] == ""),
        "reported": sum(1 for body in bodies if body["row"].submitted_at is not None),
        "has_climbed": any(body["row"].climbs for body in bodies),
        "runs": permissions.allows(authority, Permission.MANAGE_PROGRAMMES, asked.issuer.path),
        "breadcrumbs": _crumbs(),
    }
    return render(request, "programmes/rounds/round.html", context)


def _asked_body(
    row: RoundRequest, asked: ReportingRound, counts: dict[int, tuple[int, int]], own: scope.Scope
) -> dict[str, Any]:
    given, wanted = counts.get(row.organisation_id, (0, 0))
    if row.submitted_at is not None:
        mark = badge("done", _("Reported"))
    elif asked.due_on < today() or asked.closed_at is not None:
        mark = badge("missing", _("Missing"))
    else:
        mark = badge("open", pgettext("report", "Asked"))
    is_own = own.holds_body(row.organisation_id)
    return {
        "name": organisations.name_in(row.organisation, tables.language()),
        "mark": mark,
        "given": given,
        "wanted": wanted,
        "row": row,
        "url": _entry_url(asked.public_id, row.organisation.code) if is_own else "",
    }


@login_required
def round_extend(request: HttpRequest, public_id: str) -> HttpResponse:
    """Give all bodies more time."""
    asked = _run(request, public_id)
    form = forms.ExtendRoundForm(
        request.POST or None, initial={"version": asked.version, "due_on": asked.due_on}
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.extend_round(request.user, asked.pk, **form.cleaned_data)  # type: ignore[arg-type]
        except MehvarError as error:
            form.add_error(error.field if error.field in form.fields else None, said(error))
        else:
            notices.done(request, _("All bodies have more time."))
            return redirect("programmes:round", public_id)
    context = {
        "form": form,
        "round": asked,
        "period": period_name(asked.period),
        "breadcrumbs": _crumbs(asked),
    }
    return render(request, "programmes/rounds/extend.html", context, status=422 if form.errors else 200)


@login_required
def round_close(request: HttpRequest, public_id: str) -> HttpResponse:
    """Close the period, after asking once more."""
    asked = _run(request, public_id)
    if request.method == "POST":
        user: Any = request.user
        try:
            actions.close_round(user, asked.pk, version=int(request.POST.get("version") or asked.version))
        except (MehvarError, ValueError) as error:
            notices.failed(request, said(error) if isinstance(error, MehvarError) else str(error))
        else:
            notices.done(request, _("The period is closed; how everything stood is on record."))
        return redirect("programmes:round", public_id)
    return pages.confirm(
        request,
        title=_("Close the period"),
        text=period_name(asked.period),
        consequences=[
            _("No report of this period can be changed any more."),
            _("The status of each delivery is written down once, for good."),
            _("Bodies that kept silent turn grey."),
        ],
        action=_("Close the period"),
        cancel_url=reverse("programmes:round", args=[public_id]),
        danger=True,
        form=forms.VersionForm(initial={"version": asked.version}),
    )


def _run(request: HttpRequest, public_id: str) -> ReportingRound:
    authority = organisations.authority_in(request)
    asked = queries.visible_round(authority, public_id)
    permissions.require(authority, Permission.MANAGE_PROGRAMMES, asked.issuer.path)
    return asked


@login_required
def report_entry(request: HttpRequest, public_id: str, code: str) -> HttpResponse:
    """Take what a body reports: one line to a delivery, kept as a draft or submitted."""
    asked = queries.report_request(organisations.authority_in(request), public_id, code)
    lines = _lines(request, asked)
    problem = ""
    if request.method == "POST":
        valid = [line["form"].is_valid() for line in lines if line["form"].is_bound]
        if all(valid):
            problem = _save(request, asked, lines) or _attach(request, asked, lines)
            if not problem:
                done = _("Submitted.") if request.POST.get("act") == "submit" else _("Saved as a draft.")
                notices.done(request, done)
                return redirect(request.get_full_path())
        else:
            problem = _("Some lines are not right yet; nothing was saved, and nothing you wrote is lost.")
    context = {
        "request_row": asked,
        "round": asked.round,
        "period": period_name(asked.round.period),
        "about": title_of(asked.round),
        "body": organisations.name_in(asked.organisation, tables.language()),
        "is_late": asked.round.due_on < today(),
        "is_closed": asked.round.closed_at is not None,
        "lines": lines,
        "given": queries.counts_in(asked.round).get(asked.organisation_id, (0, 0)),
        "forms": [line["form"] for line in lines],
        "problem": problem,
        "page": lines.page,
        "file_hint": forms.FILE_HINT,
        "page_wide": True,
        "breadcrumbs": _crumbs(asked.round),
    }
    return render(request, "programmes/rounds/entry.html", context, status=422 if problem else 200)


class Lines(list[dict[str, Any]]):
    """Hold the lines of one page of the grid, and the page."""

    page: Any = None


def _lines(request: HttpRequest, asked: RoundRequest) -> Lines:
    page = Paginator(queries.asked_deliveries(asked), PER_PAGE).get_page(request.GET.get("page"))
    rows: list[Delivery] = list(page.object_list)
    reports = queries.reports_of(asked.round, rows)
    milestones = delivery_queries.milestones_for(rows)
    posted = request.POST if request.method == "POST" else None
    lines = Lines(_line(row, reports.get(row.pk), milestones[row.pk], posted, asked.round) for row in rows)
    lines.page = page
    return lines


def _line(
    delivery: Delivery,
    report: ProgressReport | None,
    milestones: list[Any],
    posted: QueryDict | None,
    asked: ReportingRound,
) -> dict[str, Any]:
    writable = asked.closed_at is None and (report is None or report.state in WRITABLE)
    form = forms.EntryForm(
        posted if writable or asked.closed_at is not None else None,
        prefix=f"d{delivery.pk}",
        milestones=milestones,
        initial=_initial(delivery, report),
    )
    if not writable and posted is None:
        for field in form.fields.values():
            field.disabled = True
    return {
        "delivery": delivery,
        "report": report,
        "form": form,
        "writable": writable,
        "evidence": list(report.evidence.all()) if report else [],
        "expected": delivery_queries.expected_of(delivery),
        "badge": badge(tables.REPORT_BADGES[report.state], dict(tables.REPORT_WORDS)[report.state])
        if report
        else "",
        "theirs": None,
    }


def _initial(delivery: Delivery, report: ProgressReport | None) -> dict[str, Any]:
    if report is None:
        return {"version": 0, "self_rating": "unknown", "claimed": delivery.claimed}
    found = {
        name: getattr(report, name)
        for name in ("version", "claimed", "self_rating", "done_text", "next_text")
    }
    return {**found, **{f"milestone{row.milestone_id}": row.done_on for row in report.milestones.all()}}


def _save(request: HttpRequest, asked: RoundRequest, lines: Lines) -> str:
    """Keep what was written and give nothing; or give the words of the refusal, put beside its line."""
    submit = request.POST.get("act") == "submit"
    entries = [_entry(line) for line in lines if line["writable"] and _wanted(line, submit=submit)]
    try:
        report_actions.save_reports(request.user, asked.pk, entries, submit=submit)  # type: ignore[arg-type]
    except NotFound:
        raise
    except MehvarError as error:
        _beside(lines, error)
        return said(error)
    return ""


def _attach(request: HttpRequest, asked: RoundRequest, lines: Lines) -> str:
    """Keep the files that were chosen beside the lines; the words are kept already, so that a refused file takes nothing with it."""
    refused = ""
    for line in lines:
        file = request.FILES.get(f"d{line['delivery'].pk}-file")
        if file is None or not line["writable"]:
            continue
        try:
            evidence_actions.attach_evidence(
                request.user,  # type: ignore[arg-type]
                asked.pk,
                line["delivery"].pk,
                filename=str(file.name),
                data=file.read(LARGEST_BYTES + 1),
            )
        except NotFound:
            raise
        except MehvarError as error:
            line["form"].add_error(None, said(error))
            refused = _(
                "What you wrote is saved. A file could not be kept; the reason stands beside its line."
            )
    if refused:
        _refresh(asked, lines)
    return refused


def _refresh(asked: RoundRequest, lines: Lines) -> None:
    """Let the lines carry the versions that were just saved, so that the next save is no clash."""
    reports = queries.reports_of(asked.round, [line["delivery"] for line in lines])
    for line in lines:
        form, report = line["form"], reports.get(line["delivery"].pk)
        if report is not None:
            line["report"], line["evidence"] = report, list(report.evidence.all())
            form.data = form.data.copy()
            form.data[form.add_prefix("version")] = str(report.version)


def _wanted(line: dict[str, Any], *, submit: bool) -> bool:
    """Tell whether a line says something: what was only offered as a start and left alone is no report."""
    if line["form"].has_changed():
        return True
    report = line["report"]
    return submit and report is not None and report.state != "claimed"


def _entry(line: dict[str, Any]) -> Entry:
    said_ = line["form"].cleaned_data
    return Entry(
        delivery_id=line["delivery"].pk,
        version=said_["version"] or 0,
        claimed=said_["claimed"],
        self_rating=said_["self_rating"] or "unknown",
        done_text=said_["done_text"],
        next_text=said_["next_text"],
        milestones=line["form"].reached(),
    )


def _beside(lines: Lines, error: MehvarError) -> None:
    """Put a refusal beside its line; after a clash show what the other person wrote, and let a second save decide."""
    for line in lines:
        if line["delivery"].pk != error.params.get("delivery"):
            continue
        form, report = line["form"], line["report"]
        form.add_error(error.field if error.field in form.fields else None, said(error))
        if error.code == "stale-report" and report is not None:
            line["theirs"] = report
            form.data = form.data.copy()
            form.data[form.add_prefix("version")] = str(report.version)


@login_required
@require_POST
def evidence_add(request: HttpRequest, public_id: str, code: str) -> HttpResponse:
    """Keep a file that supports the report on a delivery."""
    asked = queries.report_request(organisations.authority_in(request), public_id, code)
    form = forms.EvidenceForm(request.POST, request.FILES)
    if not form.is_valid():
        notices.failed(request, _("Choose a file."))
    else:
        file = form.cleaned_data["file"]
        try:
            evidence_actions.attach_evidence(
                request.user,  # type: ignore[arg-type]
                asked.pk,
                form.cleaned_data["delivery"],
                filename=file.name,
                data=file.read(LARGEST_BYTES + 1),
            )
        except NotFound:
            raise
        except MehvarError as error:
            notices.failed(request, said(error))
        else:
            notices.done(request, _("The file was kept."))
    return redirect(_back(request, public_id, code))


@login_required
@require_POST
def evidence_remove(request: HttpRequest, public_id: str, code: str, evidence_id: int) -> HttpResponse:
    """Take a file away."""
    asked = queries.report_request(organisations.authority_in(request), public_id, code)
    try:
        evidence_actions.remove_evidence(request.user, asked.pk, evidence_id)  # type: ignore[arg-type]
    except NotFound:
        raise
    except MehvarError as error:
        notices.failed(request, said(error))
    else:
        notices.done(request, _("The file was removed; that it was there stays on record."))
    return redirect(_back(request, public_id, code))


def _back(request: HttpRequest, public_id: str, code: str) -> str:
    page = request.POST.get("page", "")
    return _entry_url(public_id, code) + (f"?page={page}" if page.isdecimal() else "")


@login_required
def evidence_file(request: HttpRequest, evidence_id: int) -> HttpResponseBase:
    """Give a file to who may see its delivery, always as a download."""
    return download(queries.evidence(organisations.authority_in(request), evidence_id))


urlpatterns = [
    path("rounds/", round_list, name="rounds"),
    path("rounds/new/", round_new, name="round_new"),
    path("rounds/<slug:public_id>/", round_page, name="round"),
    path("rounds/<slug:public_id>/extend/", round_extend, name="round_extend"),
    path("rounds/<slug:public_id>/close/", round_close, name="round_close"),
    path("rounds/<slug:public_id>/report/<str:code>/", report_entry, name="report_entry"),
    path("rounds/<slug:public_id>/report/<str:code>/evidence/", evidence_add, name="evidence_add"),
    path(
        "rounds/<slug:public_id>/report/<str:code>/evidence/<int:evidence_id>/remove/",
        evidence_remove,
        name="evidence_remove",
    ),
    path("evidence/<int:evidence_id>/", evidence_file, name="evidence"),
]
