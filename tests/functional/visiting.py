"""Visit pages as a person who is signed in, without a browser."""

from django.test import Client
from django.urls import reverse

from mehvar.accounts.models import User
from tests.factories.organisations import PASSWORD


def signed_in(user: User, language: str = "en") -> Client:
    """Give the client of a person who reads the language."""
    User.objects.filter(pk=user.pk).update(language=language)
    client = Client(headers={"accept-language": language})
    assert client.login(username=user.email, password=PASSWORD)
    return client


def page(room: str, client: Client, name: str, *args: object, status: int = 200, **query: str) -> str:
    """Give a page of a room as it is sent."""
    response = client.get(reverse(f"{room}:{name}", args=args), query)
    assert response.status_code == status, (name, response.status_code, response.content[:300])
    return response.content.decode()
