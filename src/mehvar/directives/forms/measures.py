"""Take a task from a person: in the review of an import and in the editor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from mehvar.directives.data import Priority
from mehvar.directives.queries import measures as queries
from mehvar.directives.rules import drafting
from mehvar.directives.rules.drafting import MeasureChanges
from mehvar.kernel import text
from mehvar.ui.fields import area

if TYPE_CHECKING:
    from mehvar.directives.models import Directive, Measure

PRIORITIES = ((Priority.NORMAL.value, _("Normal")), (Priority.HIGH.value, _("High")))
ROLE_LABELS = {
    "lead": _("Lead"),
    "coordinating": _("Coordinating"),
    "overseeing": _("Overseeing"),
    "monitoring": _("Monitoring"),
}


class BodiesField(forms.CharField):
    """Take names of bodies, one to a line; suggestions appear where JavaScript runs."""

    def __init__(self, **kwargs: Any) -> None:
        """Make a small text area that the suggestions know."""
        kwargs.setdefault("required", False)
        kwargs.setdefault(
            "widget",
            forms.Textarea(attrs={"rows": 2, "data-bodies": "", "dir": "auto", "spellcheck": "false"}),
        )
        super().__init__(**kwargs)


class MeasureForm(forms.Form):
    """Ask for everything that is said of a task."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    number = forms.CharField(label=_("Number"), max_length=40, required=False)
    section = forms.CharField(label=_("Section"), max_length=400, required=False)
    text = forms.CharField(label=_("Task"), widget=area(4))
    deliverable = forms.CharField(label=_("Deliverable"), widget=area(2), required=False)
    lead = BodiesField(label=ROLE_LABELS["lead"], help_text=_("One body to a line"))
    coordinating = BodiesField(label=ROLE_LABELS["coordinating"])
    overseeing = BodiesField(label=ROLE_LABELS["overseeing"])
    monitoring = BodiesField(label=ROLE_LABELS["monitoring"])
    due_raw = forms.CharField(label=_("Deadline, as written"), max_length=400, required=False)
    field = forms.ChoiceField(label=_("Field"), required=False)

    def __init__(
        self,
        *args: Any,
        directive: Directive,
        measure: Measure | None = None,
        lines: Mapping[str, Sequence[str]] | None = None,
        **kwargs: Any,
    ) -> None:
        """Start from what the task holds now."""
        kwargs.setdefault("initial", {} if measure is None else values_of(measure, lines or {}))
        super().__init__(*args, **kwargs)
        names = list(directive.fields.values_list("name", flat=True))
        choice = cast("forms.ChoiceField", self.fields["field"])
        choice.choices = [("", "–"), *((name, name) for name in names)]
        if not names:
            del self.fields["field"]
        for role in drafting.ROLE_NAMES:
            self.fields[role].widget.attrs["data-pack"] = directive.pack

    def changes(self) -> MeasureChanges:
        """Give what the person changed."""
        found: dict[str, Any] = {}
        for name in self.changed_data:
            if name == "version":
                continue
            value = self.cleaned_data[name]
            found[name] = drafting.lines_of(value) if name in drafting.ROLE_NAMES else value
        return cast("MeasureChanges", found)


class EditMeasureForm(MeasureForm):
    """Ask besides for what only the editor sets: outcome, clause, priority, special project."""

    outcome_indicator = forms.CharField(
        label=_("Outcome that people feel"),
        widget=area(2),
        required=False,
        help_text=_("What will be better for people, and by which figure one sees it."),
    )
    priority = forms.ChoiceField(label=_("Priority"), choices=PRIORITIES)
    special_project = forms.BooleanField(label=_("Special project"), required=False)
    provision = forms.ChoiceField(label=_("Clause"), required=False)

    def __init__(self, *args: Any, directive: Directive, **kwargs: Any) -> None:
        """Offer the clauses of the directive."""
        super().__init__(*args, directive=directive, **kwargs)
        rows = directive.provisions.order_by("position").values_list(
            "public_id", "number", "heading", "path", "text"
        )
        choices = [
            (key, f"{number or path} {(heading or body)[:60]}".strip())
            for key, number, heading, path, body in rows
        ]
        clause = cast("forms.ChoiceField", self.fields["provision"])
        clause.choices = [("", "–"), *choices]
        self.order_fields(
            [
                *("version", "number", "section", "text", "deliverable", "outcome_indicator", "lead"),
                *("coordinating", "overseeing", "monitoring", "due_raw", "field", "provision", "priority"),
            ]
        )


def values_of(measure: Measure, lines: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Give what a form shows of a task."""
    return {
        "version": measure.version,
        "number": measure.number,
        "section": measure.section,
        "text": measure.text,
        "deliverable": measure.deliverable,
        "outcome_indicator": measure.outcome_indicator,
        "priority": measure.priority,
        "special_project": measure.special_project,
        "due_raw": measure.due_raw,
        "field": measure.field.name if measure.field else "",
        "provision": measure.provision.public_id if measure.provision else "",
        **{
            role: "\n".join(text.display_form(line) for line in lines.get(role, ()))
            for role in drafting.ROLE_NAMES
        },
    }


def present_values(directive: Directive, measure: Measure) -> dict[str, Any]:
    """Give what a form would show of a task now."""
    return values_of(measure, queries.lines_on([measure.pk], directive)[measure.pk])


class MarkForm(forms.Form):
    """Set the marks of several tasks at once."""

    priority = forms.ChoiceField(choices=(("", "–"), *PRIORITIES), required=False)
    special_project = forms.ChoiceField(
        choices=(("", "–"), ("yes", _("Special project")), ("no", _("No special project"))),
        required=False,
        widget=forms.Select(attrs={"aria-label": _("Special project")}),
    )
