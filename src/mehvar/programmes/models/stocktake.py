"""Keep stocktakes, the flagship register and performance reports (S1.4, S4.3)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from mehvar.programmes.models.programme import Programme, ProgrammeMeasure


class Stocktake(models.Model):
    """The minister's meeting over the state of things; decisions become resolutions of its session."""

    public_id = models.CharField(max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=300)
    organisation = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="+")
    session = models.OneToOneField(
        "directives.CouncilSession", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    previous = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    directive = models.ForeignKey(
        "directives.Directive", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    language = models.CharField(max_length=8)
    held_on = models.DateField(_("date"))
    state = models.CharField(max_length=16, default="planned")
    step = models.PositiveSmallIntegerField(default=0)
    figures = models.JSONField(default=dict, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    content_hash = models.CharField(max_length=64, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("stocktake")

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.title


class Flagship(models.Model):
    """A project that is officially presented: its identity sheet (شناسنامه) and why it was chosen.

    ``criteria`` maps the code of a published criterion to the reason why it is met; ``sheet`` holds the identity sheet's fields in
    each language: ``{"fa": {"summary", "people_feel", …}, …}``.
    """

    public_id = models.CharField(max_length=40, unique=True)
    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, null=True, blank=True, related_name="flagships"
    )
    measure = models.ForeignKey(
        ProgrammeMeasure, on_delete=models.PROTECT, null=True, blank=True, related_name="flagships"
    )
    organisation = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="+")
    title = models.CharField(_("project"), max_length=300)
    mark = models.CharField(_("mark"), max_length=16)
    criteria = models.JSONField(default=dict)
    sheet = models.JSONField(default=dict)
    position = models.PositiveSmallIntegerField(default=0)
    listed_at = models.DateTimeField(null=True, blank=True)
    presented_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("flagship project")
        ordering = ["position"]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.title


class PerformanceReport(models.Model):
    """A frozen report on a body and a period, every number with its source (S4.3)."""

    public_id = models.CharField(max_length=40, unique=True)
    organisation = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="+")
    period = models.CharField(max_length=16)
    language = models.CharField(max_length=8)
    content = models.JSONField(default=dict)
    content_hash = models.CharField(max_length=64)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    made_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    ledger_sequence = models.BigIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("performance report")

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.organisation_id} {self.period}"
