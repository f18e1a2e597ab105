"""Write a directive as Akoma Ntoso 3.0 and check it against the strict schema.

Source: OASIS LegalDocML Akoma Ntoso 1.0 part 2 (schema 3.0) and the Naming Convention 1.0.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from lxml import etree

from mehvar.directives.rules import content as contents
from mehvar.directives.rules.content import DirectiveContent, MeasureContent, ProvisionContent
from mehvar.kernel import calendars, text
from mehvar.kernel.errors import InputError

if TYPE_CHECKING:
    from lxml.etree import _Element

AKN = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0"
MEHVAR = "urn:mehvar:directive:1"
SOURCE = "#mehvar"
LANGUAGES: Mapping[str, str] = {"fa": "fas", "vi": "vie", "en": "eng"}
OLDEST_YEAR = 1600

ELEMENTS: Mapping[str, str] = {
    "part": "part",
    "book": "book",
    "title": "title",
    "chapter": "chapter",
    "section": "section",
    "article": "article",
    "clause": "paragraph",
    "paragraph": "paragraph",
    "point": "point",
    "item": "point",
    "note": "proviso",
    "proviso": "proviso",
    "subpoint": "indent",
    "indent": "indent",
}

ABBREVIATIONS: Mapping[str, str] = {
    "chapter": "chp",
    "section": "sec",
    "article": "art",
    "paragraph": "para",
    "proviso": "prv",
}

ANNEX_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "fa": ("شماره", "اقدام", "دستگاه مسئول", "دستگاه همکار", "خروجی", "پیامد برای مردم", "مهلت"),
    "vi": ("TT", "Nhiệm vụ", "Chủ trì", "Phối hợp", "Kết quả", "Tác động đối với người dân", "Thời hạn"),
    "en": ("No.", "Measure", "Lead", "Coordinating", "Deliverable", "Outcome for people", "Due"),
}
ANNEX_TITLE: Mapping[str, str] = {
    "fa": "پیوست: فهرست اقدام‌ها",
    "vi": "Phụ lục: Danh mục nhiệm vụ",
    "en": "Annex: measures",
}


@dataclass(frozen=True, slots=True)
class Naming:
    """Hold the identity of a promulgated document, from which its URIs follow.

    ``country`` is an ISO 3166 code or a jurisdiction such as ``ir-02``; ``dated_on`` is Gregorian.
    """

    country: str
    subtype: str
    author: str
    dated_on: date
    number: str
    language: str

    @property
    def work(self) -> str:
        """Return the work's URI, such as ``/akn/vn/act/directive/btttt/2020-01-13/01``."""
        parts = (
            "",
            "akn",
            self.country,
            "act",
            self.subtype,
            self.author,
            self.dated_on.isoformat(),
            self.slug,
        )
        return "/".join(parts)

    @property
    def expression(self) -> str:
        """Return the expression's URI: the work in one language as of its date."""
        return f"{self.work}/{self.language}@{self.dated_on.isoformat()}"

    @property
    def slug(self) -> str:
        """Return the number as the URI carries it: ASCII, small letters, hyphens."""
        return ascii_slug(self.number) or "nn"


def ascii_slug(words: str) -> str:
    """Fold words to the ASCII letters, digits and hyphens that URIs and eIds may carry."""
    folded = text.fold_for_search(words)
    return re.sub(r"[^a-z0-9]+", "-", folded).strip("-")


def naming_of(content: DirectiveContent, *, number: str, dated_on: date) -> Naming:
    """Derive the document's identity from its content.

    Raises:
        InputError: The date looks like a Jalali year taken for a Gregorian one.
    """
    if dated_on.year < OLDEST_YEAR:
        raise InputError(
            "The date {date} is not Gregorian.", code="date-not-gregorian", date=dated_on.isoformat()
        )
    head = content["directive"]
    issuer = head["issuer"]["code"].split(".", 1)[-1]
    return Naming(
        country=head["pack"],
        subtype=ascii_slug(head["kind"]) or "directive",
        author=ascii_slug(issuer) or "ministry",
        dated_on=dated_on,
        number=number,
        language=LANGUAGES[head["language"]],
    )


def write_akn(content: DirectiveContent, naming: Naming) -> bytes:
    """Write the directive as one XML document in UTF-8, valid against the strict schema.

    Raises:
        InputError: The document would not be valid; the message carries the schema's first complaint.
    """
    root = _element("akomaNtoso", nsmap={None: AKN, "mehvar": MEHVAR})
    act = _sub(root, "act", name=naming.subtype, contains="originalVersion")
    _write_meta(act, content, naming)
    _write_preface(act, content, naming)
    _write_preamble(act, content)
    _write_body(act, content)
    _write_conclusions(act, content, naming)
    _write_annex(act, content, naming)
    document = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    if complaints := schema_complaints(document):
        raise InputError(
            "The document is not valid Akoma Ntoso: {complaint}", code="akn-invalid", complaint=complaints[0]
        )
    return document


@cache
def _schema() -> etree.XMLSchema:
    folder = resources.files("mehvar.directives.publication") / "schema"
    with resources.as_file(folder) as path:
        parser = etree.XMLParser(no_network=True, resolve_entities=False)
        return etree.XMLSchema(etree.parse(str(path / "akomantoso30.xsd"), parser))


def schema_complaints(document: bytes) -> list[str]:
    """Return what the strict Akoma Ntoso 3.0 schema says against a document; empty when it is valid."""
    schema = _schema()
    parser = etree.XMLParser(no_network=True, resolve_entities=False)
    if schema.validate(etree.fromstring(document, parser)):
        return []
    return [f"line {entry.line}: {entry.message}" for entry in schema.error_log]  # type: ignore[attr-defined]


def _element(tag: str, /, nsmap: Mapping[str | None, str]) -> "_Element":
    return etree.Element(f"{{{AKN}}}{tag}", nsmap=dict(nsmap))  # type: ignore[arg-type]


def _sub(parent: "_Element", tag: str, words: str | None = None, /, **attributes: str) -> "_Element":
    clean = {("as" if key == "as_" else key): printable(value) for key, value in attributes.items()}
    child = etree.SubElement(parent, f"{{{AKN}}}{tag}", clean)
    if words is not None:
        child.text = printable(words)
    return child


def printable(words: str) -> str:
    """Drop the control characters that XML 1.0 cannot carry."""
    return re.sub(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", words)


def _write_meta(act: "_Element", content: DirectiveContent, naming: Naming) -> None:
    meta = _sub(act, "meta")
    _write_identification(meta, naming, component="main", title=content["directive"]["title"])
    _sub(
        meta,
        "publication",
        date=naming.dated_on.isoformat(),
        name="mehvar",
        showAs="Mehvar",
        number=naming.number,
    )
    lifecycle = _sub(meta, "lifecycle", source=SOURCE)
    _sub(
        lifecycle,
        "eventRef",
        eId="event_1",
        date=naming.dated_on.isoformat(),
        type="generation",
        source="#original",
    )
    _write_references(meta, content, naming)
    _write_proprietary(meta, content)


def _write_identification(meta: "_Element", naming: Naming, *, component: str, title: str) -> None:
    day = naming.dated_on.isoformat()
    identification = _sub(meta, "identification", source=SOURCE)
    work = _sub(identification, "FRBRWork")
    _sub(work, "FRBRthis", value=f"{naming.work}/!{component}")
    _sub(work, "FRBRuri", value=naming.work)
    _sub(work, "FRBRalias", value=title, name="title")
    _sub(work, "FRBRdate", date=day, name="promulgation")
    _sub(work, "FRBRauthor", href="#issuer", as_="#author")
    _sub(work, "FRBRcountry", value=naming.country)
    _sub(work, "FRBRsubtype", value=naming.subtype)
    _sub(work, "FRBRnumber", value=naming.slug)
    expression = _sub(identification, "FRBRExpression")
    _sub(expression, "FRBRthis", value=f"{naming.expression}/!{component}")
    _sub(expression, "FRBRuri", value=naming.expression)
    _sub(expression, "FRBRdate", date=day, name="promulgation")
    _sub(expression, "FRBRauthor", href="#issuer", as_="#author")
    _sub(expression, "FRBRlanguage", language=naming.language)
    manifestation = _sub(identification, "FRBRManifestation")
    _sub(manifestation, "FRBRthis", value=f"{naming.expression}/!{component}.xml")
    _sub(manifestation, "FRBRuri", value=f"{naming.expression}.akn")
    _sub(manifestation, "FRBRdate", date=day, name="markup")
    _sub(manifestation, "FRBRauthor", href=SOURCE, as_="#editor")


def _write_references(meta: "_Element", content: DirectiveContent, naming: Naming) -> None:
    issuer = content["directive"]["issuer"]
    references = _sub(meta, "references", source=SOURCE)
    _sub(references, "original", eId="original", href=naming.work, showAs=content["directive"]["title"])
    codes = {issuer["code"]: issuer["name"]}
    for measure in content["measures"]:
        for role in contents.ROLES:
            codes.update(
                {body["code"]: body["name"] for body in contents.bodies_in(measure, role) if body["code"]}
            )
    _sub(references, "TLCOrganization", eId="issuer", href=_ontology(issuer["code"]), showAs=issuer["name"])
    for position, (code, name) in enumerate(sorted(codes.items()), start=1):
        _sub(
            references,
            "TLCOrganization",
            eId=f"org_{position}",
            href=_ontology(code),
            showAs=name or code,
        )
    _sub(references, "TLCOrganization", eId="mehvar", href="/ontology/organization/mehvar", showAs="Mehvar")
    _sub(references, "TLCRole", eId="author", href="/ontology/role/author", showAs="Author")
    _sub(references, "TLCRole", eId="editor", href="/ontology/role/editor", showAs="Editor")


def _ontology(code: str) -> str:
    kind = "group" if code.startswith("@") else "organization"
    return f"/ontology/{kind}/{eid_part(code)}"


def eid_part(code: str) -> str:
    """Write a code so that an eId may carry it."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", code).strip("-") or "x"


def _write_proprietary(meta: "_Element", content: DirectiveContent) -> None:
    proprietary = _sub(meta, "proprietary", source=SOURCE)
    for measure in content["measures"]:
        node = etree.SubElement(
            proprietary, f"{{{MEHVAR}}}measure", id=measure["id"], number=measure["number"]
        )
        node.set("priority", measure["priority"])
        due = measure["due"]
        facts = {
            "kind": due["kind"],
            "calendar": due["calendar"],
            "duration": due["duration"],
            "anchor": due["anchor"],
        }
        dates = {"start": due["start"] or "", "end": due["end"] or "", "firstEnd": due["first_end"] or ""}
        etree.SubElement(
            node, f"{{{MEHVAR}}}due", {key: word for key, word in {**facts, **dates}.items() if word}
        )
        for role in contents.ROLES:
            for body in contents.bodies_in(measure, role):
                child = etree.SubElement(node, f"{{{MEHVAR}}}assignment", role=role.value, kind=body["kind"])
                child.set("code", body["code"])
                child.set("name", printable(body["name"]))


def _write_preface(act: "_Element", content: DirectiveContent, naming: Naming) -> None:
    head = content["directive"]
    preface = _sub(act, "preface")
    paragraph = _sub(preface, "p")
    _sub(paragraph, "docAuthority", head["issuer"]["name"])
    paragraph = _sub(preface, "p")
    _sub(paragraph, "docNumber", naming.number)
    _sub(paragraph, "docDate", _written_date(content, naming), date=naming.dated_on.isoformat())
    paragraph = _sub(preface, "p")
    _sub(paragraph, "docTitle", head["title"])


def _write_preamble(act: "_Element", content: DirectiveContent) -> None:
    head = content["directive"]
    words = [head["goal"], head["motto"], head["role_statement"], *head["legal_basis"].splitlines()]
    recitals = [line for line in words if line.strip()]
    if not recitals and not content["citations"]:
        return
    preamble = _sub(act, "preamble")
    if recitals:
        block = _sub(preamble, "recitals", eId="recs_1")
        for position, line in enumerate(recitals, start=1):
            _sub(_sub(block, "recital", eId=f"recs_1__rec_{position}"), "p", line)
    if content["citations"]:
        block = _sub(preamble, "citations", eId="cits_1")
        for position, citation in enumerate(content["citations"], start=1):
            _sub(_sub(block, "citation", eId=f"cits_1__cit_{position}"), "p", citation["raw"])


def _write_body(act: "_Element", content: DirectiveContent) -> None:
    body = _sub(act, "body")
    children: dict[str | None, list[ProvisionContent]] = {}
    known = {provision["id"] for provision in content["provisions"]}
    for provision in content["provisions"]:
        parent = provision["parent"] if provision["parent"] in known else None
        children.setdefault(parent, []).append(provision)
    roots = children.get(None, [])
    if not roots:
        section = _sub(body, "section", eId="sec_1")
        _sub(section, "heading", ANNEX_TITLE[content["directive"]["language"]])
        _sub(_sub(section, "content"), "p", content["directive"]["title"])
    _write_provisions(body, roots, children, prefix="")


def _write_provisions(
    parent: "_Element",
    provisions: Sequence[ProvisionContent],
    children: Mapping[str | None, Sequence[ProvisionContent]],
    *,
    prefix: str,
) -> None:
    for position, provision in enumerate(provisions, start=1):
        name = ELEMENTS.get(provision["kind"], "hcontainer")
        label = ascii_slug(provision["number"]) or f"n{position}"
        eid = f"{prefix}{ABBREVIATIONS.get(name, name)}_{label}-{position}"
        attributes = {"eId": eid} | ({"name": provision["kind"] or "clause"} if name == "hcontainer" else {})
        node = _sub(parent, name, **attributes)
        if provision["number"]:
            _sub(node, "num", provision["number"])
        if provision["heading"]:
            _sub(node, "heading", provision["heading"])
        below = children.get(provision["id"], ())
        _write_text(_sub(node, "intro" if below else "content"), provision["text"].splitlines())
        _write_provisions(node, below, children, prefix=f"{eid}__")


def _write_text(parent: "_Element", lines: Iterable[str]) -> None:
    written = [line for line in lines if line.strip()] or [""]
    for line in written:
        _sub(parent, "p", line)


def _write_conclusions(act: "_Element", content: DirectiveContent, naming: Naming) -> None:
    conclusions = _sub(act, "conclusions")
    paragraph = _sub(conclusions, "p")
    signature = _sub(paragraph, "signature")
    _sub(signature, "organization", content["directive"]["issuer"]["name"], refersTo="#issuer")
    paragraph = _sub(conclusions, "p")
    _sub(paragraph, "date", _written_date(content, naming), date=naming.dated_on.isoformat())


def _written_date(content: DirectiveContent, naming: Naming) -> str:
    """Write the date as the document's readers do; the attribute beside it is Gregorian."""
    head = content["directive"]
    return calendars.format_date(naming.dated_on, calendars.Calendar(head["calendar"]), head["language"])


def _write_annex(act: "_Element", content: DirectiveContent, naming: Naming) -> None:
    if not content["measures"]:
        return
    language = content["directive"]["language"]
    attachment = _sub(_sub(act, "attachments"), "attachment", eId="att_1")
    _sub(attachment, "heading", ANNEX_TITLE[language])
    document = _sub(attachment, "doc", name="annex")
    _write_identification(_sub(document, "meta"), naming, component="annex_1", title=ANNEX_TITLE[language])
    main = _sub(document, "mainBody")
    for position, (field, measures) in enumerate(contents.measures_by_field(content), start=1):
        if measures:
            _write_field(main, field or "", measures, eid=f"hcontainer_{position}", language=language)


def _write_field(
    main: "_Element", field: str, measures: Sequence[MeasureContent], *, eid: str, language: str
) -> None:
    container = _sub(main, "hcontainer", eId=eid, name="field")
    if field:
        _sub(container, "heading", field)
    table = _sub(_sub(container, "content"), "table", eId=f"{eid}__table_1")
    row = _sub(table, "tr")
    for heading in ANNEX_HEADINGS[language]:
        _sub(_sub(row, "th"), "p", heading)
    for measure in measures:
        row = _sub(table, "tr")
        for cell in measure_cells(measure):
            _sub(_sub(row, "td"), "p", cell)


def measure_cells(measure: MeasureContent) -> tuple[str, ...]:
    """Return a measure as the cells of the annex: number, text, lead, coordinating, deliverable, outcome, due."""
    return (
        measure["number"],
        measure["text"],
        contents.names_in(measure, "lead"),
        contents.names_in(measure, "coordinating"),
        measure["deliverable"],
        measure["outcome_indicator"],
        measure["due"]["raw"] or measure["due"]["end"] or "",
    )
