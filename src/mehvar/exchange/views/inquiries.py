"""Let officers ask, singly or by file, and show what came back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mehvar.exchange.actions import batches, inquiries
from mehvar.exchange.actions.trying import Refused
from mehvar.exchange.data.inquiries import BatchState
from mehvar.exchange.forms.inquiries import FileForm, QuestionForm
from mehvar.exchange.queries import calls, catalogue
from mehvar.exchange.queries import inquiries as queries
from mehvar.exchange.queries.days import today
from mehvar.exchange.rules import operations, questions
from mehvar.exchange.rules.inquiries import record_of
from mehvar.exchange.tables import inquiries as tables
from mehvar.exchange.tables import phrases, words
from mehvar.exchange.views.calls import receipt_response
from mehvar.exchange.views.objects import facts, person
from mehvar.kernel.errors import NotPermitted
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.ui import notices
from mehvar.ui.components import badge
from mehvar.ui.reader import reader_of
from mehvar.ui.refusals import done, said

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from mehvar.exchange.data.operations import Ask, Operation
    from mehvar.exchange.models import Inquiry, InquiryAuthorisation
    from mehvar.exchange.queries.inquiries import Askable
    from mehvar.organisations.data import Authority

READERS = (Permission.INQUIRE, Permission.AUTHORISE_INQUIRY, Permission.AUDIT)


def crumbs() -> list[tuple[str, str]]:
    """Give the way to the room of inquiries."""
    return [(_("Inquiries"), reverse("exchange:inquiries"))]


def inquirer(request: HttpRequest) -> Authority:
    """Give the authority of somebody who inquires, lets inquire, or audits.

    Raises:
        NotPermitted: The person does none of these.
    """
    authority = organisations.authority_in(request)
    if not any(permissions.allows(authority, one) for one in READERS):
        raise NotPermitted("Your role does not permit this here.", code="not-permitted")
    return authority


@login_required
@require_safe
def inquiries_page(request: HttpRequest) -> HttpResponseBase:
    """Show what one may ask, what one asked, and one's files."""
    authority = inquirer(request)
    table = tables.InquiryTable(
        queries.own_inquiries(authority).exclude(state__in=["waiting", "dropped"]), request
    )
    context = {
        "cards": _cards(authority),
        "files": [
            (row, badge(tables.FILE_BADGES[row.state], dict(tables.FILE_STATES)[row.state]))
            for row in queries.own_batches(authority)[:20]
        ],
        "inquires": queries.inquires(authority),
        "authorises": queries.authorises(authority),
        "audits": permissions.allows(authority, Permission.AUDIT),
        "flags": queries.open_flags().count() if permissions.allows(authority, Permission.AUDIT) else 0,
    }
    return table.respond("exchange/inquiries/home.html", context)


def _cards(authority: Authority) -> list[dict[str, Any]]:
    """Give what one may ask, in a number of queries that does not grow with it."""
    found = queries.askable_each(queries.own_authorisations(authority), words.language())
    asked = queries.asked_today_each([row.pk for row, _can in found], today())
    return [_card(row, can, asked.get(row.pk, 0)) for row, can in found]


def _card(row: InquiryAuthorisation, can: Askable, asked: int) -> dict[str, Any]:
    return {
        "row": row,
        "service": row.right.service,
        "provider": words.name_of(row.right.service.subsystem.member.organisation),
        "left": max(0, row.daily_limit - asked),
        "why_not": _(can.why_not) if can.why_not else "",
    }


def _chosen(
    request: HttpRequest, authorisation: str
) -> tuple[InquiryAuthorisation, Any, tuple[Operation, ...], Operation]:
    """Find what is asked: the operation of the address, else the first that the authorisation covers."""
    authority = organisations.authority_in(request)
    row = queries.own_authorisation(authority, authorisation)
    can = queries.askable(row, words.language())
    wanted = request.GET.get("operation", "")
    covered = [one for one in can.operations if one.id == wanted] or list(can.operations[:1])
    if not covered:
        raise NotPermitted(can.why_not or "Your role does not permit this here.", code="not-askable")
    return row, can.document, can.operations, covered[0]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask one question."""
    row, document, offered, operation = _chosen(request, public_id)
    asks = questions.asks_of(document, operation, words.language())
    form = QuestionForm(request.POST or None, asks=asks)
    if request.method == "POST" and form.is_valid():
        made = done(form, lambda: _asked(request, form, public_id, operation.id))
        if made is not None:
            return redirect("exchange:inquiry", made.public_id)
    context = {
        **_asking(row, offered, operation),
        "form": form,
        "left": max(0, row.daily_limit - queries.asked_today(row.pk, today())),
    }
    return render(request, "exchange/inquiries/ask.html", context, status=422 if form.errors else 200)


def _asked(request: HttpRequest, form: QuestionForm, public_id: str, operation_id: str) -> Inquiry | None:
    given = dict(form.cleaned_data)
    reference = given.pop("reference")
    try:
        return inquiries.ask(person(request), public_id, operation_id, given, reference=reference)
    except Refused as refused:
        for key, fault in refused.faults.items():
            form.add_error(key, said(fault))
        return None


def _asking(
    row: InquiryAuthorisation, offered: tuple[Operation, ...], operation: Operation
) -> dict[str, Any]:
    service, agreement = row.right.service, row.right.agreement
    return {
        "row": row,
        "service": service,
        "operation": operation,
        "offered": offered,
        "facts": facts(
            (_("Provider"), words.name_of(service.subsystem.member.organisation)),
            (_("What for"), row.purpose),
            (_("Purpose agreed"), agreement.purpose),
            (_("Legal basis"), agreement.legal_basis),
        ),
        "breadcrumbs": crumbs(),
    }


@login_required
@require_safe
def inquiry_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show one question with its answer as a record, and its proof."""
    authority = inquirer(request)
    row = queries.own_inquiry(authority, public_id)
    document, operation = _described(row)
    lines = (
        record_of(document, operation, row.status or 0, row.answer, words.language())
        if operation and row.answer
        else []
    )
    context = {
        "row": row,
        "service": row.authorisation.right.service,
        "state": badge(tables.BADGES[row.state], dict(tables.STATES)[row.state]),
        "facts": _facts(request, row),
        "asked": _values(document, operation, row),
        "record": tables.indented(lines),
        "call": calls.of_inquiry(row),
        "error": phrases.error_shown(row.error),
        "breadcrumbs": crumbs(),
    }
    return render(request, "exchange/inquiries/inquiry.html", context)


def _described(row: Inquiry) -> tuple[Any, Operation | None]:
    found = catalogue.description_of(row.authorisation.right.service)
    document = found.document if found else {}
    named = [one for one in operations.operations_of(document, words.language()) if one.id == row.operation]
    return document, named[0] if named else None


def _values(document: Any, operation: Operation | None, row: Inquiry) -> Any:
    asks = questions.asks_of(document, operation, words.language()) if operation else ()
    labels = {one.key: one.label for one in asks}
    return facts(*[(labels.get(key, key), str(value)) for key, value in row.values.items()])


def _facts(request: HttpRequest, row: Inquiry) -> Any:
    reader = reader_of(request)
    agreement = row.authorisation.right.agreement
    return facts(
        (_("Asked"), reader.moment(row.asked_at) if row.asked_at else ""),
        (_("Case"), row.reference),
        (_("What for"), row.authorisation.purpose),
        (_("Legal basis"), agreement.legal_basis),
        (_("Agreement"), agreement.title),
        (_("Answer code"), reader.digits(row.status) if row.status else ""),
        (_("Number of the call"), row.request_id),
        (_("Kept until"), reader.moment(row.expires_at) if not row.is_forgotten else ""),
    )


@login_required
@require_safe
def inquiry_receipt(request: HttpRequest, public_id: str) -> HttpResponse:
    """Give the receipt of one's own question."""
    row = queries.own_inquiry(inquirer(request), public_id)
    return receipt_response(calls.receipt_of(calls.of_inquiry_or_later(row)), row.request_id)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask_file(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Take a file of questions and check it; nothing is asked before the officer says so."""
    row, document, offered, operation = _chosen(request, public_id)
    asks = questions.asks_of(document, operation, words.language())
    if request.GET.get("template") == "csv":
        return _template(asks)
    form = FileForm(request.POST or None, request.FILES or None)
    faults: Any = ()
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        made = done(
            form,
            lambda: batches.take_file(
                person(request),
                public_id,
                operation.id,
                data=given["file"].read(),
                filename=given["file"].name,
                reference=given["reference"],
            ),
        )
        if made is not None and made[0] is not None:
            return redirect("exchange:inquiry_file", made[0].public_id)
        faults = made[1].faults if made is not None else ()
    labels = {one.key: one.label for one in asks}
    context = {
        **_asking(row, offered, operation),
        "form": form,
        "asks": asks,
        "faults": [(one.row, labels.get(one.column, one.column), said(one.fault)) for one in faults],
    }
    return render(
        request, "exchange/inquiries/file_new.html", context, status=422 if form.errors or faults else 200
    )


def _template(asks: tuple[Ask, ...]) -> HttpResponse:
    heads = ",".join(f'"{key}"' for key in questions.heads_of(asks))
    response = HttpResponse(f"\ufeff{heads}\r\n", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="questions.csv"'
    return response


@login_required
@require_safe
def file_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show how far a file is, and where its answers are fetched."""
    row = queries.own_batch(inquirer(request), public_id)
    counts = queries.counts_of(row)
    settled = row.total - counts["waiting"] - counts["asking"]
    context = {
        "row": row,
        "service": row.authorisation.right.service,
        "state": badge(tables.FILE_BADGES[row.state], dict(tables.FILE_STATES)[row.state]),
        "counts": [
            (badge(tables.BADGES[state], label), counts[state])
            for state, label in tables.STATES
            if counts[state]
        ],
        "settled": settled,
        "note": _(row.note) if row.note else "",
        "is_checked": row.state == BatchState.CHECKED,
        "is_running": row.state == BatchState.RUNNING,
        "has_answers": row.state in {BatchState.DONE, BatchState.CANCELLED} and row.started_at is not None,
        "rows": [
            (one, phrases.error_shown(one.error))
            for one in row.rows.filter(state__in=["failed", "unknown"]).order_by("number")[:50]
        ],
        "breadcrumbs": crumbs(),
    }
    return render(request, "exchange/inquiries/file.html", context)


@login_required
@require_POST
def file_start(request: HttpRequest, public_id: str) -> HttpResponse:
    """Let the questions be asked."""
    batches.start(person(request), public_id)
    notices.done(request, _("The questions are being asked. You can leave this page; you will be told."))
    return redirect("exchange:inquiry_file", public_id)


@login_required
@require_POST
def file_cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask no more of a file."""
    batches.cancel(person(request), public_id)
    notices.done(request, _("No more questions of this file are asked."))
    return redirect("exchange:inquiry_file", public_id)


@login_required
@require_safe
def file_answers(request: HttpRequest, public_id: str, extension: str) -> HttpResponseBase:
    """Give the answers of a file as CSV or XLSX."""
    batch, rows = batches.answers_of(person(request), public_id)
    document = batches.description_of(batch)
    named = [one for one in operations.operations_of(document, words.language()) if one.id == batch.operation]
    asks = questions.asks_of(document, named[0], words.language()) if named else ()
    return tables.answers_file(rows, asks, extension, reader_of(request), name="answers")


urlpatterns = [
    path("inquiries/", inquiries_page, name="inquiries"),
    path("inquiries/ask/<slug:public_id>/", ask, name="inquiry_ask"),
    path("inquiries/ask/<slug:public_id>/file/", ask_file, name="inquiry_ask_file"),
    path("inquiries/files/<slug:public_id>/", file_page, name="inquiry_file"),
    path("inquiries/files/<slug:public_id>/start/", file_start, name="inquiry_file_start"),
    path("inquiries/files/<slug:public_id>/cancel/", file_cancel, name="inquiry_file_cancel"),
    path(
        "inquiries/files/<slug:public_id>/answers.csv",
        file_answers,
        {"extension": "csv"},
        name="inquiry_file_csv",
    ),
    path(
        "inquiries/files/<slug:public_id>/answers.xlsx",
        file_answers,
        {"extension": "xlsx"},
        name="inquiry_file_xlsx",
    ),
    path("inquiries/asked/<slug:public_id>/", inquiry_page, name="inquiry"),
    path("inquiries/asked/<slug:public_id>/receipt.json", inquiry_receipt, name="inquiry_receipt"),
]
