"""Keep consultation rounds, invitations, opinions and their answers (S0.9)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from mehvar.directives.models.directive import Directive, Measure, Provision


class ConsultationRound(models.Model):
    """One round in which deputies give opinions and proposals on an edition."""

    directive = models.ForeignKey(Directive, on_delete=models.CASCADE, related_name="rounds")
    number = models.PositiveSmallIntegerField()
    edition = models.PositiveIntegerField()
    note = models.TextField(_("what is asked"), blank=True)
    opened_at = models.DateTimeField()
    deadline_on = models.DateField(_("deadline"))
    first_deadline_on = models.DateField()
    deadline_raw = models.CharField(max_length=100, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("consultation round")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["directive", "number"], name="directives_round_once")]

    def __str__(self) -> str:
        return f"{self.directive_id} · {self.number}"


class Invitation(models.Model):
    """An office is asked for its opinion; silence after the deadline shows as late."""

    round = models.ForeignKey(ConsultationRound, on_delete=models.CASCADE, related_name="invitations")
    organisation = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()
    responded_at = models.DateTimeField(null=True, blank=True)
    no_comment = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "organisation"], name="directives_invited_once")
        ]

    def __str__(self) -> str:
        return f"{self.round_id} · {self.organisation_id}"


class Opinion(models.Model):
    """An opinion or proposal on the whole, a provision or a measure, and how it was answered.

    ``target_label`` and ``target_text`` keep what it spoke of as the frozen edition had it; ``submission_key`` makes
    sending a form twice harmless; ``applied_edition`` is the first edition that carries the proposed wording.
    """

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="opinions")
    kind = models.CharField(_("kind"), max_length=16)
    target = models.CharField(_("on"), max_length=16)
    provision = models.ForeignKey(
        Provision, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    measure = models.ForeignKey(
        Measure, on_delete=models.SET_NULL, null=True, blank=True, related_name="opinions"
    )
    text = models.TextField(_("text"), max_length=10_000)
    proposed_text = models.TextField(_("proposed wording"), max_length=10_000, blank=True)
    target_label = models.CharField(max_length=300, blank=True)
    target_text = models.TextField(blank=True)
    submission_key = models.CharField(max_length=64, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    submitted_at = models.DateTimeField()
    late = models.BooleanField(default=False)
    answer = models.CharField(_("answer"), max_length=16, blank=True)
    answer_reason = models.TextField(_("reason"), max_length=10_000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    applied_edition = models.PositiveIntegerField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("opinion")
        ordering = ["submitted_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["invitation", "submission_key"],
                condition=~models.Q(submission_key=""),
                name="directives_opinion_sent_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.text[:60]}"
