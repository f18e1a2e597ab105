"""A write that is sent again does nothing twice, whatever happened to the first answer."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections

from mehvar.accounts.actions import idempotency
from mehvar.accounts.actions.idempotency import Answer
from mehvar.accounts.data import Role
from mehvar.accounts.models import IdempotentRequest
from mehvar.kernel import clock, errors
from mehvar.ledger.models import Entry
from mehvar.organisations import actions as organisations
from mehvar.organisations.models import Organisation
from tests.factories.organisations import SmallMinistry, make_user
from tests.factories.programs import Program, answered, problem

pytestmark = pytest.mark.django_db

NEW = {"code": "xx.min.new", "type": "department", "parent": "xx.min", "names": {"en": "New Office"}}


@pytest.fixture
def program(house: SmallMinistry) -> Program:
    return Program(house.people[Role.ADMINISTRATOR])


def test_a_repeated_write_gets_the_same_answer_and_happens_once(program: Program) -> None:
    first = program.post("/organisations", NEW, key="one")
    entries = Entry.objects.count()
    second = program.post("/organisations", NEW, key="one")
    assert answered(first, 201) == answered(second, 201)
    assert second["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert Entry.objects.count() == entries
    assert Organisation.objects.filter(code="xx.min.new").count() == 1


def test_a_refusal_is_repeated_too(program: Program) -> None:
    answered(program.post("/organisations", NEW), 201)
    first = program.post("/organisations", NEW, key="one")
    problem(first, 409, "code-taken")
    Organisation.objects.get(code="xx.min.new").delete()
    again = program.post("/organisations", NEW, key="one")
    assert again.content == first.content
    assert not Organisation.objects.filter(code="xx.min.new").exists()


def test_a_key_belongs_to_one_request(program: Program) -> None:
    answered(program.post("/organisations", NEW, key="one"), 201)
    other = program.post("/organisations", {**NEW, "code": "xx.min.other"}, key="one")
    problem(other, 422, "idempotency-key-reused")
    elsewhere = program.post("/successions", NEW, key="one")
    problem(elsewhere, 422, "idempotency-key-reused")
    assert not Organisation.objects.filter(code="xx.min.other").exists()


def test_the_version_asked_for_belongs_to_the_request(program: Program) -> None:
    answered(
        program.patch("/organisations/xx.min.it", {"email": "a@example.org"}, key="k", **{"If-Match": '"1"'})
    )
    other = program.patch(
        "/organisations/xx.min.it", {"email": "a@example.org"}, key="k", **{"If-Match": '"2"'}
    )
    problem(other, 422, "idempotency-key-reused")


def test_two_people_may_choose_the_same_key(house: SmallMinistry, program: Program) -> None:
    answered(program.post("/organisations", NEW, key="one"), 201)
    auditor = Program(house.people[Role.AUDITOR])
    problem(auditor.post("/organisations", NEW, key="one"), 403, "not-permitted")


def test_what_is_refused_at_the_door_frees_the_key(house: SmallMinistry) -> None:
    person = house.people[Role.ADMINISTRATOR]
    problem(Program(person, may_write=False).post("/organisations", NEW, key="one"), 403, "token-read-only")
    answered(Program(person).post("/organisations", NEW, key="one"), 201)


def test_a_failure_of_ours_undoes_everything_and_frees_the_key(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = organisations.create_organisation

    def breaks_after_the_act(*args: Any, **options: Any) -> None:
        create(*args, **options)
        message = "the wire broke"
        raise RuntimeError(message)

    entries = Entry.objects.count()
    with monkeypatch.context() as patch:
        patch.setattr(organisations, "create_organisation", breaks_after_the_act)
        problem(program.post("/organisations", NEW, key="one"), 500, "internal-error")
    assert Entry.objects.count() == entries
    assert not Organisation.objects.filter(code="xx.min.new").exists()
    answered(program.post("/organisations", NEW, key="one"), 201)


def test_a_process_that_dies_in_the_middle_leaves_nothing_and_its_key_is_free_after_ten_minutes(
    house: SmallMinistry,
) -> None:
    user = house.people[Role.ADMINISTRATOR]
    IdempotentRequest.objects.create(
        user=user, key="one", request_sha256=_digest(b"same"), created_at=clock.now()
    )
    with pytest.raises(errors.Conflict):
        idempotency.once(user.pk, key="one", fingerprint=b"same", do=_answer)
    with clock.fixed(clock.now() + timedelta(minutes=11)):
        assert idempotency.once(user.pk, key="one", fingerprint=b"same", do=_answer) == (_answer(), False)
        assert idempotency.once(user.pk, key="one", fingerprint=b"same", do=_never) == (_answer(), True)


def test_a_slow_process_whose_key_was_taken_over_does_nothing(house: SmallMinistry) -> None:
    user = house.people[Role.ADMINISTRATOR]

    def slow() -> Answer:
        make_user(email="slow@example.org")
        IdempotentRequest.objects.update(created_at=clock.now() + timedelta(minutes=11))
        return _answer()

    with pytest.raises(errors.Conflict):
        idempotency.once(user.pk, key="one", fingerprint=b"same", do=slow)
    assert not type(user).objects.filter(email="slow@example.org").exists()


def test_reading_needs_no_key_and_keeps_none(program: Program) -> None:
    program.headers["Idempotency-Key"] = "one"
    answered(program.get("/me"))
    assert not IdempotentRequest.objects.exists()


def test_a_key_that_is_too_long_is_refused(program: Program) -> None:
    problem(program.post("/organisations", NEW, key="k" * 201), 422, "key-too-long")


def test_old_keys_are_forgotten(program: Program) -> None:
    answered(program.post("/organisations", NEW, key="one"), 201)
    assert idempotency.forget_old_keys() == 0
    with clock.fixed(clock.now() + timedelta(hours=49)):
        assert idempotency.forget_old_keys() == 1


def test_a_form_with_a_file_is_the_same_request_whatever_boundary_it_has(house: SmallMinistry) -> None:
    program = Program(house.people[Role.PLANNING_OFFICER])
    program.headers["Idempotency-Key"] = "file"

    def send(content: bytes, boundary: str) -> Any:
        body = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="issuer"\r\n\r\nxx.min\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
            f"Content-Type: text/plain\r\n\r\n{content.decode()}\r\n--{boundary}--\r\n"
        )
        return program.client.generic(
            "POST",
            "/api/v1/imports",
            body,
            content_type=f"multipart/form-data; boundary={boundary}",
            headers=program.headers,
        )

    text = b"DIRECTIVE\n\n1. Ministry of Health: write a plan by 30 June 2026.\n"
    first, second = send(text, "one"), send(text, "two")
    assert first.content == second.content
    assert second["Idempotency-Replayed"] == "true"
    problem(send(text + b"2. More.\n", "one"), 422, "idempotency-key-reused")


@pytest.mark.django_db(transaction=True)
def test_of_simultaneous_requests_with_one_key_one_works(house: SmallMinistry) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("threads share an in-memory SQLite database only by its locks; set MEHVAR_TEST_POSTGRES")
    person = house.people[Role.ADMINISTRATOR]
    programs = [Program(person) for _ in range(6)]
    answers: list[Any] = []
    gate = threading.Barrier(len(programs))

    def call(caller: Program) -> None:
        try:
            gate.wait()
            answers.append(caller.post("/organisations", NEW, key="one"))
        finally:
            connections.close_all()

    _run([lambda caller=caller: call(caller) for caller in programs])  # type: ignore[misc]
    codes = sorted(answer.status_code for answer in answers)
    assert set(codes) <= {201, 409}
    assert (
        sum("Idempotency-Replayed" not in answer.headers for answer in answers if answer.status_code == 201)
        == 1
    )
    assert all(
        answer.json()["code"] == "request-in-progress" for answer in answers if answer.status_code == 409
    )
    assert Organisation.objects.filter(code="xx.min.new").count() == 1
    assert Entry.objects.filter(action="organisation.created").count() == 1


def _run(calls: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _digest(fingerprint: bytes) -> str:
    import hashlib

    return hashlib.sha256(fingerprint).hexdigest()


def _answer() -> Answer:
    return Answer(200, b"{}", "application/json")


def _never() -> Answer:
    pytest.fail("the work was done twice")
