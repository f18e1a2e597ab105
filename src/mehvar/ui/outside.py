"""Ask people without an account, one question a page: the draft they carry, its fields, and what is refused before it is read.

No cookie and no script is needed. The answers travel from page to page in a signed token with the moment of the first page; no credential of
a signed-in person is used, so there is nothing that a forged request could borrow.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

from django import forms
from django.core import signing
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mehvar.kernel import clock
from mehvar.kernel.errors import InputError
from mehvar.kernel.outside import LARGEST_BODY, plain_words
from mehvar.ui.fields import area
from mehvar.ui.refusals import said

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

TOO_LARGE, UNPROCESSABLE, TOO_MANY = 413, 422, 429


@dataclass(slots=True)
class Draft:
    """Hold what was answered so far, when it was begun, and the key under which it can be sent once; ``salt`` names the form."""

    salt: str
    answers: dict[str, str]
    begun_at: float
    key: str

    @classmethod
    def new(cls, salt: str) -> Draft:
        """Begin."""
        return cls(salt, {}, clock.now().timestamp(), secrets.token_urlsafe(18))

    @classmethod
    def read(cls, salt: str, token: str) -> Draft | None:
        """Read a token; None where it is not ours."""
        try:
            found = signing.loads(token, salt=salt)
            return cls(salt, dict(found["a"]), float(found["t"]), str(found["k"]))
        except (signing.BadSignature, KeyError, TypeError, ValueError):
            return None

    @property
    def age_s(self) -> float:
        """Give for how many seconds it has been filled in."""
        return clock.now().timestamp() - self.begun_at

    def token(self) -> str:
        """Write it as a token that nobody can change."""
        return signing.dumps(
            {"a": self.answers, "t": self.begun_at, "k": self.key}, salt=self.salt, compress=True
        )


def refused(request: HttpRequest, title: str, text: str, *, status: int = UNPROCESSABLE) -> HttpResponse:
    """Say why nothing was taken, with the way back to the page's beginning."""
    context = {"title": title, "text": text, "again": request.path}
    return render(request, "ui/outside_refused.html", context, status=status)


def bounded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Refuse a body that is larger than the page can ever send, before anything reads it."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        length = str(request.META.get("CONTENT_LENGTH") or "0")
        if not length.isdecimal() or int(length) > LARGEST_BODY:
            text = _("Please send words only, and fewer of them.")
            return refused(request, _("This is too large"), text, status=TOO_LARGE)
        return view(request, *args, **kwargs)

    return guarded


class PlainField(forms.CharField):
    """Take plain words: normalised, without control signs, without HTML."""

    def __init__(self, *, limit: int, rows: int = 0, **options: Any) -> None:
        """Take so many characters, in one line or in an area of rows."""
        widget = area(rows) if rows else forms.TextInput(attrs={"dir": "auto"})
        widget.attrs["maxlength"] = str(limit)
        super().__init__(widget=widget, **options)
        self.limit, self.one_line = limit, not rows

    def clean(self, value: Any) -> str:
        """Give the words as they are kept.

        Raises:
            ValidationError: Nothing where something is needed, too much, HTML, or too many links.
        """
        try:
            return plain_words(
                str(value or ""), field="", limit=self.limit, required=self.required, one_line=self.one_line
            )
        except InputError as error:
            raise forms.ValidationError(said(error), code=error.code) from error


class CodeForm(forms.Form):
    """Ask for a tracking code."""

    code = forms.CharField(
        label=gettext_lazy("Your tracking code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "dir": "ltr", "inputmode": "text"}
        ),
        help_text=gettext_lazy("Sixteen letters and digits, as they were shown to you."),
    )


def is_caught(data: Mapping[str, Any]) -> bool:
    """Tell whether the field that people do not see, and programs fill in, was filled in."""
    return bool(str(data.get("website", "")).strip())
