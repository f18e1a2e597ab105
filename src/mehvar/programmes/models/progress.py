"""Keep deliveries, reporting rounds, reports, extensions, completion claims and status history."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from mehvar.programmes.models.plans import Milestone, PlanItem
from mehvar.programmes.models.programme import Programme, ProgrammeMeasure


class DeliveryText(models.Model):
    """Hold once what many deliveries say, as it is searched: a measure's words are the same for all bodies that lead it.

    ``digest`` is the SHA-256 of ``folded`` (``kernel.text.fold_for_search``).
    """

    digest = models.CharField(max_length=64, unique=True)
    folded = models.TextField()

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.folded[:80]


class DeliveryMaking(models.Model):
    """Say how far the deliveries of a promulgated directive are made; its row is the lock of who makes them.

    ``touched_at`` is the last sign of life: a making that is not finished and silent for long is taken up again.
    """

    directive = models.OneToOneField("directives.Directive", on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    made = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.directive_id}: {self.made}"


class Delivery(models.Model):
    """What one body has to deliver for one measure: the unit that is reported on and counted in the four cells.

    Made for every lead assignment of a promulgated directive (``assigned``), for own measures of programmes and for items of accepted
    plans (exactly one of ``assigned``, ``programme_measure``, ``plan_item`` is set). ``issuer`` is the body that asks: the directive's
    issuer or the programme's lead. ``field_name`` and ``directive`` are copied for counting, ``words`` is the text as searched.
    Percentages are 0–100; ``first_due_on`` never moves. ``silent``: no report was given when one was last asked for (or ever).
    ``amber_on`` and ``red_on`` are the days from which the delivery counts as amber or red if nothing changes (rules.status), so that
    no day's turn needs a computation.
    """

    public_id = models.CharField(max_length=40, unique=True)
    assigned = models.OneToOneField(
        "directives.AssignedBody", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    programme_measure = models.ForeignKey(
        ProgrammeMeasure, on_delete=models.PROTECT, null=True, blank=True, related_name="deliveries"
    )
    plan_item = models.OneToOneField(
        PlanItem, on_delete=models.PROTECT, null=True, blank=True, related_name="delivery"
    )
    issuer = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="+")
    measure = models.ForeignKey(
        "directives.Measure", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    directive = models.ForeignKey(
        "directives.Directive", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    programme = models.ForeignKey(
        Programme, on_delete=models.SET_NULL, null=True, blank=True, related_name="deliveries"
    )
    field_name = models.CharField(max_length=600, blank=True)
    text = models.CharField(_("measure"), max_length=1000)
    words = models.ForeignKey(DeliveryText, on_delete=models.PROTECT, related_name="+")
    weight = models.FloatField(default=1.0)
    starts_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(_("due"), null=True, blank=True)
    first_due_on = models.DateField(null=True, blank=True)
    recurring = models.BooleanField(default=False)
    state = models.CharField(max_length=16, default="open")
    claimed = models.PositiveSmallIntegerField(_("claimed, %"), null=True, blank=True)
    accepted = models.PositiveSmallIntegerField(_("accepted, %"), null=True, blank=True)
    approved = models.PositiveSmallIntegerField(_("approved, %"), null=True, blank=True)
    self_rating = models.CharField(max_length=8, default="unknown")
    confidence = models.CharField(_("delivery confidence"), max_length=8, default="unknown")
    reported_on = models.DateField(_("last report"), null=True, blank=True)
    silent = models.BooleanField(default=True)
    amber_on = models.DateField(null=True, blank=True)
    red_on = models.DateField(null=True, blank=True)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("delivery")
        indexes = [
            models.Index(fields=["organisation", "field_name"], name="programmes_delivery_by_body"),
            models.Index(fields=["directive", "organisation"], name="programmes_delivery_by_dir"),
            models.Index(fields=["programme", "organisation"], name="programmes_delivery_by_prog"),
            models.Index(fields=["due_on", "id"], name="programmes_delivery_by_due"),
            models.Index(fields=["red_on", "id"], name="programmes_delivery_by_red"),
            models.Index(
                fields=["amber_on", "red_on", "due_on", "issuer", "organisation"],
                name="programmes_delivery_by_amber",
            ),
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.text[:80]


class TallyDay(models.Model):
    """Hold the one day for which all tallies split open deliveries by their due date; its row is the tallies' lock."""

    day = models.DateField()

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.day}"


class CellTally(models.Model):
    """Count a body's deliveries for an issuer in a field, kept in the same transaction as each change, so that tables are fast.

    ``missing`` counts open ones in time that are silent; they are in no other column.
    """

    organisation = models.ForeignKey("organisations.Organisation", on_delete=models.CASCADE, related_name="+")
    issuer = models.ForeignKey("organisations.Organisation", on_delete=models.CASCADE, related_name="+")
    field_name = models.CharField(max_length=600, blank=True)
    done_on_time = models.PositiveIntegerField(default=0)
    done_late = models.PositiveIntegerField(default=0)
    open_in_time = models.PositiveIntegerField(default=0)
    open_overdue = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "issuer", "field_name"], name="programmes_tally_once"
            )
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.organisation_id} · {self.field_name}"


class ReportingRound(models.Model):
    """The ministry asks for progress over one period, in either calendar."""

    public_id = models.CharField(max_length=40, unique=True)
    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, null=True, blank=True, related_name="rounds"
    )
    directive = models.ForeignKey(
        "directives.Directive", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    issuer = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="+")
    period = models.CharField(_("period"), max_length=16)
    opens_on = models.DateField(_("opens"))
    due_on = models.DateField(_("reports due"))
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("reporting round")

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.period


class RoundRequest(models.Model):
    """A body is asked to report in a round; a missing report alerts its officer and then climbs the line."""

    round = models.ForeignKey(ReportingRound, on_delete=models.CASCADE, related_name="requests")
    organisation = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    alerted_at = models.DateTimeField(null=True, blank=True)
    climbed_at = models.DateTimeField(null=True, blank=True)
    climbs = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "organisation"], name="programmes_asked_once")
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.round_id} · {self.organisation_id}"


class ProgressReport(models.Model):
    """One body's word on one delivery for one period; later rounds never overwrite it."""

    round = models.ForeignKey(ReportingRound, on_delete=models.PROTECT, related_name="reports")
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="reports")
    state = models.CharField(max_length=16, default="draft")
    claimed = models.PositiveSmallIntegerField(_("claimed, %"), null=True, blank=True)
    accepted = models.PositiveSmallIntegerField(_("accepted, %"), null=True, blank=True)
    approved = models.PositiveSmallIntegerField(_("approved, %"), null=True, blank=True)
    self_rating = models.CharField(max_length=8, default="unknown")
    done_text = models.TextField(_("what was done"), blank=True)
    next_text = models.TextField(_("what is next"), blank=True)
    return_reason = models.TextField(blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    late = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("progress report")
        constraints = [models.UniqueConstraint(fields=["round", "delivery"], name="programmes_report_once")]
        indexes = [models.Index(fields=["state", "submitted_at", "id"], name="programmes_report_waiting")]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.round_id} · {self.delivery_id}"


class Evidence(models.Model):
    """A file that supports a report; its hash is in the ledger."""

    report = models.ForeignKey(ProgressReport, on_delete=models.CASCADE, related_name="evidence")
    file = models.FileField(upload_to="evidence/%Y/%m/", max_length=300)
    filename = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    uploaded_at = models.DateTimeField()

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.filename


class MilestoneReport(models.Model):
    """A report says that a milestone was reached on a day."""

    report = models.ForeignKey(ProgressReport, on_delete=models.CASCADE, related_name="milestones")
    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="reports")
    done_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "milestone"], name="programmes_milestone_reported_once")
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.milestone_id} {self.done_on}"


class ExtensionRequest(models.Model):
    """A body asks for a later date; the first date stays on record."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="extensions")
    due_before = models.DateField()
    asked_due_on = models.DateField(_("asked for"))
    reason = models.TextField(_("reason"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    asked_at = models.DateTimeField()
    granted = models.BooleanField(null=True, blank=True)
    decision_reason = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("extension request")

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.delivery_id} → {self.asked_due_on}"


class CompletionClaim(models.Model):
    """A body claims completion; another body than the one that claims verifies it."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="claims")
    claimed_on = models.DateField(_("done on"))
    note = models.TextField(_("what was delivered"))
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    claimed_at = models.DateTimeField()
    verifier = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    verified = models.BooleanField(null=True, blank=True)
    verdict = models.TextField(blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    verified_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("completion claim")

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.delivery_id} {self.claimed_on}"


class StatusRecord(models.Model):
    """How a delivery stood at the end of a period; written once, never changed."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="history")
    period = models.CharField(max_length=16)
    cell = models.CharField(max_length=16)
    expected = models.PositiveSmallIntegerField(null=True, blank=True)
    claimed = models.PositiveSmallIntegerField(null=True, blank=True)
    accepted = models.PositiveSmallIntegerField(null=True, blank=True)
    approved = models.PositiveSmallIntegerField(null=True, blank=True)
    computed = models.CharField(max_length=8)
    confidence = models.CharField(max_length=8)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["delivery", "period"], name="programmes_status_once")]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.delivery_id} {self.period}"


class ConfidenceJudgement(models.Model):
    """A person's judgement of delivery confidence, with its reason."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="judgements")
    confidence = models.CharField(max_length=8)
    reason = models.TextField(_("reason"))
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    judged_at = models.DateTimeField()

    class Meta:
        ordering = ["judged_at", "id"]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.confidence} {self.judged_at:%Y-%m-%d}"
