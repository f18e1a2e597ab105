"""Write a sample directive as Word document, PDF and Markdown, with identical bytes every time.

Source: issue "the house", point 14.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from xml.sax.saxutils import escape

from sample_sources import DUE_WRITERS, JSON, ROOT, Source, split_bodies, text, write_bodies

FONTS = ROOT / "src/mehvar/ui/fonts"
ZIP_MOMENT = (2020, 1, 1, 0, 0, 0)
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml"


@dataclass(frozen=True)
class Paragraph:
    """Hold one paragraph and how it stands: title, center, heading, body, item or small."""

    style: str
    text: str


@dataclass(frozen=True)
class Row:
    """Hold one row of cells; a merged row is one cell over all columns."""

    cells: tuple[str, ...]
    kind: str = "task"
    merged: bool = False


@dataclass(frozen=True)
class Table:
    """Hold a table; a layout table has no borders (head and signature of a Vietnamese directive)."""

    rows: tuple[Row, ...]
    widths: tuple[int, ...]
    layout: bool = False


@dataclass(frozen=True)
class Document:
    """Hold a whole directive before it is written in a format."""

    source: Source
    body: list[Paragraph | Table] = field(default_factory=list)
    annex: list[Paragraph | Table] = field(default_factory=list)


STYLES = {
    "section": "heading",
    "article": "body",
    "clause": "body",
    "point": "item",
    "item": "item",
    "note": "item",
}


def _label(block: JSON) -> str:
    """Give a block's number as it is written."""
    written = block.get("label") or {"clause": f"{block.get('num')}.", "point": f"{block.get('num')})"}.get(
        block["kind"]
    )
    return f"{written} " if written else ""


def _paragraphs(blocks: Iterable[JSON]) -> Iterator[Paragraph]:
    """Walk the provisions in reading order."""
    for block in blocks:
        yield Paragraph(STYLES.get(block["kind"], "body"), _label(block) + block["text"])
        yield from _paragraphs(block.get("children", ()))


def _head(content: JSON) -> list[Paragraph | Table]:
    """Write what stands above the first provision."""
    number, day = content["number_label"], content["place_and_date"]
    if content["language"] == "vi":
        rows = (
            Row((content["issuer"].upper(), f"{content['nation']}\n{content['nation_motto']}")),
            Row((number, day)),
        )
        top: list[Paragraph | Table] = [Table(rows, (4200, 5400), layout=True)]
    else:
        top = [Paragraph("center", content["nation"]), Paragraph("center", content["nation_motto"])]
        top += [Paragraph("small", number), Paragraph("small", day)]
    title = content["kind"] if content["language"] == "vi" else content["title"]
    return [*top, Paragraph("title", title), Paragraph("center", content["subtitle"])]


def _foot(content: JSON) -> list[Paragraph | Table]:
    """Write recipients and the signing office."""
    recipients = [content["recipients_heading"], *(f"- {line}" for line in content["recipients"])]
    if content["language"] == "vi":
        return [Table((Row(("\n".join(recipients), content["signature"])),), (5400, 4200), layout=True)]
    return [Paragraph("center", content["signature"]), *(Paragraph("small", line) for line in recipients)]


def _section_row(part: JSON, scars: JSON, language: str, columns: int) -> Row:
    """Write the row that opens a field of the annex."""
    number = text.to_persian_digits(part["section"]) if language == "fa" else part["section"]
    if part["code"] == scars["merged_section"]:
        return Row((f"{number}. {part['title']}",), "section", merged=True)
    return Row((f"{number}.", part["title"], *[""] * (columns - 2)), "section")


def _task_row(row: Mapping[str, str], source: Source) -> Row:
    """Write one task of the annex."""
    number = text.to_persian_digits(row["number"]) if source.language == "fa" else row["number"]
    bodies = (write_bodies(split_bodies(row[role]), source) for role in ("lead", "coordinating"))
    return Row((number, row["task"], *bodies, row["deliverable"], DUE_WRITERS[source.language](row["due"])))


def _annex_rows(source: Source) -> Iterator[Row]:
    """Write the annex with the scars that word processors leave: repeated heads, a merged section row."""
    annex, scars = source.content["annex"], source.content["annex"]["scars"]
    repeated = {(code, number) for code, number in scars["header_before"]}
    head = Row(tuple(annex["columns"]), "header")
    yield head
    for part in source.content["fields"]:
        yield _section_row(part, scars, source.language, len(head.cells))
        for row in (row for row in source.tasks if row["field"] == part["code"]):
            if (row["field"], int(row["number"])) in repeated:
                yield head
            yield _task_row(row, source)


def compose(source: Source) -> Document:
    """Put a directive together."""
    content = source.content
    body = [*_head(content), *_paragraphs(content["blocks"]), *_foot(content)]
    if "annex" not in content:
        return Document(source, body)
    annex = content["annex"]
    table = Table(tuple(_annex_rows(source)), (700, 4700, 2500, 2700, 2400, 1500))
    head = [
        Paragraph("title", annex["label"]),
        Paragraph("center", annex["title"]),
        Paragraph("center", annex["note"]),
    ]
    return Document(source, body, [*head, table])


def to_markdown(document: Document) -> bytes:
    """Write the annex alone as Markdown."""
    lines: list[str] = []
    for part in document.annex:
        lines += [part.text, ""] if isinstance(part, Paragraph) else list(_markdown_rows(part))
    return ("\n".join(lines) + "\n").encode()


def _markdown_rows(table: Table) -> Iterator[str]:
    """Write a table; the head of a Markdown table stands once."""
    columns = len(table.rows[0].cells)
    for place, row in enumerate(table.rows):
        cells = (*row.cells, *[""] * (columns - len(row.cells)))
        yield "| " + " | ".join(cells) + " |"
        if place == 0:
            yield "|" + "---|" * columns


# -- docx --------------------------------------------------------------------------------------------------------

ALIGN = {
    "title": "center",
    "center": "center",
    "heading": "left",
    "body": "both",
    "item": "both",
    "small": "left",
}
SIZES = {"title": 28, "heading": 26, "small": 22}
FONT = {"vi": "Times New Roman", "fa": "Vazirmatn", "en": "Times New Roman"}


def _is_rtl(language: str) -> bool:
    """Tell whether the language is written from right to left."""
    return language == "fa"


def _run(words: str, style: str, language: str) -> str:
    """Write a run; line ends become breaks."""
    bold = "<w:b/><w:bCs/>" if style in {"title", "heading", "header", "section"} else ""
    size = SIZES.get(style, 24)
    rtl = "<w:rtl/>" if _is_rtl(language) else ""
    marks = f'{bold}<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>{rtl}'
    lines = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in words.split("\n"))
    return f"<w:r><w:rPr>{marks}</w:rPr>{lines}</w:r>" if words else ""


def _docx_paragraph(words: str, style: str, language: str) -> str:
    """Write a paragraph; Persian ones carry ``w:bidi``."""
    bidi = "<w:bidi/>" if _is_rtl(language) else ""
    indent = '<w:ind w:left="400"/>' if style == "item" else ""
    keep = "<w:keepNext/>" if style == "heading" else ""
    shape = f'{keep}{bidi}<w:spacing w:after="80"/>{indent}<w:jc w:val="{ALIGN.get(style, "left")}"/>'
    return f"<w:p><w:pPr>{shape}</w:pPr>{_run(words, style, language)}</w:p>"


def _docx_row(row: Row, table: Table, language: str) -> str:
    """Write a row; a merged one spans the grid."""
    cells = []
    for words, width in zip(row.cells, table.widths, strict=False):
        span = f'<w:gridSpan w:val="{len(table.widths)}"/>' if row.merged else ""
        wide = sum(table.widths) if row.merged else width
        style = "center" if table.layout else row.kind
        inner = _docx_paragraph(words, style, language)
        cells.append(f'<w:tc><w:tcPr><w:tcW w:w="{wide}" w:type="dxa"/>{span}</w:tcPr>{inner}</w:tc>')
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(cells)}</w:tr>"


def _docx_table(table: Table, language: str) -> str:
    """Write a table; Persian ones run from the right (``w:bidiVisual``)."""
    bidi = "<w:bidiVisual/>" if _is_rtl(language) else ""
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    line = "none" if table.layout else "single"
    borders = "".join(f'<w:{side} w:val="{line}" w:sz="4" w:space="0" w:color="auto"/>' for side in sides)
    shape = f'{bidi}<w:tblW w:w="{sum(table.widths)}" w:type="dxa"/><w:tblBorders>{borders}</w:tblBorders>'
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in table.widths)
    rows = "".join(_docx_row(row, table, language) for row in table.rows)
    return f"<w:tbl><w:tblPr>{shape}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>"


def _docx_parts(parts: Iterable[Paragraph | Table], language: str) -> str:
    """Write paragraphs and tables; a table is always followed by a paragraph."""
    written = []
    for part in parts:
        if isinstance(part, Table):
            written.append(_docx_table(part, language) + _docx_paragraph("", "body", language))
        else:
            written.append(_docx_paragraph(part.text, part.style, language))
    return "".join(written)


def _section(language: str, *, landscape: bool) -> str:
    """Write the properties of a section of A4 pages."""
    size = 'w:w="16838" w:h="11906" w:orient="landscape"' if landscape else 'w:w="11906" w:h="16838"'
    margins = (
        'w:top="1134" w:right="1134" w:bottom="1134" w:left="1134" w:header="567" w:footer="567" w:gutter="0"'
    )
    bidi = "<w:bidi/>" if _is_rtl(language) else ""
    footer = '<w:footerReference w:type="default" r:id="rId2"/>'
    return f"<w:sectPr>{footer}<w:pgSz {size}/><w:pgMar {margins}/>{bidi}</w:sectPr>"


def _document_xml(document: Document) -> str:
    """Write the main part: the directive upright, its annex landscape."""
    language = document.source.language
    body = _docx_parts(document.body, language)
    if document.annex:
        body += f"<w:p><w:pPr>{_section(language, landscape=False)}</w:pPr></w:p>"
        body += _docx_parts(document.annex, language) + _section(language, landscape=True)
    else:
        body += _section(language, landscape=False)
    return f'<w:document xmlns:w="{W}" xmlns:r="{R}"><w:body>{body}</w:body></w:document>'


def _styles_xml(language: str) -> str:
    """Write the default font and language."""
    font = FONT[language]
    tag = {"vi": "vi-VN", "fa": "fa-IR", "en": "en-GB"}[language]
    lang = f'<w:lang w:val="{tag}" w:bidi="{tag if _is_rtl(language) else "ar-SA"}"/>'
    fonts = f'<w:rFonts w:ascii="{font}" w:hAnsi="{font}" w:cs="{font}"/>'
    defaults = f"<w:docDefaults><w:rPrDefault><w:rPr>{fonts}{lang}</w:rPr></w:rPrDefault></w:docDefaults>"
    normal = '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>'
    return f'<w:styles xmlns:w="{W}">{defaults}{normal}</w:styles>'


def _core_xml(content: JSON) -> str:
    """Write title, issuer and day."""
    moment = f"{content['signed_on']}T00:00:00Z"
    spaces = (
        f'xmlns:cp="{PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    )
    created = f'<dcterms:created xsi:type="dcterms:W3CDTF">{moment}</dcterms:created>'
    facts = f"<dc:title>{escape(content['title'])}</dc:title><dc:creator>Mehvar</dc:creator>"
    note = f"<dc:description>{escape(content['notice'])}</dc:description><dc:language>{content['language']}</dc:language>"
    return f"<cp:coreProperties {spaces}>{facts}{note}{created}</cp:coreProperties>"


def _relationships(items: Iterable[tuple[str, str, str]]) -> str:
    """Write a relationships part."""
    inner = "".join(f'<Relationship Id="{i}" Type="{kind}" Target="{to}"/>' for i, kind, to in items)
    return f'<Relationships xmlns="{PACKAGE}/relationships">{inner}</Relationships>'


def _content_types() -> str:
    """Write the list of part types."""
    parts = {
        "/word/document.xml": f"{OFFICE}.document.main+xml",
        "/word/styles.xml": f"{OFFICE}.styles+xml",
        "/word/footer1.xml": f"{OFFICE}.footer+xml",
        "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
    }
    overrides = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in parts.items())
    rels = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    )
    return f'<Types xmlns="{PACKAGE}/content-types">{rels}<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'


def docx_parts(document: Document) -> Mapping[str, bytes]:
    """List the parts of the Word file by name, in their order."""
    content, language = document.source.content, document.source.language
    footer = _docx_paragraph(content["notice"], "center", language)
    core = f"{PACKAGE}/relationships/metadata/core-properties"
    parts = {
        "[Content_Types].xml": _content_types(),
        "_rels/.rels": _relationships(
            [("rId1", f"{R}/officeDocument", "word/document.xml"), ("rId2", core, "docProps/core.xml")]
        ),
        "word/document.xml": _document_xml(document),
        "word/_rels/document.xml.rels": _relationships(
            [("rId1", f"{R}/styles", "styles.xml"), ("rId2", f"{R}/footer", "footer1.xml")]
        ),
        "word/styles.xml": _styles_xml(language),
        "word/footer1.xml": f'<w:ftr xmlns:w="{W}">{footer}</w:ftr>',
        "docProps/core.xml": _core_xml(content),
    }
    declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    return {name: (declaration + xml).encode() for name, xml in parts.items()}


def to_docx(document: Document) -> bytes:
    """Write the Word file; every part carries the same fixed moment."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in docx_parts(document).items():
            info = zipfile.ZipInfo(name, ZIP_MOMENT)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            archive.writestr(info, content)
    return buffer.getvalue()


# -- pdf ---------------------------------------------------------------------------------------------------------

HEAD_TYPST = """#set document(title: {title}, author: "Mehvar", date: datetime(year: {y}, month: {m}, day: {d}))
#set page(paper: "a4", margin: 2cm, footer: align(center, text(size: 8pt, {notice})))
#set text(font: ("Noto Sans", "Vazirmatn"), lang: "{language}", dir: {dir}, size: 10pt)
#set par(justify: true)
"""
WRAP_TYPST = {
    "title": '#align(center, text(size: 14pt, weight: "bold", {}))\n',
    "center": "#align(center, {})\n",
    "heading": '#block(sticky: true, above: 1.4em, text(weight: "bold", {}))\n',
    "item": "#pad(x: 1em, {})\n",
    "small": "#text(size: 9pt, {})\n",
}


def _literal(words: str) -> str:
    """Write a typst string literal."""
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _typst_row(row: Row, columns: int) -> str:
    """Write a row; heads and sections are bold."""
    weight = 400 if row.kind == "task" else 700
    cells = []
    for words in row.cells:
        inner = f"text({_literal(words)}, weight: {weight})"
        cells.append(f"table.cell(colspan: {columns}, {inner})" if row.merged else inner)
    return ", ".join(cells)


def _typst_table(table: Table) -> str:
    """Write a table; the head repeats on every page."""
    columns = ", ".join(f"{width}fr" for width in table.widths)
    rows = [_typst_row(row, len(table.widths)) for row in table.rows]
    if table.layout:
        return f"#align(center, table(columns: ({columns}), stroke: none, {', '.join(rows)}))\n"
    body = [row for row, found in zip(rows, table.rows, strict=True) if found.kind != "header"]
    head = f"table.header(repeat: true, {rows[0]})"
    return f"#set text(size: 8pt)\n#set par(justify: false)\n#table(columns: ({columns}), stroke: 0.4pt, {head}, {', '.join(body)})\n"


def _typst_parts(parts: Iterable[Paragraph | Table]) -> Iterator[str]:
    """Write paragraphs and tables."""
    for part in parts:
        if isinstance(part, Table):
            yield _typst_table(part)
        else:
            yield WRAP_TYPST.get(part.style, "#par({})\n").format(_literal(part.text))


def typst_source(document: Document) -> str:
    """Write the directive as typst source."""
    content, signed = document.source.content, document.source.signed_on
    facts = {"y": signed.year, "m": signed.month, "d": signed.day, "language": content["language"]}
    facts |= {"title": _literal(content["title"]), "notice": _literal(content["notice"])}
    parts = [HEAD_TYPST.format(**facts, dir="rtl" if _is_rtl(content["language"]) else "ltr")]
    parts += _typst_parts(document.body)
    if document.annex:
        parts += ["#set page(flipped: true)\n", *_typst_parts(document.annex)]
    return "\n".join(parts)


def to_pdf(document: Document) -> bytes:
    """Write the PDF with the house's own fonts and the day of signature as its moment."""
    import typst

    moment = datetime.combine(document.source.signed_on, time.min, UTC)
    return typst.compile(
        typst_source(document).encode(),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        timestamp=int(moment.timestamp()),
    )
