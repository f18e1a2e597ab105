"""Keep the frozen assignments of a promulgated directive and each body's acknowledgement."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from mehvar.directives.models.directive import Directive, Measure


class AssignedBody(models.Model):
    """One body has one role in one measure: groups expanded, frozen at promulgation.

    The row is never rewritten; when a body is succeeded, its successor answers for it.
    """

    directive = models.ForeignKey(Directive, on_delete=models.PROTECT, related_name="assigned_bodies")
    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="assigned_bodies")
    organisation = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=16)
    via_group = models.CharField(max_length=60, blank=True)
    principal = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["measure", "organisation", "role"], name="directives_assigned_body_once"
            )
        ]
        indexes = [
            models.Index(fields=["organisation", "role"], name="directives_assigned_by_body"),
            models.Index(fields=["directive", "organisation"], name="directives_assigned_by_dir"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.role} {self.measure_id}"


class Acknowledgement(models.Model):
    """A body confirms that it received, disseminated and begins to carry out a directive (S2.2, S2.4)."""

    directive = models.ForeignKey(Directive, on_delete=models.PROTECT, related_name="acknowledgements")
    organisation = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    due_on = models.DateField(_("acknowledge by"))
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    disseminated = models.BooleanField(_("cited documents disseminated"), default=False)
    note = models.TextField(_("note"), blank=True, max_length=4000)

    class Meta:
        verbose_name = _("acknowledgement")
        constraints = [
            models.UniqueConstraint(fields=["directive", "organisation"], name="directives_acknowledged_once")
        ]

    def __str__(self) -> str:
        return f"{self.directive_id} · {self.organisation_id}"


class Reminder(models.Model):
    """A reminder that went to a body, once per step."""

    acknowledgement = models.ForeignKey(Acknowledgement, on_delete=models.CASCADE, related_name="reminders")
    step = models.CharField(max_length=24)
    sent_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["acknowledgement", "step"], name="directives_reminded_once")
        ]

    def __str__(self) -> str:
        return f"{self.acknowledgement_id} · {self.step}"
