"""Each sample directive, as it was read from its document, becomes valid Akoma Ntoso and a PDF that carries it."""

from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from mehvar.accounts.data import Role
from mehvar.directives.actions import imports
from mehvar.directives.publication import akn, document
from mehvar.directives.queries import promulgation as queries
from mehvar.directives.rules import readable
from mehvar.directives.rules.content import hash_of
from mehvar.organisations import queries as organisations
from mehvar.organisations.actions import packs
from tests.factories.organisations import make_user

SAMPLES = Path(document.__file__).parents[1] / "samples"
DAY = date(2020, 4, 14)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "pack", "issuer", "number", "work"),
    [
        (
            "vn-2020-orientation", "vn", "vn.mic", "01/CT-BTTTT",
            "/akn/vn/act/directive/mic/2020-04-14/01-ct-btttt",
        ),
        (
            "fa-1399-production-leap", "ir", "ir.mict", "1399/001",
            "/akn/ir/act/directive/mict/2020-04-14/1399-001",
        ),
        ("en-open-data", "ir", "ir.mict", "1399/002", "/akn/ir/act/directive/mict/2020-04-14/1399-002"),
    ],
)  # fmt: skip
def test_the_sample_becomes_valid_akoma_ntoso(
    name: str, pack: str, issuer: str, number: str, work: str
) -> None:
    packs.load_pack(None, pack, ministry=issuer)
    body = organisations.organisation(issuer)
    imported = imports.import_document(
        make_user(Role.PLANNING_OFFICER, body),
        data=(SAMPLES / f"{name}.docx").read_bytes(),
        filename=f"{name}.docx",
        pack=pack,
        issuer_id=body.pk,
        background=False,
    )
    assert imported.directive is not None
    content = queries.dated_content(imported.directive.pk, number=number, day=DAY)
    naming = akn.naming_of(content, number=number, dated_on=DAY)
    assert naming.work == work
    xml = akn.write_akn(content, naming)
    assert akn.schema_complaints(xml) == []
    root = etree.fromstring(xml)
    spaces = {"a": akn.AKN, "m": akn.MEHVAR}
    assert len(root.xpath("//m:measure", namespaces=spaces)) == len(content["measures"])
    eids = root.xpath("//@eId")
    assert len(eids) == len(set(eids))
    assert all(eid.isascii() for eid in eids)
    pdf = document.directive_pdf(
        content, xml=xml, content_hash=hash_of(content), public_url="http://x.example/d/1"
    )
    assert pdf.startswith(b"%PDF")
    assert b"directive.akn.xml" in pdf
    shown = sum(len(part.measures) for part in readable.parts_of(content))
    assert shown == len(content["measures"])
    preview = queries.preview_of(imported.directive, DAY)
    assert preview.bodies > 5
