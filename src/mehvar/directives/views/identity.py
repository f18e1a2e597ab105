"""Ask a person to show once more who they are, before what cannot be undone."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from allauth.account.internal.flows import reauthentication
from django.shortcuts import redirect
from django.urls import reverse

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def ask_for_proof(request: HttpRequest) -> HttpResponse | None:
    """Lead to the page that asks for the password, code or passkey, and back; None where the last proof is fresh."""
    if reauthentication.did_recently_reauthenticate(request):
        return None
    query = urlencode({"next": request.get_full_path()})
    return redirect(f"{reverse('account_reauthenticate')}?{query}")
