"""Whoever knocks wrongly gets a problem that says why, never a page, a traceback or an answer."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from mehvar.accounts.actions import tokens
from mehvar.accounts.data import Role
from mehvar.accounts.models import ApiToken
from mehvar.config.api import throttle
from mehvar.kernel import clock
from mehvar.ledger.models import Entry
from tests.factories.organisations import PASSWORD, SmallMinistry
from tests.factories.programs import Program, answered, problem

pytestmark = pytest.mark.django_db

NEW_BODY = {"code": "xx.min.new", "type": "department", "parent": "xx.min", "names": {"en": "New Office"}}


def administrator(house: SmallMinistry, **options: Any) -> Program:
    return Program(house.people[Role.ADMINISTRATOR], **options)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer mhv_wrong", "Basic dXNlcjpwdw==", "Bearer \u00e9"])
def test_without_a_valid_token_nothing_is_told(house: SmallMinistry, header: str) -> None:
    caller = Program(None)
    caller.headers = {"Authorization": header} if header else {}
    for answer in (caller.get("/me"), caller.post("/organisations", NEW_BODY)):
        problem(answer, 401, "not-authenticated")
        assert answer["WWW-Authenticate"].startswith("Bearer")


def test_me_says_for_whom_the_token_acts(house: SmallMinistry) -> None:
    person = house.people[Role.PROVINCIAL_DIRECTOR]
    me = answered(Program(person).get("/me"))
    assert (me["email"], me["by"]) == (person.email, "token")
    assert me["positions"] == [{"role": "provincial_director", "organisation": "xx.north.ict"}]


def test_a_revoked_an_expired_and_a_dismissed_persons_token_are_worthless(house: SmallMinistry) -> None:
    person = house.people[Role.AUDITOR]
    revoked, expired, dismissed = (Program(person) for _ in range(3))
    first, second, _third = ApiToken.objects.order_by("pk")
    tokens.revoke_token(person, first.pk)
    problem(revoked.get("/me"), 401, "not-authenticated")
    ApiToken.objects.filter(pk=second.pk).update(expires_at=clock.now() - timedelta(seconds=1))
    problem(expired.get("/me"), 401, "not-authenticated")
    answered(dismissed.get("/me"))
    person.is_active = False
    person.save()
    problem(dismissed.get("/me"), 401, "not-authenticated")


def test_a_reading_token_reads_and_changes_nothing(house: SmallMinistry) -> None:
    reader = administrator(house, may_write=False)
    entries = Entry.objects.count()
    assert answered(reader.get("/organisations/xx.min"))["code"] == "xx.min"
    problem(reader.post("/organisations", NEW_BODY), 403, "token-read-only")
    problem(reader.post("/organisations", NEW_BODY, key="again"), 403, "token-read-only")
    assert Entry.objects.count() == entries


def test_a_token_permits_what_its_person_may_and_no_more(house: SmallMinistry) -> None:
    problem(Program(house.people[Role.BODY_OFFICER]).post("/organisations", NEW_BODY), 403, "not-permitted")


def test_the_secret_is_kept_nowhere(house: SmallMinistry) -> None:
    _, secret = tokens.issue_token(house.people[Role.AUDITOR], label="night", may_write=False, valid_days=1)
    kept = ApiToken.objects.values_list("token_sha256", "beginning", "label").get()
    assert all(secret not in str(part) for part in kept)
    assert not any(secret in str(entry.content) for entry in Entry.objects.all())


def session(house: SmallMinistry, *, checks: bool) -> Client:
    client = Client(enforce_csrf_checks=checks)
    client.login(username=house.people[Role.ADMINISTRATOR].email, password=PASSWORD)
    return client


def test_a_browsers_session_reads_and_writes_only_with_the_forgery_check(house: SmallMinistry) -> None:
    browser = session(house, checks=True)
    assert answered(browser.get("/api/v1/me"))["by"] == "person"
    forged = browser.post("/api/v1/organisations", NEW_BODY, content_type="application/json")
    problem(forged, 403, "not-permitted")
    browser.get("/accounts/tokens/")
    token = browser.cookies["csrftoken"].value
    made = browser.post(
        "/api/v1/organisations", NEW_BODY, content_type="application/json", headers={"X-CSRFToken": token}
    )
    answered(made, 201)


def test_a_bad_token_is_not_forgiven_because_a_session_is_open(house: SmallMinistry) -> None:
    browser = session(house, checks=False)
    answer = browser.get("/api/v1/me", headers={"Authorization": "Bearer mhv_wrong"})
    problem(answer, 401, "not-authenticated")


def test_a_session_that_is_old_cannot_approve_without_a_fresh_proof(house: SmallMinistry) -> None:
    from tests.factories.promulgation import approved_directive

    directive = approved_directive(house)
    browser = Client()
    browser.login(username=house.people[Role.MINISTER].email, password=PASSWORD)
    address = f"/api/v1/directives/{directive.public_id}"
    for path, body in (
        ("promulgation", {"number": "1"}),
        ("approval", {"content_hash": "0" * 64}),
    ):
        answer = browser.post(f"{address}/{path}", body, content_type="application/json")
        problem(answer, 403, "fresh-sign-in-needed")


def test_roles_that_need_a_second_factor_need_it_here_too(house: SmallMinistry, settings: Any) -> None:
    settings.MEHVAR_REQUIRE_SECOND_FACTOR = True
    problem(administrator(house).get("/me"), 403, "second-factor-needed")
    problem(session(house, checks=False).get("/api/v1/me"), 403, "second-factor-needed")
    answered(Program(house.people[Role.AUDITOR]).get("/me"))


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        ("{", 400, "malformed-request"),
        (b"\xff\xfe", 400, "malformed-request"),
        ("[" * 100_000, 400, "malformed-request"),
        ('{"code": "x\\u0000y"}', 422, "bad-characters"),
        ('{"code": "\\ud800"}', 422, "bad-characters"),
        ("[]", 422, "invalid-request"),
        ("{}", 422, "invalid-request"),
        ("", 422, "invalid-request"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    house: SmallMinistry, raw: str | bytes, status: int, code: str
) -> None:
    problem(administrator(house).post("/organisations", raw=raw), status, code)
    problem(administrator(house).post("/organisations", raw=raw, key="k"), status, code)


def test_every_wrong_field_is_named(house: SmallMinistry) -> None:
    wrong = {**NEW_BODY, "type": "castle", "valid_from": "yesterday"}
    said = problem(administrator(house).post("/organisations", wrong), 422, "invalid-request")
    assert {item["field"].rpartition(".")[2] for item in said["errors"]} == {"type", "valid_from"}


@pytest.mark.parametrize(
    "path", ["/nowhere", "/organisations/xx.min/nothing", "/directives/x/measures/y/z", "//"]
)
def test_an_unknown_route_is_a_problem(house: SmallMinistry, path: str) -> None:
    problem(administrator(house).get(path), 404, "not-found")


def test_a_method_that_a_route_does_not_take_is_named_with_those_it_takes(house: SmallMinistry) -> None:
    answer = administrator(house).delete("/organisations/xx.min")
    problem(answer, 405, "method-not-allowed")
    assert "PATCH" in answer["Allow"]


@pytest.mark.parametrize("named", ["title", [], ["en"], 7])
def test_a_text_or_a_list_is_never_taken_for_an_object(house: SmallMinistry, named: object) -> None:
    """A text has methods, and a list none of the members: neither may be read as a shape whose members are all optional."""
    refused = problem(
        administrator(house).post("/organisations", {**NEW_BODY, "names": named}), 422, "invalid-request"
    )
    assert refused["errors"] == [{"field": "given.names", "message": "Input should be an object"}]
    whole = administrator(house).patch("/organisations/xx.min", named)
    problem(whole, 422, "invalid-request")


def test_head_is_get_without_a_body(house: SmallMinistry) -> None:
    caller = administrator(house)
    answer = caller.send("HEAD", "/organisations")
    assert answer.status_code == 200
    assert answer.content == b""
    assert answer["X-Total-Count"] == caller.get("/organisations")["X-Total-Count"]


def test_a_body_that_is_too_large_is_refused_before_it_is_read(house: SmallMinistry, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    large = {**NEW_BODY, "names": {"en": "x" * 2000}}
    problem(administrator(house).post("/organisations", large), 413, "request-too-large")
    problem(administrator(house).post("/organisations", large, key="k"), 413, "request-too-large")


@pytest.mark.parametrize("path", ["/organisations/%00", "/organisations?q=%00", "/directives?q=a%00"])
def test_characters_that_no_database_holds_are_refused(house: SmallMinistry, path: str) -> None:
    answer = administrator(house).send("GET", path)
    assert answer.status_code in {404, 422}
    assert answer["Content-Type"] == "application/problem+json"


def test_a_failure_of_ours_is_a_problem_without_a_traceback(
    house: SmallMinistry, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_args: object, **_options: object) -> None:
        message = "secret detail"
        raise RuntimeError(message)

    monkeypatch.setattr("mehvar.organisations.queries.search", broken)
    answer = administrator(house).get("/organisations")
    problem(answer, 500, "internal-error")
    assert "secret detail" not in answer.content.decode()
    assert "secret detail" in caplog.text


def test_a_runaway_program_is_told_to_wait(house: SmallMinistry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "SIGNED_IN_PER_MINUTE", 3)
    monkeypatch.setattr(throttle.time, "time", lambda: 1_777_000_000.0)
    busy, other = administrator(house), Program(house.people[Role.AUDITOR])
    assert [busy.get("/me").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = busy.get("/me")
    problem(refused, 429, "too-many-requests")
    assert 1 <= int(refused["Retry-After"]) <= 60
    answered(other.get("/me"))
    monkeypatch.setattr(throttle.time, "time", lambda: 1_777_000_060.0)
    answered(busy.get("/me"))


def test_problems_speak_the_readers_language(house: SmallMinistry) -> None:
    person = house.people[Role.AUDITOR]
    person.language = "fa"
    person.save()
    caller = Program(person)
    persian = problem(caller.get("/organisations/xx.nothing"), 404, "unknown-organisation")
    caller.headers["Accept-Language"] = "vi"
    vietnamese = problem(caller.get("/organisations/xx.nothing"), 404, "unknown-organisation")
    assert persian["detail"] != vietnamese["detail"]
    assert persian["params"] == vietnamese["params"] == {"value": "xx.nothing"}
