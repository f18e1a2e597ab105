"""Make PDFs with typst: fonts of our own, tagged, archival where asked.

What people wrote reaches the document as JSON and is placed as text, never read as markup. Templates are the `.typ` files
in the `typst/` folder of any installed app; all of them, and `base.typ`, can import one another by name.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal

from django.apps import apps
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_noop, pgettext

from mehvar.kernel import clock
from mehvar.kernel.errors import MehvarError, NotFound, Unavailable
from mehvar.ui.components import cell_labels
from mehvar.ui.reader import for_language

FONTS = Path(__file__).parent / "fonts"
Relationship = Literal["source", "data", "alternative", "supplement"]
_DATA_FILE, _WORDS_FILE = "mehvar-data.json", "mehvar-words.json"


@dataclass(frozen=True, slots=True)
class Attachment:
    """Say a file that travels inside the PDF (PDF/A-3)."""

    name: str
    content: bytes
    mime: str
    description: str = ""
    relationship: Relationship = "source"


def render_pdf(
    template: str,
    data: Mapping[str, Any],
    *,
    language: str,
    attachments: Sequence[Attachment] = (),
    pdf_standard: str | None = None,
) -> bytes:
    """Return the PDF of a template filled with `data` in `language`.

    `pdf_standard` is a name typst knows, such as `a-3b`. The same input gives the same bytes on the same day of the
    clock.

    Raises:
        NotFound: no installed app has this template.
        Unavailable: the document could not be made; the message names the template.
    """
    sources = template_files()
    if template not in sources:
        raise NotFound(
            gettext_noop("There is no document template “{name}”."), code="no-such-template", name=template
        )
    files: dict[str, bytes] = {**sources, **_data_files(data, language, attachments)}
    files["main"] = f'#import "base.typ": *\n#show: attached\n#include "{template}"\n'.encode()
    return _compiled(template, files, pdf_standard)


_WARM = threading.Lock()


def warm_up() -> None:
    """Make a first document in the background, once in each process: it reads the fonts, the next ones take a fraction of the time."""
    if _WARM.acquire(blocking=False):
        threading.Thread(target=_first_document, name="first-document", daemon=True).start()


_FIRST = """#import "base.typ": *
#show: document.with(title: "محور", subtitle: "Mehvar", note: "Mehvar")
#facts((("الف", "A"),))
#four-cells((done: "1", late: "2", open: "3", overdue: "4", missing: "5", total: "15"))
= محور
#data-table(((label: "الف", width: "1fr"), (label: "ب", width: "60pt", number: true)), ((("متن", "۱"),) * 40))
"""


def _first_document() -> None:
    """Make a small document of all common parts, so that fonts and templates are read."""
    with suppress(MehvarError):
        files = {**template_files(), **_data_files({}, "fa", ())}
        _compiled("first", {**files, "main": _FIRST.encode()}, None)


def _compiled(template: str, files: dict[str, bytes], pdf_standard: str | None) -> bytes:
    """Return what typst makes of the files."""
    import typst

    standards: dict[str, Any] = {"pdf_standards": pdf_standard} if pdf_standard else {}
    try:
        made = typst.compile(
            files,
            font_paths=[str(FONTS)],
            ignore_system_fonts=True,
            format="pdf",
            timestamp=clock.now().replace(microsecond=0),
            **standards,
        )
    except (RuntimeError, ValueError) as error:
        message = gettext_noop("The document “{name}” could not be made: {detail}")
        raise Unavailable(message, code="document-failed", name=template, detail=str(error)[:500]) from error
    return bytes(made)


@cache
def template_files() -> dict[str, bytes]:
    """Return every template by its file name.

    Raises:
        MehvarError: two apps have a template of one name.
    """
    found: dict[str, bytes] = {}
    for app in apps.get_app_configs():
        for path in sorted((Path(app.path) / "typst").glob("*.typ")):
            if path.name in found:
                raise MehvarError(
                    gettext_noop("Two rooms have a document template “{name}”."),
                    code="template-twice",
                    name=path.name,
                )
            found[path.name] = path.read_bytes()
    return found


def _data_files(
    data: Mapping[str, Any], language: str, attachments: Sequence[Attachment]
) -> dict[str, bytes]:
    """Return the virtual files that carry the data, the words of the language and the attachments."""
    files = {f"attachment-{index}": attachment.content for index, attachment in enumerate(attachments)}
    with translation.override(language):
        files[_DATA_FILE] = _as_json(data)
        files[_WORDS_FILE] = _as_json({**_words(language), "attachments": [_listed(a) for a in attachments]})
    return files


def _listed(attachment: Attachment) -> dict[str, str]:
    """Return what the document must know of an attachment."""
    return {
        "name": attachment.name,
        "mime": attachment.mime,
        "description": attachment.description,
        "relationship": attachment.relationship,
    }


def _words(language: str) -> dict[str, Any]:
    """Return the words and facts of a language that `base.typ` needs."""
    reader = for_language(language)
    return {
        "language": reader.language,
        "direction": reader.direction,
        "printed": reader.date(clock.today()),
        "tr": {
            "of": pgettext("page 1 of 3", "of"),
            "Page": gettext("Page"),
            "Printed": gettext("Printed"),
            "Mehvar": gettext("Mehvar"),
            "Total": gettext("Total"),
            "On public record": gettext("On public record"),
            "Check it yourself": gettext("Check it yourself"),
        },
        "cells": cell_labels(),
    }


def qr_svg(url: str) -> str:
    """Return a QR code as SVG, error correction M."""
    import qrcode
    import qrcode.image.svg

    code = qrcode.QRCode(border=0, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(url)
    target = io.BytesIO()
    code.make_image(image_factory=qrcode.image.svg.SvgPathImage).save(target)
    return target.getvalue().decode()


def seal(url: str, short: str = "") -> dict[str, str]:
    """Return the data of a seal for `base.typ`: address, short address, QR code."""
    return {"url": url, "short": short or url, "qr": qr_svg(url)}


def _as_json(data: Any) -> bytes:
    """Return the data as JSON; dates in ISO 8601, lazy words in the language of the document."""
    return json.dumps(data, ensure_ascii=False, default=_plain).encode()


def _plain(value: Any) -> Any:
    """Return a value that JSON has no form for."""
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(type(value).__name__)
