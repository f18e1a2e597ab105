"""Give out the sealed log's files under ``/log/``, before sessions, cookies and languages come into play.

They are plain files: a web server in front may serve ``MEHVAR_HOME/log`` by itself with the same headers.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from mehvar.kernel.errors import NotFound
from mehvar.ledger import queries
from mehvar.ledger.rules import tiles

Handler = Callable[[HttpRequest], HttpResponse]

PREFIX = "/log/"
_FOR_EVER = "public, max-age=31536000, immutable"


def log_files(get_response: Handler) -> Handler:
    """Answer for the checkpoint, tiles and entry bundles; everything else goes on."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(PREFIX):
            return get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return _file(request.path_info.removeprefix(PREFIX))

    return middleware


def _file(address: str) -> HttpResponse:
    """Return the file; full tiles and bundles never change, all else must be asked for again."""
    try:
        content = queries.log_file(address)
    except NotFound:
        return HttpResponse(status=404, headers={"Cache-Control": "no-cache"})
    is_tile = tiles.is_address(address)
    full = is_tile and not tiles.is_partial(address)
    return HttpResponse(
        content,
        content_type="application/octet-stream" if is_tile else "text/plain; charset=utf-8",
        headers={
            "Access-Control-Allow-Origin": "*",
            "Cache-Control": _FOR_EVER if full else "no-cache",
            "Content-Length": str(len(content)),
        },
    )
