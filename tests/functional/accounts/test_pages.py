"""Every page of the account that a person can reach is ours, in three languages, without inline code."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from mehvar.accounts import actions, queries
from mehvar.accounts.models import Notification, User
from mehvar.kernel import clock
from tests.factories import organisations as make
from tests.factories.passkeys import Passkey

pytestmark = pytest.mark.django_db

OPTIONS = {"publicKey": {"challenge": "AAAA"}}
LANGUAGES = ("en", "fa", "vi")
VISITOR_PAGES = (
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/inactive/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/done/",
    "/accounts/password/reset/key/1-bad/",
    "/accounts/3rdparty/login/cancelled/",
    "/accounts/3rdparty/login/error/",
)
OWN_PAGES = (
    "/accounts/profile/",
    "/accounts/notifications/",
    "/accounts/logout/",
    "/accounts/reauthenticate/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/2fa/reauthenticate/",
    "/accounts/2fa/totp/deactivate/",
    "/accounts/2fa/webauthn/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/2fa/webauthn/reauthenticate/",
    "/accounts/2fa/recovery-codes/",
    "/accounts/2fa/recovery-codes/generate/",
    "/accounts/3rdparty/",
)


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    cache.clear()


@pytest.fixture
def user() -> User:
    return make.make_user(name="Zahra")


def check(answer: Any, url: str, language: str) -> None:
    assert answer.status_code == 200, url
    page = answer.content.decode()
    assert f'lang="{language}"' in page, url
    assert "masthead" in page, url
    for inline in ("<style", " style=", " onclick=", "<script>"):
        assert inline not in page, (url, inline)


@pytest.mark.parametrize("language", LANGUAGES)
def test_visitors_pages(client: Client, language: str) -> None:
    client.cookies["django_language"] = language
    for url in VISITOR_PAGES:
        answer = client.get(url, follow=True)
        if "error" in url:
            assert answer.status_code in {200, 401, 403}
            continue
        check(answer, url, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_own_pages(client: Client, user: User, language: str) -> None:
    user.language = language
    user.save()
    client.post("/accounts/login/", {"login": user.email, "password": make.PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": make.PASSWORD})
    client.get("/accounts/2fa/totp/activate/")
    Authenticator.objects.create(user=user, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    Authenticator.objects.create(user=user, type="recovery_codes", data={"seed": "abcd" * 10, "used_mask": 0})
    key = Authenticator.objects.create(
        user=user,
        type="webauthn",
        data={"name": "Phone", "credential": Passkey("testserver", "http://testserver").register(OPTIONS)},
    )
    for url in OWN_PAGES:
        check(client.get(url), url, language)
    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        url = reverse(name, kwargs={"pk": key.pk})
        check(client.get(url), url, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_setting_up_an_app(client: Client, user: User, language: str) -> None:
    user.language = language
    user.save()
    client.post("/accounts/login/", {"login": user.email, "password": make.PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": make.PASSWORD})
    check(client.get("/accounts/2fa/totp/activate/"), "activate", language)


def test_pages_for_addresses_are_not_offered(client: Client, user: User) -> None:
    client.force_login(user)
    assert client.get("/accounts/email/").url == "/accounts/profile/"
    assert client.get("/accounts/confirm-email/").url == "/accounts/login/"
    assert client.get("/accounts/login/code/confirm/").url == "/accounts/login/"


def test_a_profile_is_changed_and_the_page_speaks_the_new_language(client: Client, user: User) -> None:
    client.force_login(user)
    answer = client.post(
        "/accounts/profile/",
        {"name": "زهرا محمدی", "language": "fa", "calendar": "jalali", "notification": "daily"},
        follow=True,
    )
    assert 'lang="fa"' in answer.content.decode()
    user.refresh_from_db()
    assert (user.name, user.language, user.calendar, user.notification) == (
        "زهرا محمدی",
        "fa",
        "jalali",
        "daily",
    )


def test_a_profile_without_a_name_is_not_saved(client: Client, user: User) -> None:
    client.force_login(user)
    answer = client.post("/accounts/profile/", {"name": " ‌ ", "language": "xx", "notification": "each"})
    assert answer.status_code == 200
    assert answer.context["form"].errors
    user.refresh_from_db()
    assert user.name == "Zahra"


def tell(user: User, key: str = "k", **params: Any) -> None:
    actions.notify(
        [user.pk], kind="test", key=key, message="Answer {title} until {day}.", params=params, path="/"
    )


def test_a_notice_is_shown_counted_read_and_never_anothers(client: Client, user: User) -> None:
    tell(user, title="Directive 01", day="1 May")
    tell(user, title="Directive 01", day="1 May")
    client.force_login(user)
    page = client.get("/accounts/notifications/").content.decode()
    assert page.count("Answer Directive 01 until 1 May.") == 1
    notice = Notification.objects.get()
    stranger = Client()
    stranger.force_login(make.make_user())
    assert stranger.get(f"/accounts/notifications/{notice.pk}/").status_code == 404
    assert client.get(f"/accounts/notifications/{notice.pk}/").url == "/"
    assert queries.unread_count(user.pk) == 0


def test_a_long_list_of_notices_is_paged_at_a_bounded_cost(
    client: Client, user: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(60):
        tell(user, key=str(number), title=str(number), day="x")
    client.force_login(user)
    with django_assert_max_num_queries(9):
        client.get("/accounts/notifications/?page=2")
    client.post("/accounts/notifications/read/")
    assert queries.unread_count(user.pk) == 0


def test_mail_goes_out_once_as_each_person_chose(user: User, mailoutbox: list[Any]) -> None:
    daily, silent = make.make_user(notification="daily"), make.make_user(notification="none")
    for person in (user, daily, silent):
        tell(person, title="D", day="x")
    assert actions.send_due_mail() == 2
    assert actions.send_due_mail() == 0
    assert {mail.to[0] for mail in mailoutbox} == {user.email, daily.email}
    assert "Answer D until x." in mailoutbox[0].body
    for person in (user, daily):
        tell(person, key="later", title="E", day="y")
    assert actions.send_due_mail() == 1
    with clock.fixed(datetime.now(UTC) + timedelta(hours=21)):
        assert actions.send_due_mail() == 1
    assert mailoutbox[-1].to == [daily.email]


def test_what_was_read_is_not_mailed_and_a_refusing_server_is_tried_again(
    user: User, mailoutbox: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from mehvar.accounts.actions import mail

    tell(user, title="D", day="x")

    def refuse(*_args: Any) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr(mail, "send_mail", refuse)
        assert actions.send_due_mail() == 0
    assert actions.send_due_mail() == 1
    tell(user, key="read", title="E", day="x")
    actions.mark_all_read(user.pk)
    assert actions.send_due_mail() == 0
    assert len(mailoutbox) == 1
