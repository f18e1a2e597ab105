"""Keep annual themes, legal duties, role statements and outside plans (S0.1, S0.3, S0.7)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AnnualTheme(models.Model):
    """The theme that the state gives a year, such as «جهش تولید» for 1399 (S0.1)."""

    period = models.CharField(_("year"), max_length=16)
    title = models.CharField(_("title"), max_length=200)
    statement = models.TextField(_("policies of the year"), blank=True)
    language = models.CharField(max_length=8)

    class Meta:
        verbose_name = _("annual theme")
        constraints = [models.UniqueConstraint(fields=["period", "title"], name="directives_theme_once")]

    def __str__(self) -> str:
        return f"{self.period} · {self.title}"


class RoleStatement(models.Model):
    """What an organisation's role is under a theme, published for everyone (S0.3)."""

    organisation = models.ForeignKey("organisations.Organisation", on_delete=models.CASCADE, related_name="+")
    theme = models.ForeignKey(AnnualTheme, on_delete=models.CASCADE, related_name="role_statements")
    text = models.TextField(_("role statement"))
    published_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("role statement")
        constraints = [
            models.UniqueConstraint(fields=["organisation", "theme"], name="directives_role_statement_once")
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} · {self.theme_id}"


class LegalDuty(models.Model):
    """A duty that a law, resolution or decree lays on the ministry (S0.1)."""

    source = models.CharField(_("source"), max_length=300)
    article = models.CharField(_("article"), max_length=100, blank=True)
    text = models.TextField(_("duty"))
    owner = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+", verbose_name=_("owner")
    )
    theme = models.ForeignKey(
        AnnualTheme, on_delete=models.SET_NULL, null=True, blank=True, related_name="duties"
    )
    due_on = models.DateField(_("due"), null=True, blank=True)
    due_raw = models.CharField(max_length=200, blank=True)
    calendar = models.CharField(max_length=16, default="gregorian")
    fulfilled_on = models.DateField(_("fulfilled on"), null=True, blank=True)
    special_project = models.BooleanField(_("special project"), default=False)
    priority = models.CharField(_("priority"), max_length=16, default="normal")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("legal duty")
        verbose_name_plural = _("legal duties")

    def __str__(self) -> str:
        return f"{self.source} {self.article}".strip()


class AlignmentPlan(models.Model):
    """An outside plan that measures must line up with, such as the National Information Network (S0.7)."""

    title = models.CharField(_("title"), max_length=300, unique=True)
    owner_name = models.CharField(_("issued by"), max_length=300, blank=True)
    language = models.CharField(max_length=8)

    class Meta:
        verbose_name = _("outside plan")

    def __str__(self) -> str:
        return self.title


class AlignmentGoal(models.Model):
    """A goal of an outside plan."""

    plan = models.ForeignKey(AlignmentPlan, on_delete=models.CASCADE, related_name="goals")
    code = models.CharField(_("code"), max_length=40)
    text = models.TextField(_("goal"))

    class Meta:
        verbose_name = _("goal of an outside plan")
        constraints = [models.UniqueConstraint(fields=["plan", "code"], name="directives_goal_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


class MeasureAlignment(models.Model):
    """A measure contributes to a goal of an outside plan."""

    measure = models.ForeignKey("directives.Measure", on_delete=models.CASCADE, related_name="alignments")
    goal = models.ForeignKey(AlignmentGoal, on_delete=models.CASCADE, related_name="alignments")
    note = models.CharField(_("how"), max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["measure", "goal"], name="directives_alignment_once")]

    def __str__(self) -> str:
        return f"{self.measure_id} → {self.goal_id}"
