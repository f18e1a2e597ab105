"""People make tokens for their programs, see each secret once, and revoke what they need no more."""

import re
from typing import Any

import pytest
from django.test import Client

from mehvar.accounts.actions import tokens
from mehvar.accounts.data import Role
from mehvar.accounts.models import ApiToken, User
from mehvar.kernel.errors import InputError, LimitExceeded, NotFound
from mehvar.ledger.models import Entry
from tests.factories.organisations import PASSWORD, SmallMinistry
from tests.factories.programs import Program, answered, problem

pytestmark = pytest.mark.django_db
PAGE = "/accounts/tokens/"
WISH = {"label": "Night export", "valid_days": "30", "may_write": "on"}


@pytest.fixture
def person(house: SmallMinistry) -> User:
    return house.people[Role.AUDITOR]


@pytest.fixture
def browser(person: User) -> Client:
    """Sign in by the page, so that the proof of who it is is fresh."""
    client = Client()
    client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    answer = client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert answer.status_code == 302
    return client


def test_a_new_token_is_shown_once_and_works(browser: Client) -> None:
    answer = browser.post(PAGE, WISH)
    found = re.search(r'<code id="secret"[^>]*>(mhv_[\w-]+)</code>', answer.content.decode())
    assert found is not None
    assert answer["Cache-Control"] == "no-store"
    caller = Program(None)
    caller.headers = {"Authorization": f"Bearer {found[1]}"}
    assert answered(caller.get("/me"))["name"] == "auditor"
    later = browser.get(PAGE).content.decode()
    assert found[1] not in later
    assert found[1][:10] in later
    assert "Night export" in later
    assert Entry.objects.filter(action="token.issued").count() == 1


def test_a_wish_that_cannot_be_granted_is_told_beside_its_field(browser: Client) -> None:
    page = browser.post(PAGE, {"label": " ", "valid_days": "400"}).content.decode()
    assert 'href="#id_label"' in page
    assert 'href="#id_valid_days"' in page
    assert not ApiToken.objects.exists()


def test_a_revoked_token_stops_at_once(browser: Client, person: User) -> None:
    caller = Program(person)
    answered(caller.get("/me"))
    answer = browser.post(f"{PAGE}{ApiToken.objects.get().pk}/revoke/", follow=True)
    assert "revoked" in answer.content.decode()
    problem(caller.get("/me"), 401, "not-authenticated")


def test_nobody_revokes_anothers_token(browser: Client, house: SmallMinistry) -> None:
    caller = Program(house.people[Role.MINISTER])
    assert browser.post(f"{PAGE}{ApiToken.objects.get().pk}/revoke/").status_code == 404
    answered(caller.get("/me"))


def test_an_old_session_proves_first_who_it_is(person: User) -> None:
    client = Client()
    client.force_login(person)
    answer = client.post(PAGE, WISH)
    assert "reauthenticate" in answer["Location"]
    assert not ApiToken.objects.exists()
    shown = client.post(answer["Location"], {"password": PASSWORD, "next": PAGE})
    assert 'id="secret"' in shown.content.decode()
    assert ApiToken.objects.get().label == "Night export"


def test_strangers_are_sent_to_sign_in() -> None:
    assert Client().get(PAGE)["Location"].startswith("/accounts/login/")


def test_the_profile_leads_to_the_tokens(browser: Client) -> None:
    assert PAGE in browser.get("/accounts/profile/").content.decode()


def test_tokens_are_bounded(person: User) -> None:
    for options in (
        {"label": " ", "valid_days": 30},
        {"label": "x", "valid_days": 0},
        {"label": "x", "valid_days": 367},
    ):
        given: Any = options
        with pytest.raises(InputError):
            tokens.issue_token(person, may_write=False, **given)
    made = [tokens.issue_token(person, label="x", may_write=False, valid_days=1)[0] for _ in range(20)]
    with pytest.raises(LimitExceeded):
        tokens.issue_token(person, label="x", may_write=False, valid_days=1)
    tokens.revoke_token(person, made[0].pk)
    tokens.issue_token(person, label="x", may_write=False, valid_days=1)
    with pytest.raises(NotFound):
        tokens.revoke_token(person, 999_999)


@pytest.mark.parametrize(("language", "direction"), [("fa", "rtl"), ("vi", "ltr"), ("en", "ltr")])
def test_the_page_speaks_three_languages(
    browser: Client, person: User, language: str, direction: str
) -> None:
    person.language = language
    person.save()
    Program(person)
    page = browser.get(PAGE).content.decode()
    assert re.search(rf'<html[^>]*\blang="{language}"[^>]*\bdir="{direction}"', page)
    assert ("Tokens for programs" in page) == (language == "en")
