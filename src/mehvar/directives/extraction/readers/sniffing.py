"""Tell what a file is from its bytes and compare that with its name.

Source: issue "the house", point 8 (wrong extension, encrypted or broken file, macro).
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from pathlib import PurePath

from mehvar.kernel import errors
from mehvar.kernel.errors import gettext_noop


class Format(StrEnum):
    """List the formats that can be read."""

    DOCX = "docx"
    PDF = "pdf"
    HTML = "html"
    AKOMA_NTOSO = "akn"
    MARKDOWN = "md"
    TEXT = "txt"


_EXTENSIONS = {
    ".docx": {Format.DOCX},
    ".pdf": {Format.PDF},
    ".html": {Format.HTML},
    ".htm": {Format.HTML},
    ".xhtml": {Format.HTML, Format.AKOMA_NTOSO},
    ".xml": {Format.AKOMA_NTOSO, Format.HTML},
    ".akn": {Format.AKOMA_NTOSO},
    ".md": {Format.MARKDOWN, Format.TEXT},
    ".markdown": {Format.MARKDOWN, Format.TEXT},
    ".txt": {Format.TEXT, Format.MARKDOWN},
    "": {Format.TEXT, Format.MARKDOWN, Format.PDF, Format.DOCX, Format.HTML, Format.AKOMA_NTOSO},
}
_NAMES = {
    Format.DOCX: "a Word document (.docx)",
    Format.PDF: "a PDF",
    Format.HTML: "a web page (.html)",
    Format.AKOMA_NTOSO: "an Akoma Ntoso document (.xml)",
    Format.MARKDOWN: "Markdown (.md)",
    Format.TEXT: "plain text (.txt)",
}
_MACROS = {".docm", ".dotm", ".doc", ".dot", ".xlsm"}
_PDF = b"%PDF-"
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML = re.compile(
    rb"^\s*(?:<!--.*?-->\s*)*(?:<!doctype\s+html|<html|<head|<body|<table|<div|<p[\s>]|<h\d)",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(rb"^\s*<\?xml|^\s*<(?:\w+:)?akomaNtoso", re.IGNORECASE)
_AKN = re.compile(rb"akomaNtoso|legaldocml", re.IGNORECASE)
_BINARY_SHARE = 0.02


def sniff(data: bytes, filename: str) -> Format:
    """Tell the format of a file.

    Raises:
        InputError: The content is of no known kind, is encrypted or may hold macros, or contradicts the name.
    """
    extension = PurePath(filename).suffix.lower()
    if extension in {".docm", ".dotm"}:
        raise errors.InputError(
            gettext_noop("Documents with macros are not read; save it as .docx."), code="macro"
        )
    kind = _content(data)
    if kind is None:
        raise _unknown(data, extension)
    allowed = _EXTENSIONS.get(extension)
    if allowed is None:
        raise errors.InputError(
            gettext_noop(
                "Files of the kind {extension} are not read; give .docx, .pdf, .html, .md, .txt or Akoma Ntoso .xml."
            ),
            code="unknown-extension",
            extension=extension,
        )
    if kind in allowed:
        return _by_name(kind, extension)
    if kind is Format.TEXT and Format.MARKDOWN in allowed:
        return Format.MARKDOWN
    raise errors.InputError(
        gettext_noop("The name says {extension}, but the file is {kind}."),
        code="wrong-extension",
        extension=extension,
        kind=_NAMES[kind],
    )


def _by_name(kind: Format, extension: str) -> Format:
    """Tell Markdown from plain text by the name."""
    if kind is Format.TEXT and extension in {".md", ".markdown"}:
        return Format.MARKDOWN
    return kind


def _content(data: bytes) -> Format | None:
    """Tell the format by the first bytes, or nothing."""
    head = data[:4096].removeprefix(b"\xef\xbb\xbf")
    if _PDF in head[:1024]:
        return Format.PDF
    if head.startswith((_ZIP, _EMPTY_ZIP)):
        return Format.DOCX
    if head.startswith(_OLE):
        return None
    if _XML.match(head):
        return (
            Format.AKOMA_NTOSO
            if _AKN.search(head)
            else Format.HTML
            if b"<html" in head.lower()
            else _xml(head)
        )
    if _HTML.match(head):
        return Format.HTML
    return Format.TEXT if _is_text(data) else None


def _xml(head: bytes) -> Format | None:
    """Refuse XML of another kind."""
    del head
    raise errors.InputError(gettext_noop("This XML is not Akoma Ntoso."), code="unknown-xml")


def _unknown(data: bytes, extension: str) -> errors.InputError:
    """Say what a file is that cannot be read."""
    if data.startswith(_OLE):
        if b"E\x00n\x00c\x00r\x00y\x00p\x00t" in data[:65536] or extension == ".docx":
            return errors.InputError(
                gettext_noop("The document is encrypted; save it without a password."), code="encrypted"
            )
        return errors.InputError(
            gettext_noop("Old Word documents (.doc) are not read; save it as .docx."), code="old-format"
        )
    if extension == ".pdf":
        return errors.InputError(
            gettext_noop("The PDF is broken: it does not begin like one."), code="broken-file"
        )
    if extension == ".docx":
        return errors.InputError(
            gettext_noop("The Word document is broken: it is not a zip archive."), code="broken-file"
        )
    return errors.InputError(gettext_noop("The file is of no kind that is read here."), code="unknown-format")


def _is_text(data: bytes) -> bool:
    """Tell whether the bytes are text in a known encoding."""
    try:
        text = decoded(data)
    except errors.InputError:
        return False
    sample = text[:20_000]
    strange = sum(
        unicodedata.category(letter) in {"Cc", "Cn", "Co"} and letter not in "\n\r\t\f\v" for letter in sample
    )
    return strange <= len(sample) * _BINARY_SHARE


def decoded(data: bytes) -> str:
    """Decode a text: UTF-8 or UTF-16 with a mark, else UTF-8.

    Raises:
        InputError: The bytes are in another encoding.
    """
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _strict(data, encoding)
    return _strict(data, "utf-8")


def _strict(data: bytes, encoding: str) -> str:
    """Decode without forgiving errors."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise errors.InputError(
            gettext_noop("The text is not in UTF-8; save it in that encoding."), code="wrong-encoding"
        ) from None
