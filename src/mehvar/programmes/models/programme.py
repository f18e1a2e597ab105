"""Keep programmes: what they gather, and the templates that finished ones become."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ProgrammeTemplate(models.Model):
    """What a finished programme teaches: steps, durations, obstacles met and their remedies (S1.8).

    ``content`` is ``{"steps": [{"title", "after_days", "duration_days", "depends_on"}], "obstacles": [{"cause", "text", "remedy",
    "days"}], "indicators": [...]}``; days are calendar days from the programme's start.
    """

    public_id = models.CharField(max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=300)
    language = models.CharField(max_length=8)
    source = models.ForeignKey(
        "programmes.Programme", on_delete=models.SET_NULL, null=True, blank=True, related_name="templates"
    )
    content = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("programme template")

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.title


class Programme(models.Model):
    """A programme gathers measures by objective, from directives or of its own."""

    public_id = models.CharField(max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=300)
    purpose = models.TextField(pgettext_lazy("programme", "purpose"), blank=True)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+", verbose_name=_("lead body")
    )
    theme = models.ForeignKey(
        "directives.AnnualTheme", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    template = models.ForeignKey(
        ProgrammeTemplate, on_delete=models.SET_NULL, null=True, blank=True, related_name="programmes"
    )
    language = models.CharField(max_length=8)
    calendar = models.CharField(max_length=16, default="gregorian")
    state = models.CharField(_("state"), max_length=16, default="draft", db_index=True)
    starts_on = models.DateField(_("starts"), null=True, blank=True)
    ends_on = models.DateField(_("ends"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("programme")

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.title


class Objective(models.Model):
    """What a programme wants to reach."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="objectives")
    position = models.PositiveSmallIntegerField()
    text = models.TextField(_("objective"))
    field = models.CharField(_("field"), max_length=600, blank=True)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.text[:80]


class ProgrammeMeasure(models.Model):
    """A measure of a promulgated directive, or one of the programme's own, under an objective.

    ``measure`` is empty for an own measure; then ``text`` and the dates say what it is. ``derived_from`` traces a local measure
    to the national one (S2.4).
    """

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="measures")
    objective = models.ForeignKey(
        Objective, on_delete=models.SET_NULL, null=True, blank=True, related_name="measures"
    )
    measure = models.ForeignKey(
        "directives.Measure", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    derived_from = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="derived"
    )
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    position = models.PositiveIntegerField()
    text = models.TextField(_("measure"), blank=True)
    outcome_indicator = models.TextField(_("outcome that people feel"), blank=True)
    product_class = models.CharField(_("product class"), max_length=16, default="none")
    weight = models.FloatField(_("weight"), default=1.0)
    due_on = models.DateField(_("due"), null=True, blank=True)
    first_due_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("measure of a programme")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "measure"],
                condition=models.Q(measure__isnull=False),
                name="programmes_measure_once",
            )
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.text[:80] or str(self.measure_id)
