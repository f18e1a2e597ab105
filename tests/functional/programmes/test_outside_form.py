"""The public form without an account: its journey, and everything that people try against such forms."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from mehvar.accounts.data import Role
from mehvar.kernel import clock
from mehvar.kernel import outside as rules
from mehvar.programmes.actions import obstacles
from mehvar.programmes.models import Obstacle
from tests.factories.obstacles import raised_from_outside
from tests.factories.organisations import SmallMinistry, small_ministry

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 5, 4, 6, 0, tzinfo=UTC)
TELL, TRACK = "/programmes/public/obstacles/tell/", "/programmes/public/obstacles/track/"
ANSWERS: tuple[tuple[str, dict[str, str]], ...] = (
    ("kind", {"kind": "obstacle"}),
    ("what", {"title": "A permit takes nine months", "text": "We wait since August."}),
    ("cause", {"cause": "legal", "decision_needed": "A deadline."}),
    ("where", {"province": ""}),
    ("who", {"name": "A firm", "contact": "", "email": "firm@example.org"}),
)


@pytest.fixture(autouse=True)
def house() -> Iterator[SmallMinistry]:
    cache.clear()
    with clock.fixed(NOON):
        yield small_ministry()


def token_in(text: str) -> str:
    return unescape(re.search(r'name="token" value="([^"]+)"', text).group(1))  # type: ignore[union-attr]


def filled(
    client: Client, *, changes: dict[str, dict[str, str]] | None = None, address: str = "10.0.0.1"
) -> str:
    """Answer every question; give the token of the last page."""
    token = token_in(client.get(TELL).content.decode())
    for page, answers in ANSWERS:
        fields = {"token": token, "page": page, **answers, **(changes or {}).get(page, {})}
        response = client.post(TELL, fields, REMOTE_ADDR=address)
        assert response.status_code == 200, (page, response.content.decode()[:2000])
        token = token_in(response.content.decode())
    return token


def sent(client: Client, token: str, *, address: str = "10.0.0.1", after: int = 60) -> tuple[int, str]:
    with clock.fixed(clock.now() + timedelta(seconds=after)):
        response = client.post(TELL, {"token": token, "page": "check"}, REMOTE_ADDR=address)
    return response.status_code, response.content.decode()


def code_in(text: str) -> str:
    return re.search(r"<code[^>]*>([0-9A-Z-]{19})</code>", text).group(1)  # type: ignore[union-attr]


@pytest.mark.parametrize("language", ["en", "fa", "vi"])
def test_a_firm_tells_follows_and_confirms(house: SmallMinistry, language: str) -> None:
    client = Client(HTTP_ACCEPT_LANGUAGE=language)
    status, text = sent(client, filled(client))
    assert status == 200
    code, row = code_in(text), Obstacle.objects.get()
    assert row.tracking_sha256 == rules.hash_of_code(code)
    assert code not in str(Obstacle.objects.values().get())
    assert (row.title, row.owner, row.language, row.published) == (
        "A permit takes nine months",
        house.ministry,
        language,
        False,
    )
    shown = client.post(TRACK, {"code": code.lower().replace("-", " ")}).content.decode()
    assert "A permit takes nine months" in shown
    officer = house.people[Role.PLANNING_OFFICER]
    row = obstacles.report_remedied(officer, row.public_id, note="Internal words", version=row.version)
    shown = client.post(TRACK, {"code": code}).content.decode()
    assert "Internal words" not in shown
    back = client.post(TRACK, {"code": code, "act": "send-back", "reason": "", "version": row.version})
    assert back.status_code == 422
    client.post(TRACK, {"code": code, "act": "send-back", "reason": "Not yet.", "version": row.version})
    row.refresh_from_db()
    assert row.state == "open"
    row = obstacles.report_remedied(officer, row.public_id, note="Now", version=row.version)
    stale = client.post(TRACK, {"code": code, "act": "confirm", "reason": "", "version": row.version - 1})
    assert stale.status_code == 422
    client.post(TRACK, {"code": code, "act": "confirm", "reason": "", "version": row.version})
    row.refresh_from_db()
    assert row.state == "closed"
    assert "sessionid" not in client.cookies


def test_a_product_gap_has_other_questions(house: SmallMinistry) -> None:
    client = Client()
    token = token_in(client.get(TELL).content.decode())
    for page, answers in (
        ("kind", {"kind": "product_gap"}),
        ("what", {"title": "A router", "text": "None on the market."}),
        ("gap", {"product_need": "Schools", "market_size": "12,000", "could_make": ""}),
        ("where", {"province": str(house.north.pk)}),
        ("who", {}),
    ):
        token = token_in(client.post(TELL, {"token": token, "page": page, **answers}).content.decode())
    assert sent(client, token)[0] == 200
    row = Obstacle.objects.get()
    assert (row.kind, row.market_size, row.province, row.outside_contact) == (
        "product_gap",
        "12,000",
        house.north,
        "",
    )


def test_the_receipt_bears_the_code_and_nothing_that_was_typed() -> None:
    client = Client()
    _status, text = sent(client, filled(client))
    [message] = mail.outbox
    assert message.to == ["firm@example.org"]
    assert code_in(text) in message.body
    assert "permit" not in message.body


@pytest.mark.parametrize(
    "email",
    [
        "a@example.org\nBcc: b@example.org",
        "a@example.org\r\nSubject: x",
        "a@example.org, b@example.org",
        "a@example.org%0aBcc:b@x.org",
    ],
)
def test_headers_cannot_be_smuggled_into_the_receipt(email: str) -> None:
    client = Client()
    token = filled(client)
    back = client.post(TELL, {"token": token, "page": "check", "back": "1"})
    response = client.post(TELL, {"token": token_in(back.content.decode()), "page": "who", "email": email})
    assert response.status_code == 422
    assert mail.outbox == []


def test_a_failing_mail_server_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_options: object) -> int:
        raise OSError("no route")

    monkeypatch.setattr("mehvar.programmes.actions.outside.send_mail", refuse)
    client = Client()
    assert sent(client, filled(client))[0] == 200
    assert Obstacle.objects.count() == 1


def test_the_same_form_cannot_be_sent_twice() -> None:
    client = Client()
    token = filled(client)
    assert sent(client, token)[0] == 200
    status, text = sent(client, token, address="10.0.0.2")
    assert status == 409
    assert "sent already" in text
    assert Obstacle.objects.count() == 1


def test_a_forged_or_foreign_token_starts_again() -> None:
    client = Client()
    token = filled(client)
    for forged in ("", "x", token[:-2] + "zz", token.split(":", 1)[0]):
        response = client.post(TELL, {"token": forged, "page": "check"})
        assert response.status_code == 422
        assert "start again" in response.content.decode()
    assert client.post(TELL, {"token": token, "page": "nowhere"}).status_code == 422
    assert not Obstacle.objects.exists()


def test_skipping_questions_leads_to_the_first_unanswered_one() -> None:
    client = Client()
    token = token_in(client.get(TELL).content.decode())
    status, _text = sent(client, token)
    assert status == 422
    assert not Obstacle.objects.exists()


def test_programs_are_too_fast_and_sleepers_too_slow() -> None:
    client = Client()
    token = filled(client)
    status, text = sent(client, token, after=1)
    assert status == 422
    assert "very quickly" in text
    assert sent(client, token, after=5 * 3600)[0] == 422
    assert not Obstacle.objects.exists()
    assert sent(client, token, after=60)[0] == 200


def test_the_field_that_people_do_not_see_stays_empty() -> None:
    client = Client()
    token = filled(client)
    response = client.post(TELL, {"token": token, "page": "check", "website": "http://spam.example"})
    assert response.status_code == 422
    assert not Obstacle.objects.exists()


def test_a_flood_from_one_address_is_stopped_and_others_are_served() -> None:
    client = Client()
    tokens = [filled(client) for _number in range(rules.MOST_PER_ADDRESS + 1)]
    for token in tokens[:-1]:
        assert sent(client, token, address="10.0.0.9")[0] == 200
    assert sent(client, tokens[-1], address="10.0.0.9")[0] == 429
    assert sent(client, tokens[-1], address="10.0.0.10")[0] == 200


def test_a_flood_from_everywhere_meets_the_hourly_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mehvar.programmes.actions.outside.MOST_PER_HOUR", 3)
    client = Client()
    tokens = [filled(client) for _number in range(4)]
    for number, token in enumerate(tokens[:-1]):
        assert sent(client, token, address=f"10.1.0.{number}")[0] == 200
    assert sent(client, tokens[-1], address="10.1.0.99")[0] == 429
    with clock.fixed(NOON + timedelta(hours=2)):
        assert sent(client, tokens[-1], address="10.1.0.99")[0] == 200


def test_guessing_codes_is_slowed_down() -> None:
    raised_from_outside()
    client = Client()
    answers = [
        client.post(TRACK, {"code": f"AAAA-BBBB-CCCC-{number:04d}"}).status_code
        for number in range(rules.MOST_LOOK_UPS + 1)
    ]
    assert set(answers[:-1]) == {404}
    assert answers[-1] == 429


@pytest.mark.parametrize("address", [TELL, TRACK])
@pytest.mark.parametrize(
    "content_type",
    ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json"],
)
def test_ten_megabytes_are_refused_unread(address: str, content_type: str) -> None:
    body = b"title=" + b"x" * (10 * 1024 * 1024)
    response = Client().post(address, data=body, content_type=content_type)
    assert response.status_code == 413
    assert not Obstacle.objects.exists()


@pytest.mark.parametrize(
    ("page", "field", "value", "said"),
    [
        ("what", "title", "<script>alert(1)</script>", "plain words"),
        ("what", "text", "see <a href='x'>this</a>", "plain words"),
        ("what", "text", "x" * 4001, "longer"),
        ("what", "text", "http://a http://b http://c http://d", "links"),
        ("what", "title", "\x00\x08", "write this down"),
        ("cause", "cause", "weather", "valid choice"),
        ("where", "province", "999999", "valid choice"),
        ("who", "name", "x" * 201, "longer"),
    ],
)
def test_what_does_not_belong_is_refused_beside_its_field(
    page: str, field: str, value: str, said: str
) -> None:
    client = Client()
    token = token_in(client.get(TELL).content.decode())
    for name, answers in ANSWERS:
        if name == page:
            break
        token = token_in(client.post(TELL, {"token": token, "page": name, **answers}).content.decode())
    response = client.post(TELL, {"token": token, "page": page, **dict(ANSWERS)[page], field: value})
    assert response.status_code == 422
    assert said in response.content.decode()


def test_words_are_shown_as_words_and_directions_cannot_be_turned() -> None:
    client = Client()
    token = filled(client, changes={"what": {"title": "A & B > C \u202e reversed", "text": "1 < 2"}})
    assert sent(client, token)[0] == 200
    row = Obstacle.objects.get()
    assert row.title == "A & B > C reversed"
    assert row.text == "1 < 2"


def test_pages_are_never_kept_by_caches_and_begin_no_session() -> None:
    client = Client()
    for address in (TELL, TRACK):
        response = client.get(address)
        assert "no-store" in response.headers["Cache-Control"]
        assert "sessionid" not in client.cookies
    assert reverse("programmes:outside_tell") == TELL
