"""Show a promulgated directive to everyone, say what its seal proves, and check documents that people hold."""

from __future__ import annotations

from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from mehvar.directives.forms.promulgation import DocumentForm
from mehvar.directives.models import Modification, Promulgation
from mehvar.directives.queries import cascade as cascade_queries
from mehvar.directives.queries import promulgation as queries
from mehvar.directives.queries.days import today
from mehvar.directives.queries.promulgation import DocumentCheck, Finding
from mehvar.directives.rules import readable
from mehvar.directives.views import publications, words
from mehvar.ledger import queries as ledger
from mehvar.ledger.data import ChainReport
from mehvar.ui import refusals
from mehvar.ui.data import AxisStep, FourCells, SummaryRow
from mehvar.ui.reader import for_language, reader_of

LONGEST_SEARCH = 200
CHAIN_FRESH_S = 60
FINDING_STATES = {
    Finding.IDENTICAL: "done",
    Finding.OTHER_FILE: "attention",
    Finding.CHANGED: "overdue",
    Finding.NOT_OURS: "missing",
}


@require_safe
def public(request: HttpRequest, short_code: str) -> HttpResponse:
    """Show a promulgated directive to citizens: what it is, what stands in it, who must act, what became of it."""
    made = queries.promulgation_by_code(short_code)
    sought = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    body = request.GET.get("body", "").strip()[:LONGEST_SEARCH]
    content = made.content
    parts = readable.parts_of(content, sought=sought, body=body)
    coverage = cascade_queries.coverage_of(made.directive_id, today())
    context = {
        "promulgation": made,
        "directive": made.directive,
        "content": content,
        "head": content["directive"],
        "direction": for_language(content["directive"]["language"]).direction,
        "parts": parts,
        "is_filtered": bool(sought or body),
        "found": sum(len(part.measures) for part in parts),
        "bodies": readable.bodies_of(content),
        "q": sought,
        "body": body,
        "clauses": [{**clause, "shown_depth": min(clause["depth"], 4)} for clause in content["provisions"]],
        "coverage": coverage,
        "cells": FourCells(coverage.on_time, coverage.late, coverage.waiting, coverage.overdue),
        "state": words.badge(words.DIRECTIVE_STATES, made.directive.state),
        "became": [_became(row) for row in queries.modifications_of(made.directive_id)],
        "changes": [_changed(row) for row in queries.modified_by(made.directive_id)],
        "axis": _axis(made),
        "verify_url": reverse("directives:public_verify", args=[made.short_code]),
    }
    return render(request, "directives/public/directive.html", context)


def _axis(made: Promulgation) -> list[AxisStep]:
    address = reverse("directives:public", args=[made.short_code])
    number = reader_of().number(len(made.content["measures"]))
    return [
        AxisStep(_("Clause"), address, "current"),
        AxisStep(_("Measure"), f"{address}#measures", "done", note=number),
        *[AxisStep(label) for label in (_("Plan"), _("Progress"), _("Figure"), _("Report"))],
    ]


def _address(other: Any) -> str:
    """Give the public page of a promulgated directive, empty where it has none."""
    made = getattr(other, "promulgation", None)
    return reverse("directives:public", args=[made.short_code]) if made else ""


def _became(row: Modification) -> dict[str, Any]:
    """Say what became of the directive, in one sentence."""
    title = {
        "withdrawn": _("Withdrawn: not in force any more"),
        "superseded": _("Superseded: another directive is in force in its place"),
        "amended": _("Amended: in force as another directive changed it"),
    }[row.kind]
    return {
        "title": title,
        "is_over": row.kind != "amended",
        "at": row.made_at,
        "reason": row.reason,
        "by": f"{row.by.number} {row.by.title}" if row.by else "",
        "url": _address(row.by) if row.by else "",
    }


def _changed(row: Modification) -> dict[str, str]:
    label = {"superseded": _("It takes the place of"), "amended": _("It amends")}.get(row.kind, "")
    other = row.directive
    return {"label": label, "title": f"{other.number} {other.title}", "url": _address(other)}


@require_safe
def verify(request: HttpRequest, short_code: str) -> HttpResponse:
    """Say in plain words what the seal proves and how to check it oneself; the record's chain is checked now."""
    made = queries.promulgation_by_code(short_code)
    report = checked_chain()
    record = ledger.entry(made.ledger_sequence) if made.ledger_sequence else None
    content = (record.content if record else None) or {}
    context = {
        "promulgation": made,
        "directive": made.directive,
        "record": record,
        "report": report,
        "agrees": bool(record and record.verified)
        and content.get("content_hash") == made.content_hash
        and content.get("pdf_sha256") == made.pdf_sha256
        and content.get("xml_sha256") == made.xml_sha256,
        "facts": _facts(made),
        "stem": publications.file_stem(made),
        "breadcrumbs": [(made.directive.title, reverse("directives:public", args=[made.short_code]))],
    }
    return render(request, "directives/public/verify.html", context)


def _facts(made: Promulgation) -> list[SummaryRow]:
    return [
        SummaryRow(_("Number"), made.number),
        SummaryRow(_("Promulgated"), reader_of().moment(made.promulgated_at)),
        SummaryRow(_("Signed with"), made.certificate_subject),
    ]


def checked_chain() -> ChainReport:
    """Check the whole record, or give the check of the last minute where nothing was added since."""
    head = ledger.head()
    key = f"ledger-chain-{head.sequence}-{head.leaf_hash}"
    known: ChainReport | None = cache.get(key)
    if known is None:
        known = ledger.chain_report()
        cache.set(key, known, CHAIN_FRESH_S)
    return known


@require_http_methods(["GET", "HEAD", "POST"])
def check_document(request: HttpRequest) -> HttpResponse:
    """Take a document that somebody holds and say how it stands to what was promulgated; nothing is kept."""
    form = DocumentForm(request.POST or None, request.FILES or None)
    found: DocumentCheck | None = None
    if request.method == "POST" and form.is_valid():
        held = form.cleaned_data["document"]
        found = refusals.done(form, lambda: _checked(held))
    status = 422 if request.method == "POST" and found is None else 200
    context = {"form": form, "found": found, **(_words_of(found) if found else {"finding": None})}
    return render(request, "directives/public/check.html", context, status=status)


def _checked(held: Any) -> DocumentCheck:
    queries.refuse_oversized(held.size)
    return queries.check_document(held.read())


def _words_of(found: DocumentCheck) -> dict[str, Any]:
    title, text = {
        Finding.IDENTICAL: (
            _("This is the document that was promulgated"),
            _("Every byte is the same as what was put on record."),
        ),
        Finding.OTHER_FILE: (
            _("Signed here, but not a promulgated directive"),
            _(
                "The signature is good and its certificate is ours, but no directive was promulgated as this file."
            ),
        ),
        Finding.CHANGED: (
            _("This document was changed"),
            _(
                "It carries our signature, but something was altered or added after signing. Do not rely on it."
            ),
        ),
        Finding.NOT_OURS: (
            _("This document does not come from here"),
            _("It is not what was promulgated, and it carries no signature of ours."),
        ),
    }[found.finding]
    made = found.promulgation
    return {
        "finding": {"title": title, "text": text, "state": FINDING_STATES[found.finding]},
        "made": made,
        "became": [_became(row) for row in queries.modifications_of(made.directive_id)] if made else [],
    }


urlpatterns = [path("check/", check_document, name="check_document")]

short_urlpatterns = [
    *publications.urlpatterns,
    path("<slug:short_code>/verify/", verify, name="public_verify"),
    path("<slug:short_code>/", public, name="public"),
]
