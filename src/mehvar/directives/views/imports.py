"""Show the upload page, how far the reading of a document has come, and the documents taken in."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from mehvar.directives import tables
from mehvar.directives.actions import imports as actions
from mehvar.directives.data import ImportState
from mehvar.directives.forms.imports import UploadForm
from mehvar.directives.queries import review as queries
from mehvar.kernel import clock
from mehvar.kernel.errors import MehvarError, NotPermitted
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.ui import notices
from mehvar.ui.refusals import refuse, said

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from mehvar.directives.models import ImportDocument

POLL_S = 2


@login_required
def upload(request: HttpRequest) -> HttpResponse:
    """Take a document in; a small one leads straight to its review."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.REVIEW_IMPORT)
    form = UploadForm(request.POST or None, request.FILES or None, authority=authority)
    if request.method == "POST" and form.is_valid():
        try:
            document = _take_in(request, form.cleaned_data)
        except MehvarError as error:
            refuse(form, error)
        else:
            return redirect(_address(document))
    status = 422 if form.errors else 200
    return render(
        request, "directives/imports/upload.html", {"form": form, "breadcrumbs": _crumbs()}, status=status
    )


def _take_in(request: HttpRequest, asked: dict[str, Any]) -> ImportDocument:
    issuer = organisations.organisation(asked["issuer"])
    data = asked["file"].read()
    known = None if asked["again"] else actions.known_document(hashlib.sha256(data).hexdigest(), issuer.pk)
    document = actions.import_document(
        request.user,  # type: ignore[arg-type]
        data=data,
        filename=asked["file"].name,
        pack=issuer.pack,
        issuer_id=issuer.pk,
        again=asked["again"],
    )
    if known is not None and known.pk == document.pk:
        notices.note(
            request, _("This document was imported before. Here is what is there; nothing was stored twice.")
        )
    return document


def _address(document: ImportDocument) -> str:
    """Give where a person goes on with a document."""
    if document.state == ImportState.REVIEW:
        return reverse("directives:review", args=[document.public_id])
    if document.state == ImportState.SETTLED and document.directive:
        return reverse("directives:directive", args=[document.directive.public_id])
    return reverse("directives:import_progress", args=[document.public_id])


@login_required
def progress(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show how far the reading has come; go on to the review by itself when it is done."""
    document = queries.document(organisations.authority_in(request), public_id)
    asks_for_part = bool(request.headers.get("HX-Request"))
    if document.state in {ImportState.REVIEW, ImportState.SETTLED}:
        address = _address(document)
        return HttpResponseClientRedirect(address) if asks_for_part else redirect(address)
    context = {
        "document": document,
        "facts": _facts(document),
        "poll_s": POLL_S,
        "breadcrumbs": _crumbs(),
        "error": _error_words(document),
    }
    name = "progress_part" if asks_for_part else "progress"
    return render(request, f"directives/imports/{name}.html", context)


def _facts(document: ImportDocument) -> dict[str, Any]:
    """Give how long it has taken, the usual rate in bytes a second, and the seconds left, where they are known."""
    elapsed_s = max((clock.now() - document.uploaded_at).total_seconds(), 0.0)
    rate = queries.usual_rate(document.filename)
    is_open = document.state in actions.OPEN_STATES
    return {
        "done": document.done,
        "total": document.total,
        "elapsed_s": round(elapsed_s),
        "rate": rate,
        "left_s": None if rate is None else max(1, round(document.size / rate - elapsed_s)),
        "is_open": is_open,
        "is_stalled": is_open and actions.is_stalled(document),
    }


def _error_words(document: ImportDocument) -> str:
    if not document.error:
        return ""
    kept = document.error
    return said(MehvarError(kept["message"], code=kept["code"], **kept.get("params", {})))


@login_required
@require_POST
def cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    """Stop the reading."""
    actions.cancel_import(request.user, public_id)  # type: ignore[arg-type]
    notices.done(request, _("Reading was cancelled; nothing of the document was kept."))
    return redirect("directives:imports")


@login_required
@require_POST
def resume(request: HttpRequest, public_id: str) -> HttpResponse:
    """Read a document again whose reader died."""
    try:
        actions.resume_import(request.user, public_id)  # type: ignore[arg-type]
    except MehvarError as error:
        if isinstance(error, NotPermitted):
            raise
        notices.failed(request, said(error))
    return redirect("directives:import_progress", public_id=public_id)


@login_required
def documents(request: HttpRequest) -> HttpResponseBase:
    """List the documents that were taken in."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.REVIEW_IMPORT)
    table = tables.ImportTable(queries.documents(authority), request)
    return table.respond("directives/imports/list.html", {"breadcrumbs": _crumbs()})


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Directives"), reverse("directives:list"))]


urlpatterns = [
    path("import/", upload, name="import"),
    path("imports/", documents, name="imports"),
    path("imports/<slug:public_id>/", progress, name="import_progress"),
    path("imports/<slug:public_id>/cancel/", cancel, name="import_cancel"),
    path("imports/<slug:public_id>/resume/", resume, name="import_resume"),
]
