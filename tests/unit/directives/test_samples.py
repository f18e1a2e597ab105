"""The sample directives are real, true to their sources, and rebuilt byte for byte."""

import csv
import importlib.util
import io
import json
import re
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import docx
import pypdfium2
import pytest
from rapidfuzz import fuzz

from mehvar.kernel import text

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = ROOT / "src/mehvar/directives/samples"
VN, FA, EN = "vn-2020-orientation", "fa-1399-production-leap", "en-open-data"
DECLARED = {
    "post": 8, "telecom": 40, "it": 16, "security": 39, "industry": 20, "press": 31, "general": 39, "policy": 12,
    "inspection": 8,
}  # fmt: skip


@pytest.fixture(scope="module")
def builder() -> Iterator[ModuleType]:
    path = ROOT / "scripts/build_samples.py"
    spec = importlib.util.spec_from_file_location("build_samples", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    spec.loader.exec_module(module)
    yield module
    sys.path[:] = before


@pytest.fixture(scope="module")
def rebuilt(builder: ModuleType) -> dict[str, bytes]:
    return dict(builder.all_files())


def rows(slug: str) -> list[dict[str, str]]:
    with (SAMPLES / "source" / slug / "tasks.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def content(slug: str) -> Any:
    return json.loads((SAMPLES / "source" / slug / "directive.json").read_text(encoding="utf-8"))


def gold(slug: str) -> Any:
    return json.loads((SAMPLES / f"{slug}.gold.json").read_text(encoding="utf-8"))


def demo() -> Any:
    return json.loads((SAMPLES / "demo.json").read_text(encoding="utf-8"))


def phrases(language: str) -> dict[str, str]:
    with (SAMPLES / "source/groups.csv").open(encoding="utf-8", newline="") as stream:
        return {row["codes"]: row["phrase"] for row in csv.DictReader(stream) if row["language"] == language}


def measures(blocks: list[Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Give each prose measure with the text it stands in, headings above included."""
    for block in blocks:
        here = f"{above} {block['text']}"
        if "measure" in block:
            yield here, block["measure"]
        yield from measures(block.get("children", []), here)


def parts(content_: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content_)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pdf_text(content_: bytes) -> str:
    document = pypdfium2.PdfDocument(content_)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def test_committed_files_are_those_of_the_sources(rebuilt: dict[str, bytes]) -> None:
    for name, fresh in rebuilt.items():
        committed = (SAMPLES / name).read_bytes()
        if name.endswith(".docx"):  # other builds of zlib pack the same parts differently
            assert parts(committed) == parts(fresh), name
        elif name.endswith(".pdf"):
            assert pdf_text(committed) == pdf_text(fresh), name
        else:
            assert committed == fresh, name


def test_building_twice_gives_identical_bytes(builder: ModuleType, rebuilt: dict[str, bytes]) -> None:
    assert dict(builder.all_files()) == rebuilt


def test_the_nine_fields_hold_the_counts_they_declare() -> None:
    assert Counter(row["field"] for row in rows(VN)) == DECLARED
    assert {part["code"]: part["declared"] for part in content(VN)["fields"]} == DECLARED
    written = json.dumps(content(VN)["blocks"], ensure_ascii=False)
    assert [int(count) for count in re.findall(r"\((\d+) nhiệm vụ\)", written)] == list(DECLARED.values())


@pytest.mark.parametrize("slug", [VN, FA])
def test_no_two_tasks_say_the_same(slug: str) -> None:
    tasks = [text.fold_for_search(row["task"]) for row in rows(slug)]
    alike = [(a, b) for i, a in enumerate(tasks) for b in tasks[i + 1 :] if fuzz.token_sort_ratio(a, b) > 85]
    assert alike == []


@pytest.mark.parametrize("slug", [VN, FA])
def test_every_task_names_lead_deliverable_due_and_outcome(slug: str) -> None:
    for row in rows(slug):
        assert all(row[column].strip() for column in ("task", "lead", "deliverable", "due", "outcome")), row
        both = set(row["lead"].split("; ")) & set(row["coordinating"].split("; "))
        assert not both, row


def test_deadlines_are_as_varied_as_in_a_real_annex() -> None:
    kinds = Counter(task["deadline_kind"] for task in gold(VN)["tasks"])
    wanted = {"day", "month", "quarter", "half", "year", "range", "recurring", "recurring_monthly"}
    assert wanted | {"recurring_quarterly", "recurring_yearly"} <= set(kinds)
    assert any(task["deadline_raw"].startswith("Trước ngày") for task in gold(VN)["tasks"])
    assert Counter(task["deadline_kind"] for task in gold(FA)["tasks"])["relative"] >= 15


@pytest.mark.parametrize(("slug", "least"), [(VN, 15), (FA, 60), (EN, 12)])
def test_prose_names_every_body_and_deadline_of_its_measures(slug: str, least: int) -> None:
    source = content(slug)
    known = phrases(source["language"])
    found = list(measures(source["blocks"]))
    assert len(found) >= least
    for words, measure in found:
        assert measure.get("due_raw", "") in words
        for body in [*measure["lead"], *measure.get("coordinating", []), *measure.get("overseeing", [])]:
            assert known.get(body, body) in words, body


@pytest.mark.parametrize(
    ("raw", "kind", "start", "end"),
    [
        ("ظرف مدت شش ماه", "relative", None, "2020-10-16"),
        ("ظرف پانزده روز", "relative", None, "2020-04-28"),
        ("تا پایان شهریور ۱۳۹۹", "month", "2020-08-22", "2020-09-21"),
        ("تا پایان اسفند ۱۳۹۹", "month", "2021-02-19", "2021-03-20"),
        ("تا پایان سال ۱۳۹۹", "year", "2020-03-20", "2021-03-20"),
        ("تا تاریخ ۱۳۹۹/۰۴/۱۵", "day", None, "2020-07-05"),
        ("هر سه ماه یک‌بار", "recurring_quarterly", None, None),
    ],
)
def test_persian_deadlines_fall_on_the_right_gregorian_days(
    raw: str, kind: str, start: str, end: str
) -> None:
    found = [task for task in gold(FA)["tasks"] if task["deadline_raw"] == raw]
    assert found
    for task in found:
        assert (task["deadline_kind"], task["deadline_start"], task["deadline"]) == (kind, start, end)


@pytest.mark.parametrize(
    ("raw", "kind", "end"),
    [
        ("Quý II/2020", "quarter", "2020-06-30"),
        ("Tháng 9/2020", "month", "2020-09-30"),
        ("Trước ngày 30/9/2020", "day", "2020-09-30"),
        ("2020 - 2021", "range", "2021-12-31"),
        ("6 tháng đầu năm 2020", "half", "2020-06-30"),
        ("Thường xuyên", "recurring", None),
        ("Hàng quý", "recurring_quarterly", None),
    ],
)
def test_vietnamese_deadlines_end_on_the_right_day(raw: str, kind: str, end: str | None) -> None:
    found = {(t["deadline_kind"], t["deadline"]) for t in gold(VN)["tasks"] if t["deadline_raw"] == raw}
    assert found == {(kind, end)}


@pytest.mark.parametrize("slug", [FA, EN])
def test_a_deadline_that_runs_from_each_request_has_no_single_day(slug: str) -> None:
    (found,) = [task for task in gold(slug)["tasks"] if task["anchor"] == "request"]
    assert (found["deadline_kind"], found["duration"], found["deadline"]) == ("relative", "P10D", None)


def test_the_annex_of_the_word_file_bears_the_scars_of_real_ones() -> None:
    document = docx.Document(str(SAMPLES / f"{VN}.docx"))
    annex = next(table for table in document.tables if len(table.rows) > 100)
    texts = [[cell.text for cell in row.cells] for row in annex.rows]
    assert sum(cells[0] == "TT" for cells in texts) == 3
    assert [len(set(cells)) for cells in texts].count(1) == 1
    assert sum(cells[0].isdigit() for cells in texts) == 213
    leads = [cells[2] for cells in texts if cells[0].isdigit()]
    assert sum("," in lead or ";" in lead for lead in leads) >= 10
    assert any(lead.startswith("Các cơ quan, đơn vị thuộc Bộ") for lead in leads)
    assert any("Sở Thông tin và Truyền thông các tỉnh" in lead for lead in leads)


def test_persian_word_file_runs_from_right_to_left() -> None:
    xml = parts((SAMPLES / f"{FA}.docx").read_bytes())["word/document.xml"].decode()
    paragraphs = xml.count("<w:pPr>") - xml.count("<w:pPr><w:sectPr>")
    assert xml.count("<w:bidi/>") >= paragraphs
    assert xml.count("<w:bidiVisual/>") == xml.count("<w:tbl>") == 1
    assert "<w:rtl/>" in xml


def without_joins(words: str) -> str:
    """Drop spaces, and the order of lam and alef: pdfium turns round the two letters of one joined glyph."""
    return re.sub(r"\s+", "", text.fold_for_search(words)).replace("لا", "ال")


@pytest.mark.parametrize("slug", [VN, FA])
def test_pdf_has_a_text_layer_that_holds_title_and_tasks(slug: str) -> None:
    layer = without_joins(pdf_text((SAMPLES / f"{slug}.pdf").read_bytes()))
    assert without_joins(content(slug)["subtitle"]) in layer
    found = sum(without_joins(row["task"])[:30] in layer for row in rows(slug))
    assert found >= 0.9 * len(rows(slug))


def test_persian_is_written_as_an_official_writes_it() -> None:
    words = (SAMPLES / "source" / FA / "directive.json").read_text(encoding="utf-8")
    words += (SAMPLES / "source" / FA / "tasks.csv").read_text(encoding="utf-8")
    words += (SAMPLES / "source/demo.json").read_text(encoding="utf-8")
    assert not re.findall("[يكة\u0660-\u0669]", words)
    assert not re.findall(r"[آ-ی] (?:های|ها|هایی)\b", words)
    assert not re.findall(r"\b(?:می|نمی) [آ-ی]", words)
    assert "\u200c\u200c" not in words
    assert not re.findall("\u200c[\\s.،؛:)»]", words)


def test_demo_speaks_of_every_measure_once() -> None:
    for slug in (VN, FA, EN):
        told = [(m["part"], m["section"], str(m["no"])) for m in demo()["measures"][slug]]
        assert len(set(told)) == len(told)
        assert told == [(t["part"], t["section"], str(t["no"])) for t in gold(slug)["tasks"]]
        assert all(len(m["outcome"]) > 20 for m in demo()["measures"][slug])
    priorities = Counter(m["priority"] for m in demo()["measures"][FA])
    assert priorities["normal"] > priorities["high"] > 0
    assert any(m["special_project"] for m in demo()["measures"][FA])


def test_alignment_leaves_two_goals_uncovered() -> None:
    keys = {m["key"] for m in demo()["measures"][FA] if m["part"] == "body"}
    goals = demo()["outside_plan"]["goals"]
    assert len(goals) == 10
    assert sum(not goal["measures"] for goal in goals) == 2
    assert {key for goal in goals for key in goal["measures"]} <= keys


def test_every_proposal_is_answered_with_a_reason() -> None:
    opinions = demo()["consultation"]["opinions"]
    keys = {m["key"] for m in demo()["measures"][FA]}
    assert len(opinions) == 12
    assert {opinion["answer"] for opinion in opinions} >= {"accepted", "partly", "refused"}
    for opinion in opinions:
        assert opinion["reason"]
        assert opinion["target"] != "measure" or opinion["measure"] in keys


def test_council_agenda_stands_on_duties_and_resolutions_have_owner_and_due() -> None:
    session = demo()["council_session"]
    duties = {duty["code"] for duty in demo()["legal_duties"]}
    assert len(duties) == 8
    assert {item["duty"] for item in session["agenda"] if item["kind"] == "duty"} <= duties
    items = {item["number"] for item in session["agenda"]}
    assert len(session["resolutions"]) == 5
    assert all(
        r["owner"] and r["due"] > session["held_on"] and r["item"] in items for r in session["resolutions"]
    )
    assert sum(member["present"] for member in session["attendance"]) >= session["quorum"]
