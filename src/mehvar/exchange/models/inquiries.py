"""Keep the inquiries that people make: who may ask what until when, each question, files of questions.

Source: issue "exchange", point 6; S4.4.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mehvar.exchange.models.access import AccessRight
from mehvar.exchange.models.members import Subsystem


class InquiryAuthorisation(models.Model):
    """A director lets one named officer ask one service as a subsystem, under one right, for one purpose, until a day.

    ``daily_limit``: questions a day, files included. Rows are ended, never deleted; ``valid_until`` is the last day.
    """

    public_id = models.CharField(max_length=40, unique=True)
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="inquiry_authorisations"
    )
    right = models.ForeignKey(AccessRight, on_delete=models.PROTECT, related_name="authorisations")
    subsystem = models.ForeignKey(Subsystem, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(_("what for"), max_length=500)
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("last day"))
    daily_limit = models.PositiveIntegerField(_("questions a day"), default=100)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("authorisation to inquire")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__gte=F("valid_from")), name="exchange_authorisation_dates"
            ),
            models.CheckConstraint(condition=Q(daily_limit__gt=0), name="exchange_authorisation_limit"),
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.officer}: {self.right}"


class InquiryBatch(models.Model):
    """A file of questions to one operation.

    ``state``: checked (waits for the officer's word), running, done, cancelled, expired. ``heartbeat_at`` and ``attempt``: the claim of
    the process that works on it. Rows and result are dropped at ``expires_at``; the counts stay.
    """

    public_id = models.CharField(max_length=40, unique=True)
    authorisation = models.ForeignKey(InquiryAuthorisation, on_delete=models.PROTECT, related_name="batches")
    operation = models.CharField(max_length=600)
    reference = models.CharField(_("case"), max_length=200)
    filename = models.CharField(max_length=255)
    state = models.CharField(max_length=12, default="checked", db_index=True)
    total = models.PositiveIntegerField(default=0)
    day = models.DateField()
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    attempt = models.PositiveIntegerField(default=0)
    note = models.CharField(max_length=500, blank=True)
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("file of inquiries")

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.filename


class Inquiry(models.Model):
    """One question of one officer. It is on record before it is asked.

    ``message_id`` (X-Road-Id) is fixed when the row is made, so that a repetition after a crash is the same question.
    ``state``: waiting (of a file), asking, answered, failed, unknown (a question that may not be repeated was interrupted). ``values``
    and ``answer`` are dropped at ``expires_at``.
    """

    public_id = models.CharField(max_length=40, unique=True)
    authorisation = models.ForeignKey(
        InquiryAuthorisation, on_delete=models.PROTECT, related_name="inquiries"
    )
    batch = models.ForeignKey(
        InquiryBatch, on_delete=models.PROTECT, null=True, blank=True, related_name="rows"
    )
    number = models.PositiveIntegerField(default=0)
    operation = models.CharField(max_length=600)
    reference = models.CharField(_("case"), max_length=200)
    values = models.JSONField(default=dict)
    message_id = models.CharField(max_length=100, unique=True)
    request_id = models.CharField(max_length=64, blank=True)
    day = models.DateField()
    asked_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)
    answer = models.TextField(blank=True)
    media_type = models.CharField(max_length=100, blank=True)
    expires_at = models.DateTimeField()
    is_forgotten = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("inquiry")
        verbose_name_plural = _("inquiries")
        indexes = [
            models.Index(fields=["authorisation", "day"], name="exchange_inquiry_by_day"),
            models.Index(fields=["batch", "state", "number"], name="exchange_inquiry_of_file"),
            models.Index(
                fields=["expires_at"], condition=Q(is_forgotten=False), name="exchange_inquiry_to_forget"
            ),
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.public_id


class InquiryFlag(models.Model):
    """An officer asked unusually much on a day; an auditor looks at it and says what it was."""

    officer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    count = models.PositiveIntegerField()
    usual = models.FloatField()
    found_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.CharField(_("what it was"), max_length=1_000, blank=True)

    class Meta:
        verbose_name = _("unusual volume")
        constraints = [models.UniqueConstraint(fields=["officer", "day"], name="exchange_flag_once")]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.officer} {self.day}"
