from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage

from mehvar.accounts.data import Role
from mehvar.directives import extraction as reader
from mehvar.directives.actions import imports
from mehvar.directives.data import ImportState
from mehvar.directives.models import Assignment, Directive, ImportDocument, Measure, Provision
from mehvar.directives.queries import content as contents
from mehvar.kernel import clock
from mehvar.kernel.errors import InputError, LimitExceeded, NotPermitted
from mehvar.ledger.models import Entry
from tests.factories import directives as make
from tests.factories.organisations import SmallMinistry, small_ministry

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> SmallMinistry:
    return small_ministry()


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Let the reader find three tasks in any document; what is listed here is found instead."""
    found: list[Any] = [
        make.extraction(make.found_measure("1"), make.doubtful_measure("2"), make.found_measure("3"))
    ]

    def read(data: bytes, filename: str, **_: Any) -> Any:
        if isinstance(found[0], Exception):
            raise found[0]
        return found[0]

    monkeypatch.setattr(reader, "extract_isolated", read, raising=False)
    return found


def take_in(house: SmallMinistry, data: bytes = b"a document", **options: Any) -> ImportDocument:
    return imports.import_document(
        house.people[Role.PLANNING_OFFICER],
        data=data,
        filename=options.pop("filename", "a.docx"),
        pack="xx",
        issuer_id=house.ministry.pk,
        **options,
    )


def test_a_document_becomes_a_draft_with_everything_that_was_read(
    house: SmallMinistry, reads: list[Any]
) -> None:
    document = take_in(house)

    assert document.state == ImportState.REVIEW
    directive = document.directive
    assert directive is not None
    content = contents.content_of(directive.pk)
    assert [m["number"] for m in content["measures"]] == ["1", "2", "3"]
    assert content["measures"][0]["assignments"]["lead"][0]["code"] == "xx.health"
    assert content["measures"][1]["assignments"]["lead"][0] == {
        "kind": "name",
        "code": "",
        "name": "Ofice of X",
        "principal": True,
        "inherited": False,
    }
    assert content["directive"]["goal"] == "Good post for everyone"
    assert content["citations"][0]["number"] == "01/NQ-CP"
    assert content["fields"] == [{"name": "Post", "declared_count": 3}]
    assert [(p["path"], p["eid"], p["depth"]) for p in content["provisions"]] == [
        ("1", "sec_i", 0),
        ("1.1", "sec_i__cl_1", 1),
    ]
    assert content["provisions"][1]["parent"] == content["provisions"][0]["id"]
    assert Measure.objects.get(number="2").open_flags == 1
    assert Entry.objects.filter(action="directive.imported").count() == 1


def test_the_same_bytes_are_not_stored_twice_unless_asked(house: SmallMinistry, reads: list[Any]) -> None:
    first = take_in(house)
    assert take_in(house).pk == first.pk
    assert Directive.objects.count() == 1

    again = take_in(house, again=True)
    assert again.pk != first.pk
    assert again.directive is not None
    assert again.directive.number == ""


def test_a_file_that_cannot_be_read_leaves_nothing(house: SmallMinistry, reads: list[Any]) -> None:
    reads[0] = InputError("The file is broken.", code="broken-file")
    with pytest.raises(InputError, match="broken"):
        take_in(house, data=b"\x00garbage")
    assert ImportDocument.objects.count() == 0
    assert Directive.objects.count() == 0
    assert Entry.objects.count() == 0


def test_empty_and_too_large_files_are_refused_before_reading(
    house: SmallMinistry, reads: list[Any], settings: Any
) -> None:
    settings.MEHVAR_IMPORT_MAX_BYTES = 10
    with pytest.raises(InputError, match="empty"):
        take_in(house, data=b"")
    with pytest.raises(LimitExceeded, match="MB"):
        take_in(house, data=b"x" * 11)


def test_only_those_who_review_imports_of_the_issuer_may_import(
    house: SmallMinistry, reads: list[Any]
) -> None:
    for role in (Role.PROVINCIAL_DIRECTOR, Role.DEPUTY, Role.BODY_OFFICER):
        with pytest.raises(NotPermitted):
            imports.import_document(
                house.people[role], data=b"x", filename="a.txt", pack="xx", issuer_id=house.ministry.pk
            )


def test_a_filename_keeps_no_path_and_no_control_characters(house: SmallMinistry, reads: list[Any]) -> None:
    assert take_in(house, filename="../../etc/\x07pass\nwd.docx").filename == "passwd.docx"


def queue(house: SmallMinistry, data: bytes = b"large") -> ImportDocument:
    return take_in(house, data=data, background=True)


def test_a_large_document_waits_for_a_worker_and_is_read_once(house: SmallMinistry, reads: list[Any]) -> None:
    document = queue(house)
    assert document.state == ImportState.QUEUED
    assert Directive.objects.count() == 0

    imports.read_document(document.public_id)
    imports.read_document(document.public_id)

    document.refresh_from_db()
    assert document.state == ImportState.REVIEW
    assert Directive.objects.count() == 1


class KilledError(BaseException):
    """Stands for the worker's process being killed."""


def test_a_worker_killed_in_the_middle_leaves_nothing_and_the_import_can_be_resumed(
    house: SmallMinistry, reads: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    document = queue(house)
    stored = imports.intake.findings_of

    def die(_: Any) -> Any:
        raise KilledError

    monkeypatch.setattr(imports.intake, "findings_of", die)
    with pytest.raises(KilledError):
        imports.read_document(document.public_id)
    monkeypatch.setattr(imports.intake, "findings_of", stored)

    document.refresh_from_db()
    assert document.state == ImportState.READING
    assert (Directive.objects.count(), Measure.objects.count(), Provision.objects.count()) == (0, 0, 0)
    assert imports.read_document(document.public_id) is None, "a reader may still be alive"

    with clock.fixed(clock.now() + timedelta(minutes=5)):
        assert imports.resume_stalled_imports() == 1
        imports.read_document(document.public_id)
    document.refresh_from_db()
    assert (document.state, document.attempt) == (ImportState.REVIEW, 2)
    assert Directive.objects.count() == 1


def test_a_slow_reader_that_lost_its_claim_stores_nothing(
    house: SmallMinistry, reads: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    document = queue(house)
    found = reads[0]

    def overtaken(*_: Any, **__: Any) -> Any:
        ImportDocument.objects.filter(pk=document.pk).update(attempt=7)
        return found

    monkeypatch.setattr(reader, "extract_isolated", overtaken)
    imports.read_document(document.public_id)
    assert Directive.objects.count() == 0


def test_cancelling_stops_the_reader_and_keeps_nothing(
    house: SmallMinistry, reads: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    document = queue(house)
    actor = house.people[Role.PLANNING_OFFICER]
    name = document.file.name
    found = reads[0]

    def cancelled_meanwhile(*_: Any, progress: Any, **__: Any) -> Any:
        imports.cancel_import(actor, document.public_id)
        progress(1, 10)
        return found

    monkeypatch.setattr(reader, "extract_isolated", cancelled_meanwhile)
    imports.read_document(document.public_id)
    document.refresh_from_db()
    assert document.state == ImportState.CANCELLED
    assert Directive.objects.count() == 0
    assert not default_storage.exists(name)


def test_a_queued_document_that_cannot_be_read_says_why_and_keeps_no_file(
    house: SmallMinistry, reads: list[Any]
) -> None:
    document = queue(house)
    name = document.file.name
    reads[0] = InputError("The file is encrypted.", code="encrypted-file")
    imports.read_document(document.public_id)
    document.refresh_from_db()
    assert document.state == ImportState.FAILED
    assert document.error["message"] == "The file is encrypted."
    assert not default_storage.exists(name)


def test_ten_thousand_rows_are_stored_in_a_bounded_number_of_queries(
    house: SmallMinistry, reads: list[Any], django_assert_max_num_queries: Any
) -> None:
    reads[0] = make.extraction(*(make.found_measure(str(n), block=n) for n in range(10_000)))
    with django_assert_max_num_queries(len(reads[0].measures) // 20):
        document = take_in(house)
    assert Measure.objects.filter(directive=document.directive).count() == 10_000
    assert Assignment.objects.filter(principal=True).count() == 10_000
