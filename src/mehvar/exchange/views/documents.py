"""Take and give out the signed documents of agreements, always as a download and never as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.http import FileResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from mehvar.exchange.actions import documents as actions
from mehvar.exchange.forms.documents import DocumentForm
from mehvar.exchange.queries import documents, scope
from mehvar.exchange.views.objects import home, person, viewer
from mehvar.kernel.errors import NotFound
from mehvar.ui import notices, pages
from mehvar.ui.refusals import done

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@login_required
@require_safe
def document_file(request: HttpRequest, public_id: str) -> FileResponse:
    """Give a signed document to both sides and to who sees all."""
    found = documents.document_of(viewer(request), public_id)
    answer = FileResponse(
        found.content, as_attachment=True, filename=found.name, content_type="application/octet-stream"
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def document_new(request: HttpRequest, public_id: str) -> HttpResponse:
    """Attach the signed document to an agreement."""
    authority = viewer(request)
    row = scope.visible_agreement(authority, public_id)
    if not documents.may_attach(authority, row):
        raise NotFound("This step is not possible here and now.", code="no-step")
    form = DocumentForm(request.POST or None, request.FILES or None, initial={"version": row.version})
    if request.method == "POST" and form.is_valid():
        made = done(
            form,
            lambda: actions.attach_document(
                person(request), public_id, data=form.content(), version=form.cleaned_data["version"] or 0
            ),
        )
        if made is not None:
            notices.done(request, gettext("Saved."))
            return redirect("exchange:agreement", public_id)
    back = reverse("exchange:agreement", args=[public_id])
    return pages.confirm(
        request,
        title=_("Attach the signed document"),
        text=row.title,
        action=_("Attach"),
        consequences=(
            _("Both sides, the operator and auditors can download it."),
            _("Its hash goes on record; in a valid agreement it is not replaced."),
        ),
        cancel_url=back,
        form=form,
        breadcrumbs=[home(), (gettext("Agreements"), reverse("exchange:agreements")), (row.title, back)],
    )


urlpatterns = [
    path("agreements/<slug:public_id>/document/", document_file, name="agreement_document"),
    path("agreements/<slug:public_id>/document/new/", document_new, name="agreement_document_new"),
]
