"""Give kept files out, always as a download and never as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import FileResponse

from mehvar.kernel.errors import NotFound

if TYPE_CHECKING:
    from mehvar.programmes.models import Evidence


def download(kept: Evidence) -> FileResponse:
    """Answer with the file under its own name; browsers may neither show nor guess it.

    Raises:
        NotFound: The file is no longer on disk.
    """
    try:
        opened = kept.file.open("rb")
    except FileNotFoundError as error:
        raise NotFound("There is no such file.", code="unknown-evidence") from error
    response = FileResponse(
        opened, as_attachment=True, filename=kept.filename, content_type="application/octet-stream"
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
