"""Keep stakeholders, their meetings and commitments, committees' proposals, and recognition (S1.2, S1.9, S1.10)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class StakeholderMeeting(models.Model):
    """A provincial director meets governors, members of parliament or others."""

    public_id = models.CharField(max_length=40, unique=True)
    organisation = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="+")
    held_on = models.DateField(_("date"))
    with_whom = models.CharField(_("with whom (offices)"), max_length=300)
    kind = models.CharField(_("kind"), max_length=24)
    subject = models.CharField(_("subject"), max_length=300)
    notes = models.TextField(_("notes"), blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("meeting with stakeholders")

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.subject


class Commitment(models.Model):
    """What an office promised in a meeting, followed up until it is kept; ``first_due_on`` never moves."""

    meeting = models.ForeignKey(StakeholderMeeting, on_delete=models.CASCADE, related_name="commitments")
    text = models.TextField(_("commitment"))
    promised_by = models.CharField(_("promised by (office)"), max_length=200)
    due_on = models.DateField(_("due"), null=True, blank=True)
    first_due_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=16, default="open")
    settled_on = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True)
    reminded_for = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.text[:80]


class CommitmentEvent(models.Model):
    """A dated step of a commitment: made, date moved, kept, broken, withdrawn."""

    commitment = models.ForeignKey(Commitment, on_delete=models.CASCADE, related_name="events")
    action = models.CharField(max_length=16)
    due_on = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.action


class CommitteeProposal(models.Model):
    """A provincial committee proposes something to the ministry, which must answer (S1.9).

    ``addressee`` is the ministry. ``level`` says who has it: the officers, then the deputies, then the minister; ``level_due_on`` is
    that level's day, ``due_on`` the day on which the answer was due at first.
    """

    addressee = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="+")
    committee = models.ForeignKey("organisations.Committee", on_delete=models.PROTECT, related_name="+")
    public_id = models.CharField(max_length=40, unique=True)
    title = models.CharField(_("proposal"), max_length=300)
    text = models.TextField(_("reasons"), max_length=10_000)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    submitted_at = models.DateTimeField()
    due_on = models.DateField(_("answer due"))
    level = models.CharField(max_length=16, default="officers")
    level_due_on = models.DateField()
    reminded_for = models.DateField(null=True, blank=True)
    answer = models.CharField(max_length=16, blank=True)
    answer_reason = models.TextField(blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("proposal of a committee")

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.title


class RecognitionEdition(models.Model):
    """One award of recognition for a period, by criteria published before, computed from verified data (S1.10).

    ``criteria`` is ``[{"code", "weight"}]``; it cannot change once published, which must be before the period ends. ``threshold`` is the
    completeness (percent) below which a province is not ranked. Results are frozen with their hash once awarded.
    """

    public_id = models.CharField(max_length=40, unique=True)
    issuer = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="+")
    period = models.CharField(max_length=16)
    title = models.CharField(_("title"), max_length=300)
    criteria = models.JSONField(default=list)
    places = models.PositiveSmallIntegerField(_("places"), default=5)
    threshold = models.PositiveSmallIntegerField(_("completeness needed, %"), default=80)
    note = models.TextField(_("words for the public"), blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    awarded_at = models.DateTimeField(null=True, blank=True)
    content_hash = models.CharField(max_length=64, blank=True)
    ledger_sequence = models.BigIntegerField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("recognition")

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.title


class RecognitionResult(models.Model):
    """A province's score in an edition, with the figures it was computed from; ``rank`` is empty where it was not ranked."""

    edition = models.ForeignKey(RecognitionEdition, on_delete=models.CASCADE, related_name="results")
    organisation = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="+")
    score = models.FloatField(null=True, blank=True)
    rank = models.PositiveSmallIntegerField(null=True, blank=True)
    awarded = models.BooleanField(default=False)
    figures = models.JSONField(default=dict)

    class Meta:
        ordering = [models.F("rank").asc(nulls_last=True), "organisation__path"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "organisation"], name="programmes_recognised_once")
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.rank} · {self.organisation_id}"
