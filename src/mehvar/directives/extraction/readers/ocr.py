"""Recognise scanned PDFs with the OCR extra; every figure of the result must be confirmed by a person.

Source: issue "the house", point 8 (OCR behind an extra); design §4 (Tesseract reads «۳ اردیبهشت» as «۲»).
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from mehvar.directives.extraction.limits import Limits
from mehvar.directives.extraction.readers.document import Document
from mehvar.kernel import errors
from mehvar.kernel.errors import gettext_noop

LANGUAGES = "vie+fas+eng"


def read_document(data: bytes, limits: Limits) -> Document:
    """Recognise a scan and read the result as a PDF.

    Raises:
        InputError: The OCR extra is not installed, or nothing could be recognised.
        LimitExceeded: Recognition takes longer than allowed.
    """
    if importlib.util.find_spec("ocrmypdf") is None or shutil.which("tesseract") is None:
        raise errors.InputError(
            gettext_noop(
                "The PDF is a scan without text. Install Mehvar with the extra [ocr] and Tesseract to read scans."
            ),
            code="scan",
        )
    from mehvar.directives.extraction.readers import pdf

    recognised = _recognised(data, limits)
    found = pdf.read_text_layer(recognised, replace(limits, file_bytes=len(recognised) + 1))
    if found is None:
        raise errors.InputError(gettext_noop("The scan could not be recognised."), code="scan")
    found.is_recognised = True
    found.warnings.append("The text was recognised from a scan: confirm every figure against the page.")
    return found


def _recognised(data: bytes, limits: Limits) -> bytes:
    """Run the recogniser in its own process and give the PDF with a text layer."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "scan.pdf", Path(folder) / "text.pdf"
        source.write_bytes(data)
        command = [
            sys.executable,
            "-m",
            "ocrmypdf",
            "--language",
            LANGUAGES,
            "--force-ocr",
            "--output-type",
            "pdf",
            "--quiet",
            str(source),
            str(target),
        ]
        try:
            done = subprocess.run(command, capture_output=True, timeout=limits.time_s, check=False)  # noqa: S603
        except subprocess.TimeoutExpired:
            raise errors.LimitExceeded(
                gettext_noop("Recognising the scan took too long and was stopped."), code="time-limit"
            ) from None
        if done.returncode != 0 or not target.exists():
            raise errors.InputError(gettext_noop("The scan could not be recognised."), code="scan")
        return target.read_bytes()
