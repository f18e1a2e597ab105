"""Show the review of an import: source beside fields, worst first, every act by key, link or button."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from mehvar.directives.actions import measures as measure_actions
from mehvar.directives.actions import review as actions
from mehvar.directives.data import ImportState
from mehvar.directives.forms.measures import MeasureForm, present_values
from mehvar.directives.queries import measures as measure_queries
from mehvar.directives.queries import review as queries
from mehvar.directives.rules import review as rules
from mehvar.directives.views.due_words import due_words
from mehvar.directives.views.flag_words import flag_words
from mehvar.kernel.errors import Conflict, InputError, MehvarError, NotFound, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.ui import notices
from mehvar.ui.reader import reader_of
from mehvar.ui.refusals import refuse, said

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from mehvar.directives.models import Directive, ImportDocument, Measure

DOCUMENT_ORDER = "document"


@login_required
def review(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show one row beside its source; without ``row`` the first that is not settled."""
    document = queries.document(organisations.authority_in(request), public_id)
    if document.directive is None:
        return redirect("directives:import_progress", public_id=public_id)
    rows = _rows(request, document)
    wanted = request.GET.get("row", "")
    if wanted not in {row["public_id"] for row in rows}:
        wanted = rules.next_open(rows, "") or (rows[0]["public_id"] if rows else "")
    measure = _measure(document.directive, wanted)
    actions.note_presence(request.user, document, measure)  # type: ignore[arg-type]
    form = None if measure is None else _form(document.directive, measure)
    return _page(request, document, rows, measure=measure, form=form)


def _rows(request: HttpRequest, document: ImportDocument) -> list[Mapping[str, Any]]:
    in_order = request.GET.get("order") == DOCUMENT_ORDER
    return queries.rows_of(document.directive_id or 0, in_order=in_order)


def _measure(directive: Directive, public_id: str) -> Measure | None:
    rows = measure_queries.standing(directive.pk).select_related("field", "provision", "reviewed_by")
    return rows.filter(public_id=public_id).first()


def _form(directive: Directive, measure: Measure, data: Any = None) -> MeasureForm:
    lines = measure_queries.lines_on([measure.pk], directive)[measure.pk]
    return MeasureForm(data, directive=directive, measure=measure, lines=lines)


def _page(
    request: HttpRequest,
    document: ImportDocument,
    rows: list[Mapping[str, Any]],
    *,
    measure: Measure | None,
    form: MeasureForm | None,
    conflict: list[dict[str, Any]] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Lay the page out for one row."""
    current = measure.public_id if measure else ""
    ids = [row["public_id"] for row in rows]
    at = ids.index(current) if current in ids else 0
    directive = document.directive
    assert directive is not None  # noqa: S101 - both callers have made sure
    checks, gaps = queries.count_checks(document), queries.gaps(directive.pk)
    context = {
        "document": document,
        "directive": directive,
        "measure": measure,
        "form": form,
        "ticks": queries.ticks(rows),
        "current": current,
        "previous_url": _row_url(request, document, ids[at - 1]) if at > 0 else "",
        "next_url": _row_url(request, document, ids[at + 1]) if at + 1 < len(ids) else "",
        "place": at + 1,
        "progress": queries.progress(rows),
        "blocks": queries.source_around(document.pk, measure),
        "flags": [flag_words(flag) for flag in (measure.flags if measure else [])],
        "findings": [flag_words(flag) for flag in document.findings.get("flags", [])],
        "open_findings": rules.open_among(document.findings.get("flags", [])),
        "warnings": [_(warning) for warning in document.findings.get("warnings", [])],
        "checks": checks,
        "gaps": gaps,
        "differences": any(not check.agrees for check in checks) or bool(gaps),
        "unknown": measure_queries.unknown_names(measure.pk) if measure else [],
        "split_parts": _split_parts(measure),
        "due": due_words(measure, reader_of(request)) if measure else "",
        "others": queries.others_here(document.pk, request.user.pk or 0),
        "can_undo": queries.last_step(directive.pk, request.user.pk or 0) is not None,
        "is_open": document.state == ImportState.REVIEW,
        "order": request.GET.get("order", ""),
        "conflict": conflict,
        "band": rules.band(measure.lowest_confidence) if measure else "",
        "page_wide": True,
        "breadcrumbs": [
            (_("Directives"), reverse("directives:list")),
            (_("Imported documents"), reverse("directives:imports")),
        ],
    }
    return render(request, "directives/review/review.html", context, status=status)


def _row_url(request: HttpRequest, document: ImportDocument, row: str) -> str:
    query = {"row": row}
    if request.GET.get("order") == DOCUMENT_ORDER:
        query["order"] = DOCUMENT_ORDER
    return f"{reverse('directives:review', args=[document.public_id])}?{urlencode(query)}"


def _split_parts(measure: Measure | None) -> list[tuple[int, str, str]]:
    """Give the places where the text may be divided, with the words on both sides."""
    if measure is None:
        return []
    points = rules.split_points(measure.text)
    return [
        (point, measure.text[:point].strip()[-60:], measure.text[point:].strip()[:60]) for point in points
    ]


@login_required
@require_POST
def accept(request: HttpRequest, public_id: str, row: str) -> HttpResponse:
    """Accept a row; what the person changed in its fields is saved with it."""
    document = queries.document(organisations.authority_in(request), public_id)
    directive = document.directive
    measure = _measure(directive, row) if directive else None
    if directive is None or measure is None:
        raise NotFound(gettext_noop("There is no such row in this document."), code="unknown-measure")
    form = _form(directive, measure, request.POST)
    rows = _rows(request, document)
    if not form.is_valid():
        return _page(request, document, rows, measure=measure, form=form, status=422)
    try:
        _accept(request, document, row, form)
    except Conflict as error:
        refuse(form, error)
        return _conflict(request, document, rows, row)
    except InputError as error:
        refuse(form, error)
        return _page(request, document, rows, measure=measure, form=form, status=422)
    return _go_on(request, document, row)


def _accept(request: HttpRequest, document: ImportDocument, row: str, form: MeasureForm) -> None:
    version = form.cleaned_data["version"]
    changes = form.changes()
    if changes:
        actions.correct_row(request.user, document.public_id, row, version=version, **changes)  # type: ignore[arg-type]
        said = _("Corrected and accepted.")
    else:
        versions = {row: version} if version is not None else {}
        actions.accept_rows(request.user, document.public_id, [row], versions=versions)  # type: ignore[arg-type]
        said = _("Accepted.")
    notices.done(request, said, undo_url=_undo_url(document))


def _conflict(
    request: HttpRequest, document: ImportDocument, rows: list[Mapping[str, Any]], row: str
) -> HttpResponse:
    """Show what another reviewer saved beside what this one typed; nothing typed is lost."""
    directive = document.directive
    assert directive is not None  # noqa: S101 - accept has made sure
    measure = _measure(directive, row)
    if measure is None:
        notices.failed(request, _("Somebody took this row out in the meantime."))
        return redirect(_row_url(request, document, ""))
    theirs = present_values(directive, measure)
    typed = request.POST.copy()
    typed["version"] = str(measure.version)
    form = _form(directive, measure, typed)
    differing = [
        {"label": form.fields[name].label, "theirs": theirs[name], "mine": typed.get(name, "")}
        for name in form.fields
        if name != "version"
        and str(theirs.get(name, "")).strip() != typed.get(name, "").replace("\r\n", "\n").strip()
    ]
    return _page(request, document, rows, measure=measure, form=form, conflict=differing, status=409)


def _undo_url(document: ImportDocument) -> str:
    return reverse("directives:review_undo", args=[document.public_id])


def _go_on(request: HttpRequest, document: ImportDocument, after: str) -> HttpResponse:
    """Lead to the next row that is not settled."""
    rows = _rows(request, document)
    following = rules.next_open(rows, after) or after
    return redirect(_row_url(request, document, following))


def _acting(act: Callable[[HttpRequest, ImportDocument, str], str]) -> Callable[..., HttpResponse]:
    """Make a view of an act on a row that gives the row to show next; a refusal is said and the row shown again."""

    @login_required
    @require_POST
    def view(request: HttpRequest, public_id: str, row: str = "") -> HttpResponse:
        document = queries.document(organisations.authority_in(request), public_id)
        try:
            following = act(request, document, row)
        except (Conflict, InputError, NotFound) as error:
            notices.failed(request, said(error))
            following = row
        return redirect(_row_url(request, document, following))

    return view


def _version(request: HttpRequest) -> int | None:
    written = request.POST.get("version", "")
    return int(written) if written.isdecimal() else None


def _merge(request: HttpRequest, document: ImportDocument, row: str) -> str:
    joined = actions.merge_with_previous(request.user, document.public_id, row, version=_version(request))  # type: ignore[arg-type]
    notices.done(request, _("Merged with the row before."), undo_url=_undo_url(document))
    return joined.public_id


def _split(request: HttpRequest, document: ImportDocument, row: str) -> str:
    at = _split_at(request, document, row)
    actions.split_row(request.user, document.public_id, row, at=at, version=_version(request))  # type: ignore[arg-type]
    notices.done(request, _("Divided into two rows."), undo_url=_undo_url(document))
    return row


def _split_at(request: HttpRequest, document: ImportDocument, row: str) -> int:
    """Give the place that was chosen, or where the words that were typed begin."""
    begins = request.POST.get("begins", "").strip()
    at = request.POST.get("at", "")
    if begins and document.directive is not None:
        measure = measure_actions.measure_of(document.directive.pk, row)
        return measure.text.find(begins)
    return int(at) if at.isdecimal() else -1


def _remove(request: HttpRequest, document: ImportDocument, row: str) -> str:
    following = rules.next_open(_rows(request, document), row)
    actions.remove_row(request.user, document.public_id, row, version=_version(request))  # type: ignore[arg-type]
    notices.done(request, _("The row was taken out; it is no task."), undo_url=_undo_url(document))
    return following or ""


def _teach(request: HttpRequest, document: ImportDocument, row: str) -> str:
    directive = document.directive
    code = measure_queries.code_of(request.POST.get("body", ""), directive) if directive else ""
    if not code:
        raise InputError(
            gettext_noop("Choose a body of the register for this name."), code="no-body", field="body"
        )
    taught = actions.teach_alias(
        request.user,  # type: ignore[arg-type]
        document.public_id,
        wording=request.POST.get("wording", ""),
        organisation_code=code,
    )
    said = ngettext(
        "Learnt: applied to %(count)s row.", "Learnt: applied to %(count)s rows at once.", taught.rows
    ) % {"count": reader_of(request).number(taught.rows)}
    notices.done(request, said, undo_url=_undo_url(document))
    return row


def _undo(request: HttpRequest, document: ImportDocument, row: str) -> str:
    step = actions.undo_last(request.user, document.public_id)  # type: ignore[arg-type]
    notices.note(request, _("The last step was undone."))
    ids = {item["id"] for item in step.before.get("measures", [])}
    return measure_queries.public_id_of(min(ids)) if ids else row


def _accept_clean(request: HttpRequest, document: ImportDocument, row: str) -> str:
    count = actions.accept_clean_rows(request.user, document.public_id)  # type: ignore[arg-type]
    said = ngettext("%(count)s row accepted.", "%(count)s rows accepted.", count) % {
        "count": reader_of(request).number(count)
    }
    notices.done(request, said, undo_url=_undo_url(document) if count else "")
    return row


def _settle_findings(request: HttpRequest, document: ImportDocument, row: str) -> str:
    actions.settle_findings(request.user, document.public_id)  # type: ignore[arg-type]
    notices.done(request, _("The doubts about the whole document are settled."))
    return row


@login_required
@require_POST
def finish(request: HttpRequest, public_id: str) -> HttpResponse:
    """Close the review and lead to the directive."""
    document = queries.document(organisations.authority_in(request), public_id)
    accepted = request.POST.get("differences_accepted") == "on"
    try:
        actions.finish_review(request.user, public_id, differences_accepted=accepted)  # type: ignore[arg-type]
    except MehvarError as error:
        if not isinstance(error, Conflict | InputError):
            raise
        notices.failed(request, said(error))
        return redirect("directives:review", public_id=public_id)
    notices.done(request, _("The review is finished."))
    assert document.directive is not None  # noqa: S101 - the action refuses a document without one
    return redirect("directives:directive", public_id=document.directive.public_id)


urlpatterns = [
    path("imports/<slug:public_id>/review/", review, name="review"),
    path("imports/<slug:public_id>/review/undo/", _acting(_undo), name="review_undo"),
    path("imports/<slug:public_id>/review/accept-clean/", _acting(_accept_clean), name="review_accept_clean"),
    path("imports/<slug:public_id>/review/findings/", _acting(_settle_findings), name="review_findings"),
    path("imports/<slug:public_id>/review/finish/", finish, name="review_finish"),
    path("imports/<slug:public_id>/review/<slug:row>/accept/", accept, name="review_accept"),
    path("imports/<slug:public_id>/review/<slug:row>/merge/", _acting(_merge), name="review_merge"),
    path("imports/<slug:public_id>/review/<slug:row>/split/", _acting(_split), name="review_split"),
    path("imports/<slug:public_id>/review/<slug:row>/remove/", _acting(_remove), name="review_remove"),
    path("imports/<slug:public_id>/review/<slug:row>/teach/", _acting(_teach), name="review_teach"),
]
