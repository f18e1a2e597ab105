"""Take calls for plans, remarks, and the rows of a plan's grid."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mehvar.kernel.calendars import StatedDate
from mehvar.kernel.errors import InputError
from mehvar.programmes.actions.plans import ItemEdit
from mehvar.programmes.forms.programmes import (
    PRODUCT_CLASSES,
    AudienceForm,
    choices_of,
    line,
    prose,
    stripped,
)
from mehvar.programmes.queries.plans import StoredItem
from mehvar.programmes.rules import lines
from mehvar.programmes.rules.lines import Writing
from mehvar.programmes.rules.plans import LONGEST_LINE, LONGEST_SHORT, LONGEST_TEXT, ItemContent
from mehvar.programmes.rules.quality import Check
from mehvar.ui.fields import DayField
from mehvar.ui.refusals import said

REQUIRED = (
    (Check.OWNER.value, _("Owner")),
    (Check.MILESTONE.value, _("Milestone")),
    (Check.DATE.value, _("Date")),
    (Check.INDICATOR.value, _("Indicator")),
    (Check.BUDGET.value, _("Budget")),
)


class CallForm(AudienceForm):
    """Ask whom to call, until when, and what a plan must hold."""

    title = line(label=_("Title"))
    deadline = DayField(label=_("Deadline"))
    guidance = prose(
        5, label=_("What a plan must contain"), help_text=_("The bodies read this above their plan.")
    )
    required = forms.MultipleChoiceField(
        label=_("Without which no plan can be submitted"),
        choices=REQUIRED,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    currency = forms.CharField(
        label=_("Currency"),
        required=False,
        max_length=3,
        help_text=_("Three letters, as IRR or VND."),
        widget=forms.TextInput(attrs={"dir": "ltr", "size": 4}),
    )
    prefill = forms.BooleanField(
        label=_("Begin every plan with one item for each measure"), required=False, initial=True
    )
    field_order = ("title", "audience", "picked", "deadline", "guidance", "required", "currency", "prefill")


class ExtendForm(forms.Form):
    """Ask for a later deadline and why."""

    deadline = DayField(label=_("New deadline"))
    reason = prose(2, label=_("Reason"))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class RemarkForm(forms.Form):
    """Ask for a remark on a plan or one of its items."""

    item = forms.ChoiceField(label=_("About"), required=False)
    text = prose(3, label=_("Remark"), required=True)

    def __init__(self, *args: Any, items: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        """Offer the plan as a whole and its items."""
        super().__init__(*args, **kwargs)
        choices_of(self, "item", [("", _("The plan as a whole")), *items])


class WorkbookForm(forms.Form):
    """Ask for a filled workbook."""

    file = forms.FileField(label=_("Workbook (XLSX)"))


class ItemForm(forms.Form):
    """Take one row of the grid as people write it; what cannot be read stays in its cell with the reason beside it."""

    public_id = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    number = forms.IntegerField(widget=forms.HiddenInput, required=False)
    text = forms.CharField(label=_("What will be done"), required=False, max_length=LONGEST_TEXT)
    source = forms.ChoiceField(label=_("Serves the measure"), required=False)
    owner_office = forms.CharField(label=_("Owner (office)"), required=False, max_length=LONGEST_LINE)
    starts_on = forms.CharField(label=_("Starts"), required=False, max_length=60)
    due_on = forms.CharField(label=_("Due"), required=False, max_length=60)
    milestones = forms.CharField(label=_("Milestones"), required=False, max_length=LONGEST_TEXT)
    indicator = forms.CharField(label=_("Indicator"), required=False, max_length=LONGEST_TEXT)
    target = forms.CharField(label=_("Target"), required=False, max_length=LONGEST_SHORT)
    budget = forms.CharField(label=_("Budget"), required=False, max_length=LONGEST_TEXT)
    needs = forms.CharField(label=_("After items"), required=False, max_length=100)
    product_class = forms.ChoiceField(label=_("Product class"), choices=PRODUCT_CLASSES, required=False)
    weight = forms.CharField(label=_("Weight"), required=False, max_length=12)
    remove = forms.BooleanField(label=_("Take out"), required=False)

    AREAS = frozenset({"text", "milestones", "indicator", "budget", "owner_office"})
    CELLS = (
        "text", "source", "owner_office", "starts_on", "due_on", "milestones", "indicator", "target", "budget",
        "needs", "product_class", "weight",
    )  # fmt: skip

    def __init__(
        self, *args: Any, writing: Writing, sources: Sequence[tuple[str, str]], **kwargs: Any
    ) -> None:
        """Take how the reader writes, and the measures that an item may serve."""
        super().__init__(*args, **kwargs)
        self.writing = writing
        choices_of(self, "source", [("", gettext("None of them")), *sources])
        for name in self.CELLS:
            self._dress(name)

    def _dress(self, name: str) -> None:
        """Make the cell's control: all belong to the grid's form, which stands elsewhere on the page."""
        field = self.fields[name]
        if name in self.AREAS:
            field.widget = forms.Textarea()
            field.widget.attrs["rows"] = 2
        field.widget.attrs |= {"form": "plan-form", "data-cell": name, "aria-label": str(field.label)}
        if name not in {"source", "product_class"}:
            field.widget.attrs |= {"dir": "auto", "autocomplete": "off"}

    def clean(self) -> dict[str, Any]:
        """Read dates, milestones, amounts and links."""
        data = super().clean() or {}
        data["starts"] = self._read("starts_on", lambda value: lines.read_day(value, self.writing))
        data["due"] = self._read("due_on", lambda value: lines.read_day(value, self.writing))
        data["milestone_lines"] = self._read(
            "milestones", lambda value: lines.read_milestones(value, self.writing)
        )
        data["budget_lines"] = self._read("budget", lambda value: lines.read_budget(value, self.writing))
        data["need_numbers"] = self._read("needs", lines.read_needs)
        data["weighed"] = self._read("weight", lines.read_weight)
        return data

    def _read(self, name: str, read: Callable[[str], Any]) -> Any:
        try:
            return read(stripped(str(self.cleaned_data.get(name) or "")))
        except InputError as error:
            self.add_error(name, said(error))
            return None

    @property
    def shown_number(self) -> int:
        """Return the number that the row was shown with, 0 where none can be read."""
        written_number = str(self["number"].value() or "")
        return int(written_number) if written_number.isascii() and written_number.isdigit() else 0

    def content(self) -> ItemContent:
        """Give what the row says; only of a valid row."""
        data = self.cleaned_data
        starts: StatedDate | None = data["starts"]
        due: StatedDate | None = data["due"]
        return ItemContent(
            text=stripped(data["text"]),
            source_id=int(data["source"]) if data["source"] else None,
            owner_office=stripped(data["owner_office"]),
            starts_on=starts.day if starts else None,
            due_on=due.day if due else None,
            due_raw=due.raw if due else "",
            indicator=stripped(data["indicator"]),
            target=stripped(data["target"]),
            product_class=data["product_class"] or "none",
            weight=data["weighed"],
            milestones=data["milestone_lines"],
            budget=data["budget_lines"],
            needs=data["need_numbers"],
        )

    def edit(self) -> ItemEdit:
        """Give the row as an edit."""
        data = self.cleaned_data
        return ItemEdit(
            self.content(),
            public_id=data["public_id"],
            version=data["version"] or 0,
            number=data["number"] or 0,
            remove=data["remove"],
        )


def written(item: StoredItem, writing: Writing) -> dict[str, Any]:
    """Give a stored item as its row shows it."""
    return {
        "public_id": item.public_id,
        "version": item.version,
        "number": item.number,
        **cells_of(item.content, writing),
    }


def cells_of(content: ItemContent, writing: Writing) -> Mapping[str, Any]:
    """Give the cells of an item as the reader writes."""
    return {
        "text": content.text,
        "source": str(content.source_id or ""),
        "owner_office": content.owner_office,
        "starts_on": lines.write_day(content.starts_on, writing),
        "due_on": lines.write_day(content.due_on, writing),
        "milestones": lines.write_milestones(content.milestones, writing),
        "indicator": content.indicator,
        "target": content.target,
        "budget": lines.write_budget(content.budget, writing),
        "needs": lines.write_needs(content.needs, writing.language),
        "product_class": content.product_class,
        "weight": lines.write_number(content.weight, writing.language),
    }
