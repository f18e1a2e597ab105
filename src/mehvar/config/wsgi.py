"""Expose the WSGI application that the server runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from django.core.wsgi import get_wsgi_application

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mehvar.config.settings")

answer = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a request; the first one has documents made ready in the background, so that minutes come within a second."""
    from mehvar.ui import pdf

    pdf.warm_up()
    answered: Iterable[bytes] = answer(environ, start_response)
    return answered
