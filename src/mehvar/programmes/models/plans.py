"""Keep calls for plans and the operational plans that bodies file (S1.1, S1.11)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from mehvar.programmes.models.programme import Programme, ProgrammeMeasure


class PlanCall(models.Model):
    """The ministry calls chosen bodies to file an operational plan by a deadline."""

    public_id = models.CharField(max_length=40, unique=True)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="calls")
    title = models.CharField(_("title"), max_length=300)
    guidance = models.TextField(_("what a plan must contain"), blank=True)
    template = models.JSONField(default=dict, blank=True)
    deadline_on = models.DateField(_("deadline"))
    first_deadline_on = models.DateField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("call for plans")

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.title


class Plan(models.Model):
    """The plan that one called body files; the row exists from the moment of the call, so that silence is visible.

    ``quality`` and ``covered`` are percentages as of the last change (rules.quality), kept for lists and maps.
    """

    public_id = models.CharField(max_length=40, unique=True)
    call = models.ForeignKey(PlanCall, on_delete=models.PROTECT, related_name="plans")
    organisation = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=16, default="draft", db_index=True)
    started_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    content_hash = models.CharField(max_length=64, blank=True)
    quality = models.PositiveSmallIntegerField(_("quality, %"), null=True, blank=True)
    covered = models.PositiveSmallIntegerField(_("measures covered, %"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("operational plan")
        constraints = [models.UniqueConstraint(fields=["call", "organisation"], name="programmes_plan_once")]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.call_id} · {self.organisation_id}"


class PlanItem(models.Model):
    """One thing that a body will do; ``source`` traces it to the national measure it serves (S2.4)."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="items")
    source = models.ForeignKey(
        ProgrammeMeasure, on_delete=models.PROTECT, null=True, blank=True, related_name="plan_items"
    )
    public_id = models.CharField(max_length=40, unique=True)
    position = models.PositiveIntegerField()
    text = models.TextField(_("what will be done"))
    owner_office = models.CharField(_("owner (office)"), max_length=300, blank=True)
    starts_on = models.DateField(_("starts"), null=True, blank=True)
    due_on = models.DateField(_("due"), null=True, blank=True)
    first_due_on = models.DateField(null=True, blank=True)
    due_raw = models.CharField(max_length=200, blank=True)
    indicator = models.TextField(_("indicator"), blank=True)
    target = models.CharField(_("target"), max_length=200, blank=True)
    product_class = models.CharField(_("product class"), max_length=16, default="none")
    weight = models.FloatField(_("weight"), default=1.0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("item of a plan")
        ordering = ["position"]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.text[:80]


class Dependency(models.Model):
    """An item waits for another; the graph never has a circle."""

    item = models.ForeignKey(PlanItem, on_delete=models.CASCADE, related_name="dependencies")
    needs = models.ForeignKey(PlanItem, on_delete=models.CASCADE, related_name="needed_by")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "needs"], name="programmes_dependency_once"),
            models.CheckConstraint(
                condition=~models.Q(item=models.F("needs")), name="programmes_dependency_other"
            ),
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.item_id} ← {self.needs_id}"


class Milestone(models.Model):
    """A dated point by which progress is measured."""

    item = models.ForeignKey(PlanItem, on_delete=models.CASCADE, related_name="milestones")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(_("milestone"), max_length=300)
    due_on = models.DateField(_("due"), null=True, blank=True)
    first_due_on = models.DateField(null=True, blank=True)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    weight = models.FloatField(default=1.0)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.title


class BudgetLine(models.Model):
    """Money that an item needs, and where it comes from."""

    item = models.ForeignKey(PlanItem, on_delete=models.CASCADE, related_name="budget_lines")
    title = models.CharField(_("budget line"), max_length=300)
    amount = models.DecimalField(_("amount"), max_digits=20, decimal_places=2)
    currency = models.CharField(max_length=3)
    source = models.CharField(_("source of funds"), max_length=200, blank=True)

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.title


class PlanRemark(models.Model):
    """What the reviewer says to a plan or an item, and what became of it."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="remarks")
    item = models.ForeignKey(
        PlanItem, on_delete=models.SET_NULL, null=True, blank=True, related_name="remarks"
    )
    text = models.TextField(_("remark"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    made_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["made_at", "id"]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.text[:80]


class PlanEvent(models.Model):
    """A dated step in a plan's life."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="events")
    action = models.CharField(max_length=24)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.action


class PlanSheet(models.Model):
    """A workbook that was handed in for a plan: its rows as read, kept until somebody takes them over.

    ``content`` is ``{"items": [...], "notes": [...]}`` as ``rules.workbooks`` writes them.
    """

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="sheets")
    file_name = models.CharField(max_length=200)
    content = models.JSONField(default=dict)
    handed_in_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    handed_in_at = models.DateTimeField()
    plan_version = models.PositiveIntegerField()
    taken_over_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("workbook of a plan")

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.file_name
