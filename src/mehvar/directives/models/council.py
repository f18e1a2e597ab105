"""Keep council sessions: agenda, attendance, minutes, resolutions (S0.1, S0.9, S3.1)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from mehvar.directives.data import ResolutionState
from mehvar.directives.models.directive import Directive
from mehvar.directives.models.duties import LegalDuty


class CouncilSession(models.Model):
    """A session of a council or committee, such as the council of deputies."""

    committee = models.ForeignKey("organisations.Committee", on_delete=models.PROTECT, related_name="+")
    public_id = models.CharField(max_length=40, unique=True)
    number = models.PositiveIntegerField(_("session number"))
    held_on = models.DateField(_("date"))
    starts_at = models.TimeField(_("time"), null=True, blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    language = models.CharField(max_length=8)
    calendar = models.CharField(max_length=16, default="gregorian")
    state = models.CharField(max_length=16, default="planned")
    quorum_percent = models.PositiveSmallIntegerField(default=50)
    minutes = models.TextField(_("minutes"), blank=True)
    chaired_by = models.CharField(_("chaired by (office)"), max_length=200, blank=True)
    invited_at = models.DateTimeField(null=True, blank=True)
    content = models.JSONField(default=dict, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    content_hash = models.CharField(max_length=64, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("council session")
        constraints = [
            models.UniqueConstraint(fields=["committee", "number"], name="directives_session_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.committee_id} · {self.number}"


class AgendaItem(models.Model):
    """A directive, a legal duty, an earlier resolution or another matter on the agenda."""

    session = models.ForeignKey(CouncilSession, on_delete=models.CASCADE, related_name="agenda")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(_("matter"), max_length=600)
    directive = models.ForeignKey(
        Directive, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    duty = models.ForeignKey(LegalDuty, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    earlier_resolution = models.ForeignKey(
        "directives.Resolution", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    discussion = models.TextField(_("discussion"), blank=True)
    conclusion = models.TextField(_("conclusion"), blank=True)
    decision = models.CharField(_("decision"), max_length=16, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.title


class Attendance(models.Model):
    """Whether a member's seat was filled, and by whom."""

    session = models.ForeignKey(CouncilSession, on_delete=models.CASCADE, related_name="attendance")
    member = models.ForeignKey("organisations.CommitteeMember", on_delete=models.PROTECT, related_name="+")
    present = models.BooleanField(_("present"), default=False)
    substitute = models.CharField(_("substitute (office)"), max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "member"], name="directives_attendance_once")
        ]

    def __str__(self) -> str:
        return f"{self.session_id} · {self.member_id}"


class Resolution(models.Model):
    """What a session resolved: who owes what by when, tracked until it is done (S3.1)."""

    session = models.ForeignKey(CouncilSession, on_delete=models.CASCADE, related_name="resolutions")
    agenda_item = models.ForeignKey(
        AgendaItem, on_delete=models.SET_NULL, null=True, blank=True, related_name="resolutions"
    )
    number = models.PositiveSmallIntegerField(_("number"))
    text = models.TextField(_("resolution"))
    owner = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField(_("due"), null=True, blank=True)
    first_due_on = models.DateField(null=True, blank=True)
    due_raw = models.CharField(max_length=200, blank=True)
    due_calendar = models.CharField(max_length=16, default="gregorian")
    state = models.CharField(max_length=16, default=ResolutionState.OPEN)
    completed_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("resolution")
        constraints = [
            models.UniqueConstraint(fields=["session", "number"], name="directives_resolution_once")
        ]

    def __str__(self) -> str:
        return f"{self.session_id}/{self.number}"


class ResolutionEvent(models.Model):
    """A step in a resolution's life, with its evidence."""

    resolution = models.ForeignKey(Resolution, on_delete=models.CASCADE, related_name="events")
    action = models.CharField(max_length=24)
    note = models.TextField(blank=True)
    evidence = models.FileField(upload_to="evidence/%Y/%m/", blank=True, max_length=300)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.action} {self.at:%Y-%m-%d}"
