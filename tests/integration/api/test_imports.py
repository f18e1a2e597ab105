"""Programs hand documents in, follow the reading, and review what was found."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from mehvar.accounts.data import Role
from mehvar.directives import extraction as reader
from mehvar.directives.models import ImportDocument, Measure
from mehvar.ledger.models import Entry
from tests.factories import directives as make
from tests.factories.organisations import SmallMinistry, make_organisation, make_user
from tests.factories.programs import Program, answered, problem

pytestmark = pytest.mark.django_db

Take = Callable[..., Any]


@pytest.fixture(autouse=True)
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Let the reader find three tasks in any document."""
    found: list[Any] = [
        make.extraction(make.found_measure("1"), make.doubtful_measure("2"), make.found_measure("4"))
    ]
    monkeypatch.setattr(reader, "extract_isolated", lambda *_args, **_options: found[0], raising=False)
    return found


@pytest.fixture
def planner(house: SmallMinistry) -> Program:
    return Program(house.people[Role.PLANNING_OFFICER])


def take(program: Program, data: bytes = b"a document", name: str = "a.docx", **fields: str) -> Any:
    file = SimpleUploadedFile(name, data)
    return program.upload("/imports", **{"issuer": "xx.min", **fields}, file=file)


def test_a_document_is_taken_in_reviewed_and_finished(house: SmallMinistry, planner: Program) -> None:
    made = answered(take(planner), 201)
    assert (made["state"], made["filename"], made["issuer"]) == ("review", "a.docx", "xx.min")
    address = f"/imports/{made['id']}"
    findings = answered(planner.get(f"{address}/findings"))
    assert (findings["rows"], findings["left"], findings["without_doubts"]) == (3, 3, 2)
    assert [(row["declared"], row["found"]) for row in findings["counts"]] == [(3, 3)]
    assert findings["gaps"][0]["missing"] == ["3"]

    rows = answered(planner.get(f"{address}/rows"))
    worst = rows[0]
    assert (worst["number"], worst["open_flags"], worst["flags"][0]["settled"]) == ("2", 1, False)
    assert "Ofice of X" in worst["flags"][0]["message"]
    in_order = answered(planner.get(f"{address}/rows", in_order="true", size=2))
    assert [row["number"] for row in in_order] == ["1", "2"]

    assert answered(planner.post(f"{address}/accept", {"only_without_doubts": True})) == {"changed": 2}
    unfinished = planner.post(f"{address}/finish", {})
    assert unfinished.status_code in {409, 422}
    fixed = {"version": worst["version"], "lead": ["xx.min.it"]}
    corrected = answered(planner.patch(f"{address}/rows/{worst['id']}", fixed))
    assert (corrected["review_state"], corrected["open_flags"]) == ("corrected", 0)
    assert corrected["assignments"]["lead"][0]["code"] == "xx.min.it"
    problem(planner.patch(f"{address}/rows/{worst['id']}", fixed), 409, "stale-measure")
    finished = answered(planner.post(f"{address}/finish", {"differences_accepted": True}))
    assert finished["state"] == "settled"
    assert answered(planner.get("/imports", state="settled"))[0]["id"] == made["id"]


def test_rows_are_split_merged_taken_out_and_steps_undone(planner: Program) -> None:
    address = f"/imports/{answered(take(planner), 201)['id']}"
    first, second, third = answered(planner.get(f"{address}/rows", in_order="true"))
    new = answered(
        planner.post(f"{address}/rows/{first['id']}/split", {"at": 5, "version": first["version"]}), 201
    )
    assert new["text"] == first["text"][5:]
    assert answered(planner.post(f"{address}/undo")) == {"changed": 1}
    merged = answered(planner.post(f"{address}/rows/{second['id']}/merge", {}))
    assert (merged["id"], second["text"] in merged["text"]) == (first["id"], True)
    assert answered(planner.delete(f"{address}/rows/{third['id']}")) == {"changed": 1}
    assert [row["id"] for row in answered(planner.get(f"{address}/rows"))] == [first["id"]]


def test_a_name_is_taught_once_for_every_row(
    house: SmallMinistry, planner: Program, reads: list[Any]
) -> None:
    reads[0] = make.extraction(*(make.doubtful_measure(str(number)) for number in range(1, 4)))
    address = f"/imports/{answered(take(planner), 201)['id']}"
    taught = answered(planner.post(f"{address}/teach", {"wording": "Ofice of X", "body": "xx.min.it"}))
    assert taught == {"changed": 3}
    rows = answered(planner.get(f"{address}/rows"))
    assert {row["assignments"]["lead"][0]["code"] for row in rows} == {"xx.min.it"}
    assert answered(planner.get("/organisations", q="Ofice of X"))[0]["code"] == "xx.min.it"


def test_the_same_bytes_are_imported_once(planner: Program) -> None:
    first, second = answered(take(planner), 201), answered(take(planner), 201)
    assert second["id"] == first["id"]
    assert answered(take(planner, again="true"), 201)["id"] != first["id"]


def test_a_large_document_waits_for_a_worker(planner: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    from mehvar.directives.actions import imports

    monkeypatch.setattr(imports, "INLINE_BYTES", 4)
    made = answered(take(planner), 202)
    assert made["state"] in {"queued", "reading"}
    address = f"/imports/{made['id']}"
    problem(planner.get(f"{address}/rows"), 404, "not-read-yet")
    assert answered(planner.post(f"{address}/cancel"))["state"] == "cancelled"


def test_a_document_that_is_refused_leaves_nothing(
    house: SmallMinistry, planner: Program, settings: Any
) -> None:
    entries = Entry.objects.exclude(action="token.issued").count()
    problem(take(planner, b""), 422, "empty-file")
    settings.MEHVAR_IMPORT_MAX_BYTES = 1000
    problem(take(planner, b"x" * 1001), 413, "file-too-big")
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    problem(take(planner, b"x" * 100_000), 413, "request-too-large")
    problem(planner.upload("/imports", issuer="xx.min"), 422, "invalid-request")
    problem(planner.upload("/imports", file=SimpleUploadedFile("a.txt", b"x")), 422, "invalid-request")
    problem(take(planner, issuer="xx.none"), 404, "unknown-organisation")
    broken = planner.client.generic(
        "POST", "/api/v1/imports", b"--x\r\n", content_type="multipart/form-data", headers=planner.headers
    )
    assert broken.status_code in {400, 422}
    problem(Program(house.people[Role.BODY_OFFICER]).upload("/imports"), 422, "invalid-request")
    problem(take(Program(house.people[Role.BODY_OFFICER])), 403, "not-permitted")
    assert (ImportDocument.objects.count(), Measure.objects.count()) == (0, 0)
    assert Entry.objects.exclude(action="token.issued").count() == entries


def test_a_neighbours_import_is_as_if_it_were_not_there(house: SmallMinistry, planner: Program) -> None:
    neighbour = make_organisation("xx.other", parent=house.state, type="ministry", name_en="Other Ministry")
    other = Program(make_user(Role.PLANNING_OFFICER, neighbour))
    made = answered(take(other, issuer="xx.other"), 201)
    row = answered(other.get(f"/imports/{made['id']}/rows"))[0]
    assert answered(planner.get("/imports")) == []
    address = f"/imports/{made['id']}"
    for method, path, body in (
        ("GET", "", None),
        ("GET", "/findings", None),
        ("GET", "/rows", None),
        ("POST", "/accept", {}),
        ("PATCH", f"/rows/{row['id']}", {"version": 1, "text": "Mine"}),
        ("DELETE", f"/rows/{row['id']}", None),
        ("POST", "/finish", {}),
        ("POST", "/cancel", {}),
    ):
        problem(planner.send(method, address + path, body), 404, "unknown-document")
