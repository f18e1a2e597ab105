"""Hand out what was promulgated, byte for byte: signed PDF, Akoma Ntoso XML, canonical JSON."""

from __future__ import annotations

import base64

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from mehvar.directives.models import Promulgation
from mehvar.directives.publication.akn import ascii_slug
from mehvar.directives.queries import promulgation as queries
from mehvar.kernel import identifiers

FOREVER = "public, max-age=31536000, immutable"


@require_safe
def signed_pdf(request: HttpRequest, short_code: str) -> HttpResponseBase:
    """Give the signed document."""
    made = queries.promulgation_by_code(short_code)
    if _has_it(request, made.pdf_sha256):
        return HttpResponse(status=304)
    response = FileResponse(made.pdf.open("rb"), content_type="application/pdf")
    return _labelled(response, made, "pdf", made.pdf_sha256)


@require_safe
def akoma_ntoso(request: HttpRequest, short_code: str) -> HttpResponseBase:
    """Give the Akoma Ntoso text."""
    made = queries.promulgation_by_code(short_code)
    if _has_it(request, made.xml_sha256):
        return HttpResponse(status=304)
    response = HttpResponse(made.xml.encode(), content_type="application/xml; charset=utf-8")
    return _labelled(response, made, "akn.xml", made.xml_sha256)


@require_safe
def canonical_json(request: HttpRequest, short_code: str) -> HttpResponseBase:
    """Give the content in its canonical form, whose SHA-256 is the fingerprint on the document."""
    made = queries.promulgation_by_code(short_code)
    if _has_it(request, made.content_hash):
        return HttpResponse(status=304)
    response = HttpResponse(identifiers.canonical_json(made.content), content_type="application/json")
    return _labelled(response, made, "json", made.content_hash)


def file_stem(made: Promulgation) -> str:
    """Name the files of a promulgation by its number, without extension."""
    return ascii_slug(made.number) or made.short_code


def _has_it(request: HttpRequest, sha256: str) -> bool:
    return f'"{sha256}"' in request.headers.get("If-None-Match", "")


def _labelled(
    response: HttpResponseBase, made: Promulgation, extension: str, sha256: str
) -> HttpResponseBase:
    """Say what the file is called, that it never changes, and its digest (RFC 9530)."""
    name = f"{file_stem(made)}.{extension}"
    disposition = content_disposition_header(extension in {"akn.xml", "json"}, name)
    response["Content-Disposition"] = disposition or "inline"
    response["Cache-Control"] = FOREVER
    response["ETag"] = f'"{sha256}"'
    response["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"
    return response


urlpatterns = [
    path("<slug:short_code>/directive.pdf", signed_pdf, name="public_pdf"),
    path("<slug:short_code>/directive.akn.xml", akoma_ntoso, name="public_xml"),
    path("<slug:short_code>/directive.json", canonical_json, name="public_json"),
]
