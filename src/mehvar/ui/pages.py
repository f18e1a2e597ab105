"""Answer with whole pages that every room needs: confirmation before an act that cannot be undone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.shortcuts import render

if TYPE_CHECKING:
    from django.forms import BaseForm
    from django.http import HttpRequest, HttpResponse


def confirm(
    request: HttpRequest,
    *,
    title: Any,
    action: Any,
    text: Any = "",
    consequences: Sequence[Any] = (),
    cancel_url: str = "",
    danger: bool = False,
    form: BaseForm | None = None,
    breadcrumbs: Sequence[tuple[Any, str]] = (),
) -> HttpResponse:
    """Show what an act will do and the one button that does it (POST to the same address); ``breadcrumbs`` lead back."""
    facts = {
        "title": title,
        "text": text,
        "consequences": tuple(consequences),
        "action": action,
        "cancel_url": cancel_url,
        "danger": danger,
    }
    return render(request, "ui/confirm.html", {"confirm": facts, "form": form, "breadcrumbs": breadcrumbs})
