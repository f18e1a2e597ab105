"""Render forms in the anatomy of a good public service: label, hint, error, control."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.forms import BaseForm, CheckboxInput
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from mehvar.ui.markup import joined

if TYPE_CHECKING:
    from django.forms import BoundField


def errors_of(forms: BaseForm | Iterable[BaseForm] | None) -> list[tuple[str, str]]:
    """Return (text, id of the control) of every error; the id is empty for errors of the whole form."""
    if forms is None:
        return []
    several = [forms] if isinstance(forms, BaseForm) else list(forms)
    return [error for form in several for error in _form_errors(form)]


def _form_errors(form: BaseForm) -> list[tuple[str, str]]:
    """Return the errors of one form, the whole form's first."""
    found = [(str(error), "") for error in form.non_field_errors()]
    for field in form:
        found += [(_named(field, error), _target(field)) for error in field.errors]
    return found


def _named(field: BoundField, error: object) -> str:
    """Return an error with the name of its field, since the summary stands far from it."""
    return _("%(label)s: %(error)s") % {"label": field.label, "error": error}


def _target(field: BoundField) -> str:
    """Return the id of the control that the keyboard should reach: a group's first choice."""
    if field.is_hidden:
        return ""
    first_choice = field.field.widget.use_fieldset and hasattr(field.field.widget, "choices")
    return f"{field.auto_id}_0" if first_choice else str(field.id_for_label or field.auto_id)


def render_field(field: BoundField) -> SafeString:
    """Return one field with everything that belongs to it."""
    described = _described_by(field)
    attributes: dict[str, Any] = {"aria-describedby": described} if described else {}
    if field.errors:
        attributes["aria-invalid"] = "true"
    facts = {
        "field": field,
        "control": field.as_widget(attrs=attributes),
        "is_group": field.field.widget.use_fieldset,
        "is_checkbox": isinstance(field.field.widget, CheckboxInput),
        "described": described,
        "required": field.field.required or getattr(field.field, "is_unmarked", False),
    }
    return render_to_string("ui/parts/field.html", facts)


def render_fields(form: BaseForm) -> SafeString:
    """Return all fields of a form, the hidden ones too."""
    hidden = [field.as_widget() for field in form.hidden_fields()]
    return joined([*hidden, *(render_field(field) for field in form.visible_fields())])


def _described_by(field: BoundField) -> str:
    """Return the ids of hint and error, for aria-describedby."""
    parts = [f"{field.auto_id}_hint"] if field.help_text else []
    return " ".join([*parts, f"{field.auto_id}_error"] if field.errors else parts)
