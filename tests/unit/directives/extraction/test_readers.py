import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import documents
from mehvar.directives.extraction import Limits, Role, extract, extract_isolated
from mehvar.directives.extraction.readers import read_document
from mehvar.kernel.errors import InputError, LimitExceeded, MehvarError
from mehvar.organisations.rules.matching import BodyRegister


def archive(**parts: bytes) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name.replace("__", "/").replace("_xml", ".xml").replace("_bin", ".bin"), content)
    return output.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.md", "empty-file"),
        (b"hello there", "a.docx", "wrong-extension"),
        (b"PK\x03\x04 broken", "a.docx", "broken-file"),
        (b"%PDF-1.7 broken", "a.pdf", "broken-file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.docx", "encrypted"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.doc", "old-format"),
        (b"x", "a.docm", "macro"),
        (b"x", "a.xyz", "unknown-extension"),
        (bytes(range(256)) * 20, "a.txt", "unknown-format"),
        (b"<?xml version='1.0'?><other/>", "a.xml", "unknown-xml"),
        (archive(word__document_xml=b"<a/>", word__vbaProject_bin=b"x"), "a.docx", "macro"),
        (archive(other_xml=b"<a/>"), "a.docx", "wrong-extension"),
        (archive(word__document_xml=b"<a>" + b" " * 90_000_000 + b"</a>"), "a.docx", "zip-bomb"),
    ],
)
def test_bad_files_get_one_clear_message(data: bytes, name: str, code: str) -> None:
    with pytest.raises(MehvarError) as caught:
        read_document(data, name)
    assert caught.value.code == code
    assert "\n" not in str(caught.value)


def test_entities_are_not_resolved() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]><akomaNtoso><p>&a;&b;</p></akomaNtoso>'
    with pytest.raises(InputError):
        read_document(bomb, "a.xml")


def test_a_scan_names_the_extra_that_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import typst

    monkeypatch.setattr("shutil.which", lambda _name: None)
    blank = typst.compile(b"#rect(width: 5cm, height: 5cm)")
    with pytest.raises(InputError, match=r"\[ocr\]") as caught:
        read_document(blank, "scan.pdf")
    assert caught.value.code == "scan"


def test_an_encrypted_pdf_is_refused() -> None:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.pdf_utils.writer import copy_into_new_writer

    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(WHOLE["pdf"])))
    writer.encrypt(owner_pass="secret", user_pass="secret")
    locked = io.BytesIO()
    writer.write(locked)
    with pytest.raises(InputError) as caught:
        read_document(locked.getvalue(), "a.pdf")
    assert caught.value.code == "encrypted"


def test_too_many_rows_are_refused() -> None:
    row = "| 1 | Xây dựng kế hoạch | Bộ Nội vụ | | | 2025 |\n"
    with pytest.raises(LimitExceeded) as caught:
        read_document((row * 10_000).encode(), "a.md")
    assert caught.value.code == "row-limit"


def test_an_unknown_language_is_refused(vn: BodyRegister) -> None:
    with pytest.raises(InputError) as caught:
        extract("Просто русский текст, без задач.".encode(), "a.txt", register=vn)
    assert caught.value.code == "unknown-language"


def test_a_document_without_tasks_says_so(vn: BodyRegister) -> None:
    found = extract("Đây là một đoạn văn bản bình thường.".encode(), "a.txt", register=vn)
    assert [flag.code for flag in found.flags] == ["no-measures"]


@pytest.mark.parametrize(
    "layout", ["national", "two_rows", "fields", "persian", "english", "headed", "minutes"]
)
def test_every_format_gives_the_same_measures(layout: str, vn: BodyRegister, ir: BodyRegister) -> None:
    document = documents.written(11, layout, tasks=8)
    register = vn if document.pack == "vn" else ir
    told = set()
    for form in documents.FORMATS:
        found = extract(documents.rendered(document, form), f"drawn.{form}", register=register)
        told.add(
            tuple(
                (
                    m.section,
                    m.number,
                    tuple(sorted(m.names(Role.LEAD))),
                    tuple(sorted(m.names(Role.COORDINATING))),
                    m.due.kind,
                    m.due.end,
                )
                for m in found.measures
            )
        )
    assert len(told) == 1
    assert len(next(iter(told))) == len(document.expected)


def test_automatic_numbers_of_word_are_counted(vn: BodyRegister) -> None:
    import docx

    file = docx.Document()
    for text in (
        "Bộ Nội vụ có trách nhiệm ban hành bộ chỉ số trước ngày 30/6/2025.",
        "Bộ Y tế có trách nhiệm xây dựng hồ sơ sức khỏe trong quý II năm 2025.",
    ):
        file.add_paragraph(text, style="List Number")
    output = io.BytesIO()
    file.save(output)
    found = extract(output.getvalue(), "a.docx", register=vn)
    assert [m.number for m in found.measures] == ["1", "2"]


def test_akoma_ntoso_keeps_numbers_and_tables(vn: BodyRegister) -> None:
    found = extract(
        """<akomaNtoso xmlns="http://docs.oasis-open.org/legaldocml/ns/akn/3.0"><act><body><section><num>I</num><heading>Nhiệm vụ</heading>
        <paragraph><num>1.</num><content><p>Bộ Nội vụ có trách nhiệm ban hành bộ chỉ số trước ngày 30/6/2025.</p></content></paragraph></section></body></act></akomaNtoso>""".encode(),
        "a.xml",
        register=vn,
    )
    (only,) = found.measures
    assert (only.section, only.number, only.names(Role.LEAD)) == ("I", "1", ["Bộ Nội vụ"])


def test_the_isolated_reader_gives_the_same_and_carries_errors(vn: BodyRegister) -> None:
    document = documents.written(3, "national", tasks=8)
    data = documents.rendered(document, "docx")
    assert extract_isolated(data, "a.docx", register=vn) == extract(data, "a.docx", register=vn)
    with pytest.raises(InputError) as caught:
        extract_isolated(b"PK\x03\x04 broken", "a.docx", register=vn)
    assert caught.value.code == "broken-file"


def test_the_isolated_reader_is_stopped_in_time(vn: BodyRegister) -> None:
    document = documents.written(3, "national", tasks=8)
    with pytest.raises(LimitExceeded):
        extract_isolated(
            documents.rendered(document, "docx"),
            "a.docx",
            register=vn,
            limits=Limits(memory_bytes=20_000_000),
        )


DOCUMENT = documents.written(5, "national", tasks=4)
WHOLE = {form: documents.rendered(DOCUMENT, form) for form in ("docx", "pdf", "html")}


@settings(max_examples=40, deadline=None)
@given(form=st.sampled_from(sorted(WHOLE)), cut=st.floats(0.01, 0.99), noise=st.binary(max_size=40))
def test_damaged_files_never_end_in_a_traceback(form: str, cut: float, noise: bytes) -> None:
    data = WHOLE[form]
    at = int(len(data) * cut)
    for damaged in (data[:at], data[:at] + noise + data[at:]):
        with suppress(MehvarError):
            read_document(damaged, f"a.{form}")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    with suppress(MehvarError):
        read_document(text.encode("utf-8", "ignore"), "a.md")
