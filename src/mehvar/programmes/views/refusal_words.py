"""Say in the reader's language why something was refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext

if TYPE_CHECKING:
    from mehvar.kernel.errors import MehvarError


def said(error: MehvarError) -> str:
    """Give the error's sentence in the active language, its places filled."""
    return error.formatted(gettext(error.message))
