"""Expose the WSGI application that the server runs."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING, Any

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mehvar.config.settings")


def settle() -> None:
    """Load every page's code and take it out of the collector's sight.

    Else each full collection walks the whole program, which adds some 80 ms to one request in thirty of those that make
    thousands of small objects.
    """
    get_resolver().url_patterns  # noqa: B018 - imports all views
    gc.collect()
    gc.freeze()


answer = get_wsgi_application()
settle()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a request; the first one has documents made ready in the background, so that minutes come within a second."""
    from mehvar.ui import pdf

    pdf.warm_up()
    answered: Iterable[bytes] = answer(environ, start_response)
    return answered
