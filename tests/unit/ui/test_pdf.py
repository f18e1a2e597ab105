import datetime as dt
import io
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pdfplumber
import pypdfium2
import pytest
from django.utils.translation import gettext_lazy
from pypdfium2 import PdfDocument

from mehvar.kernel import clock
from mehvar.kernel.errors import NotFound, Unavailable
from mehvar.ui import pdf
from mehvar.ui.reader import for_language

MORNING = dt.datetime(2020, 5, 10, 6, 0, tzinfo=dt.UTC)


def content(language: str, **changes: Any) -> dict[str, Any]:
    reader = for_language(language)
    counts = {"done": 14068, "late": 1983, "open": 5640, "overdue": 223, "missing": 312, "total": 22226}
    return {
        "title": "Directive",
        "subtitle": "No. 12",
        "text": "A sentence.",
        "note": "01/CT-BTTTT",
        "axis": [{"label": "Clause", "state": "done", "note": "4"}, {"label": "Plan", "state": "current"}],
        "cells_title": "State",
        "cells": {name: reader.number(count) for name, count in counts.items()},
        "facts_title": "Facts",
        "facts": [["Number", "01/CT"]],
        "table_title": "Measures",
        "columns": [
            {"label": "HEADWORD", "width": "auto", "number": True},
            {"label": "Text", "width": "1fr"},
        ],
        "rows": [[reader.number(n), f"Measure {n}"] for n in range(1, 120)],
        "badges": [["done", "Done"], ["missing", "Missing"]],
        "seal": pdf.seal("https://mehvar.example/v/abc", "mehvar.example/v/abc"),
        **changes,
    }


def made(language: str = "en", **changes: Any) -> bytes:
    with clock.fixed(MORNING):
        return pdf.render_pdf("specimen.typ", content(language, **changes), language=language)


def pages(document: bytes) -> list[str]:
    return [page.get_textpage().get_text_range() for page in PdfDocument(document)]


@pytest.mark.parametrize(
    "hostile",
    [
        '#panic("x")',
        "$ x $ \\ [a] *b* _c_",
        "\\u{41} #let x = 1",
        '] } ) #read("secrets.txt")',
        "// gone /* gone */ `raw`",
        "<label> @ref = Heading",
        "~ -- --- ...",
    ],
)
def test_what_people_write_is_text_and_never_markup(hostile: str) -> None:
    words = pages(
        made(
            title=hostile,
            text=f"before {hostile} after",
            rows=[["1", hostile]],
            note=hostile,
            facts=[[hostile, hostile]],
        )
    )
    flat = "".join("".join(words).split())
    assert "".join(f"before {hostile} after".split()) in flat


def test_the_head_of_a_long_table_is_repeated_on_every_page_it_fills() -> None:
    words = pages(made())
    assert len(words) > 2
    assert all("HEADWORD" in page for page in words)


@pytest.mark.parametrize(("language", "footer"), [("en", "Page 1 of"), ("vi", "Trang 1 /"), ("fa", "۱۳۹۹")])
def test_footers_speak_the_language(language: str, footer: str) -> None:
    assert footer in pages(made(language))[0]


def test_a_persian_document_has_persian_page_numbers_and_runs_from_the_right() -> None:
    document = made("fa", title="برنامه جهش تولید")
    with pdfplumber.open(io.BytesIO(document)) as opened:
        page = opened.pages[0]
        title = max(page.chars, key=lambda char: char["size"])
        assert title["x0"] > page.width / 2
    assert "۱" in pages(document)[0]


def test_only_our_fonts_are_embedded() -> None:
    with pdfplumber.open(io.BytesIO(made("fa", text="فارسی Latin Tiếng Việt"))) as opened:
        fonts = {
            char["fontname"].split("+")[-1].split("-")[0] for page in opened.pages for char in page.chars
        }
    assert fonts <= {"Vazirmatn", "NotoSans"}


def test_the_same_input_gives_the_same_bytes() -> None:
    assert made() == made()


def test_an_archival_document_carries_its_attachment() -> None:
    files = [pdf.Attachment("directive.xml", "<a>đ</a>".encode(), "application/xml", "Akoma Ntoso")]
    document = pdf.render_pdf(
        "specimen.typ", content("vi"), language="vi", attachments=files, pdf_standard="a-3b"
    )
    opened = pypdfium2.PdfDocument(document)
    attachments = [opened.get_attachment(index) for index in range(opened.count_attachments())]
    assert [(a.get_name(), bytes(a.get_data())) for a in attachments] == [
        ("directive.xml", "<a>đ</a>".encode())
    ]
    assert b"pdfaid" in document


def test_dates_decimals_and_lazy_words_become_plain_data() -> None:
    rows = [[dt.date(2020, 5, 10), Decimal("1.5")], [gettext_lazy("Total"), None]]
    words = "".join(pages(made("vi", rows=rows)))
    assert "2020-05-10" in words
    assert "Tổng số" in words


def test_an_unknown_template_is_named() -> None:
    with pytest.raises(NotFound, match=r"nothing\.typ"):
        pdf.render_pdf("nothing.typ", {}, language="en")


def test_a_template_that_fails_says_which() -> None:
    with pytest.raises(Unavailable, match=r"specimen\.typ"):
        pdf.render_pdf("specimen.typ", {"title": "x"}, language="en")


def test_a_template_cannot_read_the_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    files: Mapping[str, bytes] = {**pdf.template_files(), "bad.typ": f'#read("{secret}")'.encode()}
    monkeypatch.setattr(pdf, "template_files", lambda: files)
    with pytest.raises(Unavailable):
        pdf.render_pdf("bad.typ", {}, language="en")
