"""Read the bodies and parameters of requests strictly."""

from typing import Any

from django.http import HttpRequest
from django.http.request import QueryDict
from ninja.parser import Parser

from mehvar.kernel.errors import InputError, gettext_noop

NUL = "\x00"


class StrictParser(Parser):
    """Refuse texts that no database can hold: NUL characters and half characters."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Read a JSON body.

        Raises:
            InputError: A text in it holds what cannot be stored.
        """
        body = super().parse_body(request)
        _check(body)
        return body

    def parse_querydict(self, data: Any, list_fields: Any, request: HttpRequest) -> Any:
        """Read parameters of the address or of a form.

        Raises:
            InputError: A text in it holds what cannot be stored.
        """
        check_parameters(data)
        return super().parse_querydict(data, list_fields, request)


def check_parameters(data: QueryDict) -> None:
    """Refuse parameters that hold what cannot be stored.

    Raises:
        InputError: A parameter does.
    """
    for name, values in data.lists():
        _check_text(name)
        for value in values:
            _check_text(str(value))


def _check(value: Any) -> None:
    """Walk through a JSON value without recursion, however deep it is."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting.extend(item)
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, str):
            _check_text(item)


def _check_text(written: str) -> None:
    if NUL in written or not _is_whole(written):
        raise InputError(
            gettext_noop("A text holds characters that cannot be stored."), code="bad-characters"
        )


def _is_whole(written: str) -> bool:
    try:
        written.encode()
    except UnicodeEncodeError:
        return False
    return True
