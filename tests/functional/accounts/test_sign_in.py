"""People sign in with password, app code or recovery code; nobody learns which addresses exist; all is on record."""

import json
import re
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from django.core.cache import cache
from django.test import Client, override_settings
from django.urls import reverse

from mehvar.accounts import actions
from mehvar.accounts.data import Role
from mehvar.accounts.models import User
from mehvar.kernel.errors import Conflict, InputError
from mehvar.ledger.data import Actor
from mehvar.ledger.models import Entry
from tests.factories import organisations as make
from tests.factories.passkeys import Passkey

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    cache.clear()


@pytest.fixture
def user() -> User:
    return make.make_user(name="Zahra")


def sign_in(client: Client, email: str, password: str = make.PASSWORD, **more: Any) -> Any:
    return client.post(LOGIN, {"login": email, "password": password}, **more)


def actions_of(user: User) -> list[str]:
    rows = Entry.objects.filter(subject_type="person", subject_identifier=str(user.pk)).order_by("sequence")
    return list(rows.values_list("action", flat=True))


def test_a_person_signs_in_whatever_the_case_of_the_address(client: Client, user: User) -> None:
    answer = sign_in(client, user.email.upper())
    assert (answer.status_code, answer.url) == (302, "/")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert actions_of(user) == ["person.signed-in"]


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(client: Client, user: User) -> None:
    wrong = sign_in(client, user.email, "wrong-password").content.decode()
    unknown = sign_in(client, "nobody@example.org", "wrong-password").content.decode()
    strip = re.compile(r'value="[^"]*"|nonce="[^"]*"')
    assert strip.sub("", wrong) == strip.sub("", unknown)
    assert actions_of(user) == []


def test_the_fifth_failure_is_recorded_and_the_next_success_tells_how_many_there_were(
    client: Client, user: User
) -> None:
    with override_settings(ACCOUNT_RATE_LIMITS=False):
        for _ in range(6):
            sign_in(client, user.email, "wrong-password")
        assert actions_of(user) == ["person.sign-in-failed"]
        sign_in(client, user.email)
    assert actions_of(user) == ["person.sign-in-failed", "person.signed-in"]
    user.refresh_from_db()
    assert user.failed_sign_ins == 0
    assert not recorded("example.org")


def test_guessing_is_slowed_down_even_with_the_right_password(client: Client, user: User) -> None:
    for _ in range(6):
        sign_in(client, user.email, "wrong-password")
    page = sign_in(client, user.email).content.decode()
    assert "_auth_user_id" not in client.session
    assert "Too many failed login attempts" in page


def test_a_closed_account_does_not_open(client: Client, user: User) -> None:
    actions.close_account(Actor.system("console"), user.pk)
    sign_in(client, user.email)
    assert "_auth_user_id" not in client.session
    with pytest.raises(Conflict):
        actions.close_account(Actor.system("console"), user.pk)


def test_nobody_signs_up(client: Client) -> None:
    page = client.get("/accounts/signup/").content.decode()
    assert "Accounts are given by invitation" in page
    client.post("/accounts/signup/", {"email": "x@example.org", "password1": "a" * 20, "password2": "a" * 20})
    assert not User.objects.exists()


def test_an_invited_person_sets_a_password_by_the_link_and_only_once(
    client: Client, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        invited = actions.invite_person(
            Actor.system("console"), email=" New.Person@Example.org ", name="New Person", language="en"
        )
    assert invited.email == "new.person@example.org"
    (mail,) = mailoutbox
    link = re.search(r"http://testserver(\S+)", mail.body.split("set your password")[1]).group(1)
    first = client.get(link)
    assert first.status_code == 302
    form = {"password1": "a-long-new-password", "password2": "a-long-new-password"}
    assert client.post(first.url, form).status_code == 302
    sign_in(client, "new.person@example.org", "a-long-new-password")
    assert client.session["_auth_user_id"] == str(invited.pk)
    assert actions_of(invited) == ["person.invited", "person.password-chosen", "person.signed-in"]
    again = Client().get(link)
    assert "This link no longer works" in again.content.decode()


def test_an_invitation_needs_an_address_a_name_and_nobody_before(user: User) -> None:
    console = Actor.system("console")
    with pytest.raises(InputError):
        actions.invite_person(console, email="no-address", name="X")
    with pytest.raises(InputError):
        actions.invite_person(console, email="a@example.org", name="  ")
    with pytest.raises(Conflict):
        actions.invite_person(console, email=user.email.upper(), name="X")


def test_a_forgotten_password_is_answered_alike_for_unknown_addresses(
    client: Client, user: User, mailoutbox: list[Any]
) -> None:
    known = client.post("/accounts/password/reset/", {"email": user.email})
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert [mail.to for mail in mailoutbox] == [[user.email]]
    assert "http://testserver/accounts/password/reset/key/" in mailoutbox[0].body


def recorded(words: str) -> bool:
    return any(words in str(row) for row in Entry.objects.values())


def totp_code(secret: str, *, ago: int = 0) -> str:
    import time

    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 - ago))


def confirm(client: Client) -> None:
    answer = client.post("/accounts/reauthenticate/", {"password": make.PASSWORD})
    assert answer.status_code == 302


def set_up_app(client: Client) -> str:
    confirm(client)
    page = client.get("/accounts/2fa/totp/activate/")
    secret: str = page.context["form"].secret
    answer = client.post("/accounts/2fa/totp/activate/", {"code": totp_code(secret)})
    assert answer.status_code == 302
    return secret


def test_an_app_becomes_the_second_factor_and_recovery_codes_help_once(
    client: Client, user: User, django_capture_on_commit_callbacks: Any
) -> None:
    sign_in(client, user.email)
    with django_capture_on_commit_callbacks(execute=True):
        assert set_up_app(client)
    codes = client.get("/accounts/2fa/recovery-codes/").context["unused_codes"]
    assert len(codes) >= 8
    client.post("/accounts/logout/")
    answer = sign_in(client, user.email)
    assert answer.url == "/accounts/2fa/authenticate/"
    assert "_auth_user_id" not in client.session
    assert client.get("/accounts/2fa/authenticate/").status_code == 200
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert "_auth_user_id" not in client.session
    assert client.post("/accounts/2fa/authenticate/", {"code": codes[0]}).status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)
    assert "person.second-factor-added" in actions_of(user)
    client.post("/accounts/logout/")
    sign_in(client, user.email)
    client.post("/accounts/2fa/authenticate/", {"code": codes[0]})
    assert "_auth_user_id" not in client.session


def test_changing_how_one_signs_in_asks_again_who_one_is(client: Client, user: User) -> None:
    client.force_login(user)
    answer = client.get("/accounts/2fa/totp/activate/")
    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/reauthenticate/")
    assert client.get(answer.url).status_code == 200


def test_roles_that_decide_are_told_to_set_up_a_second_factor(client: Client) -> None:
    house = make.small_ministry()
    page = sign_in(client, house.people[Role.MINISTER].email, follow=False)
    assert page.status_code == 302
    assert "Your role asks for a second factor" in client.get("/accounts/profile/").content.decode()
    other = Client()
    sign_in(other, house.people[Role.BODY_OFFICER].email)
    assert "Your role asks for a second factor" not in other.get("/accounts/profile/").content.decode()


def test_where_it_is_required_the_minister_sees_nothing_else_before(client: Client) -> None:
    house = make.small_ministry()
    with override_settings(MEHVAR_REQUIRE_SECOND_FACTOR=True):
        sign_in(client, house.people[Role.MINISTER].email)
        answer = client.get(reverse("organisations:list"))
        assert (answer.status_code, answer.url) == (302, "/accounts/2fa/")
        set_up_app(client)
        assert client.get(reverse("organisations:list")).status_code == 200
        other = Client()
        sign_in(other, house.people[Role.BODY_OFFICER].email)
        assert other.get(reverse("organisations:list")).status_code == 200


def test_a_totp_secret_is_never_in_the_record(client: Client, user: User) -> None:
    sign_in(client, user.email)
    secret = set_up_app(client)
    assert secret != generate_totp_secret()
    assert not recorded(secret)


def test_a_passkey_signs_in_without_a_password(
    client: Client, user: User, django_capture_on_commit_callbacks: Any
) -> None:
    key = Passkey("testserver", "http://testserver")
    sign_in(client, user.email)
    confirm(client)
    page = client.get("/accounts/2fa/webauthn/add/")
    registration = key.register(page.context["js_data"]["creation_options"])
    form = {"name": "Phone", "passwordless": "on", "credential": json.dumps(registration)}
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post("/accounts/2fa/webauthn/add/", form).status_code == 302
    assert "Phone" in client.get("/accounts/2fa/webauthn/").content.decode()
    assert "person.second-factor-added" in actions_of(user)
    client.post("/accounts/logout/")

    options = client.get(
        "/accounts/2fa/webauthn/login/", headers={"X-Requested-With": "XMLHttpRequest"}
    ).json()["request_options"]
    stranger = Passkey("testserver", "http://testserver", like=key)
    client.post("/accounts/2fa/webauthn/login/", {"credential": json.dumps(stranger.sign(options, user))})
    assert "_auth_user_id" not in client.session
    options = client.get(
        "/accounts/2fa/webauthn/login/", headers={"X-Requested-With": "XMLHttpRequest"}
    ).json()["request_options"]
    answer = client.post("/accounts/2fa/webauthn/login/", {"credential": json.dumps(key.sign(options, user))})
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)
