"""A ministry's own sign-in service lets in whom the administrator invited, and nobody else."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client

from mehvar.accounts.models import User
from mehvar.config.middleware import content_security_policy
from tests.factories import organisations as make

pytestmark = pytest.mark.django_db


class Provider(BaseHTTPRequestHandler):
    """Play an OpenID Connect provider that confirms one person."""

    person: ClassVar[dict[str, Any]] = {}
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        here = f"http://{self.headers['Host']}"
        documents = {
            "/.well-known/openid-configuration": {
                "issuer": here,
                "authorization_endpoint": f"{here}/authorize",
                "token_endpoint": f"{here}/token",
                "userinfo_endpoint": f"{here}/userinfo",
                "jwks_uri": f"{here}/jwks",
            },
            "/userinfo": self.person,
        }
        self.answer(documents[urlsplit(self.path).path])

    def do_POST(self) -> None:
        self.asked.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.answer({"access_token": "t", "token_type": "Bearer"})

    def answer(self, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def issuer(settings: Any) -> Iterator[str]:
    cache.clear()
    server = HTTPServer(("127.0.0.1", 0), Provider)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    app = {
        "provider_id": "oidc",
        "name": "Gov ID",
        "client_id": "mehvar",
        "secret": "s",
        "settings": {"server_url": address},
    }
    settings.SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {"OAUTH_PKCE_ENABLED": True, "EMAIL_AUTHENTICATION": True, "APPS": [app]}
    }
    yield address
    server.shutdown()
    server.server_close()
    thread.join()


def go_through(client: Client, person: dict[str, Any]) -> Any:
    Provider.person = person
    away = client.post("/accounts/oidc/oidc/login/")
    assert away.status_code == 302
    asked = parse_qs(urlsplit(away.url).query)
    assert asked["code_challenge_method"] == ["S256"]
    callback = f"/accounts/oidc/oidc/login/callback/?code=c&state={asked['state'][0]}"
    return client.get(callback, follow=True)


def test_an_invited_person_enters_through_the_ministrys_own_sign_in(client: Client, issuer: str) -> None:
    user = make.make_user()
    page = client.get("/accounts/login/").content.decode()
    assert "Sign in with Gov ID" in page
    assert client.get("/accounts/oidc/oidc/login/").status_code == 200
    go_through(client, {"sub": "1", "email": user.email, "email_verified": True, "name": "X"})
    assert client.session["_auth_user_id"] == str(user.pk)
    assert "code_verifier" in Provider.asked[-1]


def test_a_stranger_with_a_confirmed_address_is_told_that_accounts_are_by_invitation(
    client: Client, issuer: str
) -> None:
    page = go_through(client, {"sub": "2", "email": "stranger@example.org", "email_verified": True})
    assert "Accounts are given by invitation" in page.content.decode()
    assert not User.objects.exists()


def test_an_address_that_the_service_did_not_confirm_opens_nothing(client: Client, issuer: str) -> None:
    user = make.make_user()
    go_through(client, {"sub": "3", "email": user.email, "email_verified": False})
    assert "_auth_user_id" not in client.session


def test_a_closed_account_stays_closed_whatever_the_service_says(client: Client, issuer: str) -> None:
    user = make.make_user(is_active=False)
    go_through(client, {"sub": "4", "email": user.email, "email_verified": True})
    assert "_auth_user_id" not in client.session


def test_the_policy_lets_the_sign_in_form_lead_to_the_service_and_nowhere_else() -> None:
    assert "form-action 'self' https://id.example.gov;" in content_security_policy(
        "https://id.example.gov/realms/x"
    )
    assert "form-action 'self';" in content_security_policy("")
