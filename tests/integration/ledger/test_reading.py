"""Who sees what of the record, in queries and on pages."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.test import Client

from mehvar.kernel.errors import NotFound
from mehvar.ledger import actions, queries
from mehvar.ledger.data import Actor, Person, Subject
from mehvar.ledger.models import guards

pytestmark = pytest.mark.django_db

MARYAM = Actor("person", "7", "Maryam Rezaei")
DIRECTIVE = Subject("charter", "dir/1", "Chỉ thị 01")


def put(*, public: bool, action: str = "charter.approve", **changes: Any) -> int:
    given: dict[str, Any] = {"actor": MARYAM, "subject": DIRECTIVE, "content": {"secret": "s3cret-content"}}
    with transaction.atomic():
        return actions.record(action=action, public=public, **(given | changes))


@pytest.fixture
def official(django_user_model: Any) -> Any:
    user = (
        django_user_model(email="an@example.org", name="An")
        if _has_email()
        else django_user_model(username="an")
    )
    user.set_unusable_password()
    user.save()
    return user


def _has_email() -> bool:
    return get_user_model().USERNAME_FIELD == "email"


@pytest.fixture
def admitted(official: Any) -> Iterator[Any]:
    """Admit one official to directives, as an upper room would."""

    def admits(person: Person, subject: Subject) -> bool:
        return getattr(person, "pk", None) == official.pk and subject.identifier == "dir/1"

    queries.register_reader("charter", admits)
    yield official
    queries.unregister_reader("charter", admits)


def test_strangers_see_public_entries_without_names() -> None:
    put(public=False)
    shown = put(public=True, reason="In council")
    page = queries.history_of("charter", "dir/1")
    assert [record.sequence for record in page] == [shown]
    record = page[0]
    assert (record.reason, record.actor.identifier, record.actor.label) == ("In council", "7", "")
    assert record.verified


def test_signing_in_alone_opens_nothing(official: Any) -> None:
    put(public=False)
    assert list(queries.history_of("charter", "dir/1", person=official)) == []


def test_an_admitted_person_sees_everything_newest_first(admitted: Any) -> None:
    first, second = put(public=False), put(public=True)
    put(public=False, subject=Subject("charter", "dir/2"))
    records = list(queries.history_of("charter", "dir/1", person=admitted))
    assert [record.sequence for record in records] == [second, first]
    assert records[1].actor.label == "Maryam Rezaei"
    assert records[1].content == {"secret": "s3cret-content"}
    assert not queries.may_read_private(admitted, Subject("charter", "dir/2"))


def test_a_reader_of_every_type_sees_every_type(official: Any) -> None:
    def auditor(person: Person, _subject: Subject) -> bool:
        return person is official

    put(public=False, subject=Subject("measure", "m1"))
    queries.register_reader("*", auditor)
    try:
        assert len(queries.history_of("measure", "m1", person=official)) == 1
    finally:
        queries.unregister_reader("*", auditor)


def test_a_private_entry_shows_a_stranger_only_that_it_is_there() -> None:
    record = queries.entry(put(public=False, reason="s3cret-reason"))
    assert not record.readable
    assert record.verified
    assert "s3cret" not in repr(record)
    assert "charter" not in repr(record)
    assert (record.salt, record.content, record.content_hash) == ("", None, "")


def test_history_comes_in_pages_with_three_queries(django_assert_num_queries: Any) -> None:
    for _ in range(5):
        put(public=True)
    with django_assert_num_queries(3):
        page = queries.history_of("charter", "dir/1", page=2, size=2)
        assert [record.sequence for record in page] == [3, 2]
    assert (page.paginator.num_pages, page.has_next()) == (3, True)
    assert [record.sequence for record in queries.history_of("charter", "dir/1", page=99, size=2)] == [1]


def test_an_altered_entry_is_marked() -> None:
    put(public=True)
    sequence = put(public=True, reason="true")
    with guards.lifted(connection), connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_entry SET reason = 'false' WHERE sequence = %s", [sequence])
    assert [record.verified for record in queries.history_of("charter", "dir/1")] == [False, True]


def test_an_unknown_entry_is_not_found() -> None:
    with pytest.raises(NotFound):
        queries.entry(10**9)


class TestPages:
    def test_the_history_page_tells_what_when_why_and_that_it_was_checked(self, client: Client) -> None:
        put(public=True, reason="In council")
        page = client.get("/ledger/charter/dir/1/")
        text = page.content.decode()
        assert page.status_code == 200
        for words in ("Chỉ thị 01", "Charter approve", "In council", "Chain verified", "An official"):
            assert words in text
        assert "Maryam" not in text

    def test_registered_names_and_addresses_are_used(self, client: Client) -> None:
        queries.register_actions({"test.act": "Directive was approved"})
        queries.register_subject(
            "test-thing", label="Directive", address=lambda identifier: f"/things/{identifier}/"
        )
        put(public=True, action="test.act", subject=Subject("test-thing", "5", "Five"))
        text = client.get("/ledger/test-thing/5/").content.decode()
        assert "Directive was approved" in text
        assert 'href="/things/5/"' in text

    def test_nothing_visible_is_not_found(self, client: Client) -> None:
        put(public=False)
        assert client.get("/ledger/charter/dir/1/").status_code == 404
        assert client.get("/ledger/charter/nothing/").status_code == 404

    def test_an_admitted_person_sees_names_and_private_entries(self, client: Client, admitted: Any) -> None:
        sequence = put(public=False)
        client.force_login(admitted, backend="django.contrib.auth.backends.ModelBackend")
        assert "Maryam Rezaei" in client.get("/ledger/charter/dir/1/").content.decode()
        assert "s3cret-content" in client.get(f"/ledger/entry/{sequence}/").content.decode()

    def test_a_private_entry_leaks_nothing_to_a_stranger(self, client: Client) -> None:
        sequence = put(public=False, reason="s3cret-reason")
        page, leaf = (
            client.get(f"/ledger/entry/{sequence}/"),
            client.get(f"/ledger/entry/{sequence}/leaf.json"),
        )
        assert page.status_code == leaf.status_code == 200
        for body in (page.content.decode(), leaf.content.decode()):
            for secret in ("s3cret", "Maryam", "dir/1", "Chỉ thị", "charter.approve"):
                assert secret not in body
        assert "not public" in page.content.decode()

    def test_the_downloaded_leaf_has_the_shown_hash(self, client: Client) -> None:
        sequence = put(public=True)
        leaf = client.get(f"/ledger/entry/{sequence}/leaf.json")
        assert "attachment" in leaf["Content-Disposition"]
        digest = hashlib.sha256(b"\x00" + leaf.content).hexdigest()
        text = client.get(f"/ledger/entry/{sequence}/").content.decode()
        assert digest in text
        assert json.loads(leaf.content)["previous"] in text

    def test_an_altered_entry_is_shown_as_altered(self, client: Client) -> None:
        sequence = put(public=True)
        with guards.lifted(connection), connection.cursor() as cursor:
            cursor.execute("UPDATE ledger_entry SET actor_label = 'X' WHERE sequence = %s", [sequence])
        assert "Record was altered" in client.get(f"/ledger/entry/{sequence}/").content.decode()
        assert "Records were altered" in client.get("/ledger/charter/dir/1/").content.decode()

    def test_markup_in_the_record_is_shown_as_text(self, client: Client) -> None:
        sequence = put(
            public=True, reason="<script>alert(1)</script>", content={"x": "<script>alert(2)</script>"}
        )
        for address in ("/ledger/charter/dir/1/", f"/ledger/entry/{sequence}/"):
            assert "<script>alert" not in client.get(address).content.decode()

    def test_content_too_long_for_a_page_is_named(self, client: Client) -> None:
        sequence = put(public=True, content={"text": "x" * 200_001})
        assert "too long to be shown" in client.get(f"/ledger/entry/{sequence}/").content.decode()

    @pytest.mark.parametrize("page", ["0", "-1", "x", "²", "99999999999999999999"])
    def test_a_strange_page_number_does_no_harm(self, client: Client, page: str) -> None:
        put(public=True)
        assert client.get("/ledger/charter/dir/1/", {"page": page}).status_code == 200

    def test_pages_change_nothing(self, client: Client) -> None:
        assert client.post("/ledger/charter/dir/1/").status_code == 405

    @pytest.mark.parametrize("language", ["fa", "vi"])
    def test_pages_speak_the_readers_language(self, client: Client, language: str) -> None:
        sequence = put(public=True)
        text = client.get(f"/ledger/entry/{sequence}/", HTTP_ACCEPT_LANGUAGE=language).content.decode()
        assert f'lang="{language}"' in text
