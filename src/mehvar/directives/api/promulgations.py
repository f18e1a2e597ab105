"""Give promulgated directives to everyone over the HTTP API: text, signed document, exchange format."""

from datetime import date
from typing import Annotated, Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Query, Router
from pydantic import Field, StringConstraints

from mehvar.directives.api import shapes, showing
from mehvar.directives.api.asking import address_of
from mehvar.directives.models import Promulgation
from mehvar.directives.queries import promulgation as queries
from mehvar.directives.rules.content import DirectiveContent
from mehvar.organisations import queries as organisations
from mehvar.ui.api import Paging, Schema, allowed_to, page_of

router = Router(tags=["promulgations"], auth=None)
EVERYONE = allowed_to("everyone, without a token")
Q_LENGTH = StringConstraints(max_length=200)


class PromulgationRow(Schema):
    """Show what was promulgated, with the fingerprints of its documents."""

    code: str = Field(description="The short public code.")
    directive: str
    number: str
    title: str
    language: str
    issuer: shapes.BodyBrief
    state: str
    promulgated_on: date
    content_hash: str
    pdf_sha256: str
    xml_sha256: str
    akn_uri: str
    certificate_subject: str
    certificate_sha256: str
    development_certificate: bool
    page: str = Field(description="Address of the public page.")


class PromulgationFilter(Schema):
    """Choose which promulgations are listed."""

    q: Annotated[str, Q_LENGTH] = Field("", description="Part of the title or the number.")
    issuer: shapes.BodyCode | None = Field(None, description="The issuer or a body above it.")
    promulgated_from: date | None = None
    promulgated_to: date | None = None


class ModificationRow(Schema):
    """Say what became of a promulgated directive."""

    kind: str
    by: str | None = Field(description="Short code of the directive that did it.")
    reason: str


class PromulgationWhole(PromulgationRow):
    """Show a promulgated directive with its whole frozen text."""

    content: DirectiveContent
    modifications: list[ModificationRow]


@router.get("", response=list[PromulgationRow], summary="List promulgations", openapi_extra=EVERYONE)
def promulgations(
    request: HttpRequest, response: HttpResponse, asked: Query[PromulgationFilter], paging: Query[Paging]
) -> list[PromulgationRow]:
    """List what was promulgated, the latest first."""
    rows = Promulgation.objects.select_related("directive__issuer").defer("content", "xml")
    if asked.q:
        rows = rows.filter(directive__title__icontains=asked.q) | rows.filter(number__icontains=asked.q)
    if asked.issuer is not None:
        path = organisations.organisation(asked.issuer).path
        rows = rows.filter(organisations.within(path, path_field="directive__issuer__path"))
    if asked.promulgated_from is not None:
        rows = rows.filter(promulgated_on__gte=asked.promulgated_from)
    if asked.promulgated_to is not None:
        rows = rows.filter(promulgated_on__lte=asked.promulgated_to)
    return [
        promulgation_row(row)
        for row in page_of(request, response, rows.order_by("-promulgated_at", "-pk"), paging)
    ]


@router.get(
    "/{code}",
    response=PromulgationWhole,
    summary="Read a promulgation",
    openapi_extra=EVERYONE,
)
def promulgation(request: HttpRequest, code: str) -> Any:  # noqa: ARG001 - ninja passes it
    """Give a promulgated directive with its frozen text, whose canonical JSON has ``content_hash``."""
    found = queries.promulgation_by_code(code)
    modifications = [
        ModificationRow(
            kind=row.kind,
            by=row.by.promulgation.short_code if row.by is not None else None,
            reason=row.reason,
        )
        for row in queries.modifications_of(found.directive_id)
    ]
    return {**promulgation_row(found).dict(), "content": found.content, "modifications": modifications}


@router.get("/{code}/xml", summary="Read the exchange format", openapi_extra=EVERYONE)
def xml(request: HttpRequest, code: str) -> HttpResponse:  # noqa: ARG001 - ninja passes it
    """Give the promulgated text as Akoma Ntoso 3.0."""
    found = queries.promulgation_by_code(code)
    answer = HttpResponse(found.xml, content_type="application/akn+xml; charset=utf-8")
    answer["ETag"] = f'"{found.xml_sha256}"'
    return answer


@router.get("/{code}/pdf", summary="Read the signed document", openapi_extra=EVERYONE)
def pdf(request: HttpRequest, code: str) -> FileResponse:  # noqa: ARG001 - ninja passes it
    """Give the signed PDF, byte for byte as it was promulgated."""
    found = queries.promulgation_by_code(code)
    answer = FileResponse(
        found.pdf.open("rb"), content_type="application/pdf", filename=f"{found.short_code}.pdf"
    )
    answer["ETag"] = f'"{found.pdf_sha256}"'
    return answer


def promulgation_row(row: Promulgation) -> PromulgationRow:
    """Show a promulgation; its directive and issuer must be there."""
    same = (
        *("number", "promulgated_on", "content_hash", "pdf_sha256", "xml_sha256", "akn_uri"),
        *("certificate_subject", "certificate_sha256", "development_certificate"),
    )
    return PromulgationRow(
        code=row.short_code,
        directive=row.directive.public_id,
        title=row.directive.title,
        language=row.directive.language,
        issuer=showing.brief(row.directive.issuer),
        state=row.directive.state,
        page=address_of(reverse("directives:public", args=[row.short_code])),
        **{name: getattr(row, name) for name in same},
    )
