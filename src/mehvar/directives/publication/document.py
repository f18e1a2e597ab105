"""Lay out a directive as a PDF/A-3 document with its Akoma Ntoso text attached."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from mehvar.directives.rules import content as contents
from mehvar.directives.rules.content import DirectiveContent, MeasureContent
from mehvar.ui import pdf, reader


def directive_pdf(content: DirectiveContent, *, xml: bytes, content_hash: str, public_url: str) -> bytes:
    """Return the directive as PDF/A-3b in its own language, the XML attached as its source.

    ``public_url`` stands beside the seal, as text and as QR code; without one the document says that it is a draft.
    """
    language = content["directive"]["language"]
    attachment = pdf.Attachment(
        "directive.akn.xml", xml, "application/xml", "Akoma Ntoso 3.0", relationship="source"
    )
    with translation.override(language):
        return pdf.render_pdf(
            "directive.typ",
            document_data(content, content_hash=content_hash, public_url=public_url),
            language=language,
            attachments=[attachment],
            pdf_standard="a-3b",
        )


def document_data(content: DirectiveContent, *, content_hash: str, public_url: str) -> dict[str, Any]:
    """Return what the document's template shows, every date and number already in the language's form."""
    head = content["directive"]
    words = reader.for_language(head["language"])
    dated_on = date.fromisoformat(head["dated_on"]) if head["dated_on"] else None
    return {
        "title": head["title"],
        "issuer": head["issuer"]["name"],
        "number": words.digits(head["number"]),
        "dated": words.date(dated_on) if dated_on else "",
        "labels": _labels(),
        "facts": [
            [label, text]
            for label, text in (
                (_("General goal"), head["goal"]),
                (_("Motto"), head["motto"]),
                (_("Role of the ministry"), head["role_statement"]),
                (_("Legal basis"), head["legal_basis"]),
            )
            if text.strip()
        ],
        "citations": [citation["raw"] for citation in content["citations"]],
        "provisions": [
            {
                "depth": provision["depth"],
                "number": provision["number"],
                "heading": provision["heading"],
                "paragraphs": [line for line in provision["text"].splitlines() if line.strip()],
            }
            for provision in content["provisions"]
        ],
        "fields": [
            {"name": field or _("Other measures"), "rows": [_row(measure, words) for measure in measures]}
            for field, measures in contents.measures_by_field(content)
            if measures
        ],
        "content_hash": content_hash,
        "note": words.digits(head["number"]) if public_url else _("Draft, not promulgated"),
        "seal": pdf.seal(public_url, public_url.split("://", 1)[-1]) if public_url else None,
    }


def _labels() -> Mapping[str, str]:
    return {
        "number": _("Number"),
        "dated": _("Dated"),
        "measures": _("Measures"),
        "citations": _("Cited documents"),
        "verify": _("Check this document"),
        "hash": _("Fingerprint of the content (SHA-256)"),
        "no": _("No."),
        "measure": _("Measure"),
        "bodies": _("Who acts"),
        "deliverable": _("Deliverable and outcome"),
        "due": _("Due"),
        "lead": _("Lead"),
        "coordinating": _("With"),
        "special": _("Special project"),
    }


def _row(measure: MeasureContent, words: reader.Reader) -> dict[str, Any]:
    end = measure["due"]["end"]
    return {
        "number": words.digits(measure["number"]),
        "text": measure["text"],
        "lead": contents.names_in(measure, "lead"),
        "coordinating": contents.names_in(measure, "coordinating"),
        "deliverable": measure["deliverable"],
        "outcome": measure["outcome_indicator"],
        "due": measure["due"]["raw"] or (words.date(date.fromisoformat(end)) if end else ""),
        "special": measure["special_project"],
    }
