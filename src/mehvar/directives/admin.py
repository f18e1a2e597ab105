"""Let administrators look at the room's tables; writing goes through the actions, which put it on record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin

from mehvar.directives import models

if TYPE_CHECKING:
    from django.http import HttpRequest

    _Admin = admin.ModelAdmin[Any]
else:
    _Admin = admin.ModelAdmin


class ReadOnlyAdmin(_Admin):
    """Show rows without any way to change them."""

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        """Refuse."""
        return False


for _model in (
    models.Directive,
    models.Measure,
    models.ImportDocument,
    models.AnnualTheme,
    models.LegalDuty,
    models.AlignmentPlan,
    models.Promulgation,
):
    admin.site.register(_model, ReadOnlyAdmin)
