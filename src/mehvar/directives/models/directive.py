"""Keep the directive itself: fields, provisions, measures, assignments, versions and events."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from mehvar.directives.data import DirectiveState, Priority, ReviewState
from mehvar.kernel.identifiers import new_public_id


class Directive(models.Model):
    """A document by which a ministry sets goals and gives tasks (S2.1).

    ``version`` grows with every saved edit (optimistic locking); ``edition`` counts the drafts that
    were put before others and is what people call a version.
    """

    public_id = models.CharField(max_length=40, unique=True, default=new_public_id, editable=False)
    kind = models.CharField(_("kind"), max_length=32, default="directive")
    number = models.CharField(_("number"), max_length=80, blank=True)
    title = models.CharField(_("title"), max_length=600)
    issuer = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+", verbose_name=_("issuer")
    )
    language = models.CharField(_("language"), max_length=8)
    pack = models.CharField(max_length=16)
    calendar = models.CharField(max_length=16, default="gregorian")
    theme = models.ForeignKey(
        "directives.AnnualTheme", on_delete=models.SET_NULL, null=True, blank=True, related_name="directives"
    )
    duties = models.ManyToManyField("directives.LegalDuty", related_name="directives", blank=True)
    goal = models.TextField(_("general goal"), blank=True)
    motto = models.CharField(_("motto"), max_length=300, blank=True)
    legal_basis = models.TextField(_("legal basis"), blank=True)
    role_statement = models.TextField(_("role of the ministry"), blank=True)
    state = models.CharField(
        _("state"),
        max_length=32,
        default=DirectiveState.DRAFT,
        choices=[(s, s) for s in DirectiveState],
        db_index=True,
    )
    edition = models.PositiveIntegerField(default=1)
    version = models.PositiveIntegerField(default=1)
    dated_on = models.DateField(_("dated"), null=True, blank=True)
    effective_on = models.DateField(_("effective from"), null=True, blank=True)
    promulgated_at = models.DateTimeField(null=True, blank=True)
    acknowledge_within_days = models.PositiveSmallIntegerField(_("days to acknowledge"), default=7)
    declared_counts = models.JSONField(default=list, blank=True)
    supersedes = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="superseded_by"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("directive")
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "number"],
                condition=~models.Q(number=""),
                name="directives_number_once_per_issuer",
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}".strip()


class Field(models.Model):
    """A field of work (lĩnh vực, حوزه) of a directive, with the count that its text declares (S2.3)."""

    directive = models.ForeignKey(Directive, on_delete=models.CASCADE, related_name="fields")
    position = models.PositiveIntegerField()
    name = models.CharField(_("field"), max_length=600)
    declared_count = models.PositiveIntegerField(_("declared measures"), null=True, blank=True)

    class Meta:
        verbose_name = _("field")
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["directive", "name"], name="directives_field_once")]

    def __str__(self) -> str:
        return self.name


class Provision(models.Model):
    """A clause of the directive's text; provisions form a tree."""

    directive = models.ForeignKey(Directive, on_delete=models.CASCADE, related_name="provisions")
    public_id = models.CharField(max_length=40, unique=True, default=new_public_id, editable=False)
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="children"
    )
    position = models.PositiveIntegerField()
    depth = models.PositiveSmallIntegerField(default=0)
    path = models.CharField(max_length=200)
    eid = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=32)
    number = models.CharField(max_length=40, blank=True)
    heading = models.CharField(max_length=1000, blank=True)
    text = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("provision")
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.number} {self.heading}".strip() or self.path


class Measure(models.Model):
    """One task: text, deliverable, due date, outcome felt by people, and who must act.

    ``due_first_end`` keeps the first date when a deadline moves. ``flags`` is a list of
    ``{"code", "field", "message", "params", "settled"}``; ``confidence`` maps field to 0–1.
    """

    directive = models.ForeignKey(Directive, on_delete=models.CASCADE, related_name="measures")
    public_id = models.CharField(max_length=40, unique=True, default=new_public_id, editable=False)
    provision = models.ForeignKey(
        Provision, on_delete=models.SET_NULL, null=True, blank=True, related_name="measures"
    )
    field = models.ForeignKey(
        Field, on_delete=models.SET_NULL, null=True, blank=True, related_name="measures"
    )
    position = models.PositiveIntegerField()
    section = models.CharField(_("section"), max_length=400, blank=True)
    number = models.CharField(_("number"), max_length=40, blank=True)
    text = models.TextField(_("task"))
    deliverable = models.TextField(_("deliverable"), blank=True)
    outcome_indicator = models.TextField(_("outcome that people feel"), blank=True)
    priority = models.CharField(_("priority"), max_length=16, default=Priority.NORMAL)
    special_project = models.BooleanField(_("special project"), default=False)
    due_raw = models.CharField(_("deadline as written"), max_length=400, blank=True)
    due_kind = models.CharField(_("kind of deadline"), max_length=32, default="none")
    due_start = models.DateField(null=True, blank=True)
    due_end = models.DateField(null=True, blank=True, db_index=True)
    due_first_end = models.DateField(null=True, blank=True)
    due_duration = models.CharField(max_length=40, blank=True)
    due_anchor = models.CharField(max_length=40, blank=True)
    due_recurrence = models.CharField(max_length=80, blank=True)
    due_calendar = models.CharField(max_length=16, default="gregorian")
    confidence = models.JSONField(default=dict, blank=True)
    lowest_confidence = models.FloatField(default=1.0)
    flags = models.JSONField(default=list, blank=True)
    open_flags = models.PositiveSmallIntegerField(default=0)
    review_state = models.CharField(max_length=16, default=ReviewState.MANUAL)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    source_spans = models.JSONField(default=list, blank=True)
    version = models.PositiveIntegerField(default=1)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("measure")
        ordering = ["position"]
        indexes = [models.Index(fields=["directive", "position"], name="directives_measure_order")]

    def __str__(self) -> str:
        return f"{self.section} {self.number} {self.text[:80]}".strip()


class Assignment(models.Model):
    """A body, a symbolic group, or an unresolved name has a role in a measure.

    Exactly one of ``organisation``, ``group_code`` and ``raw_name`` says who; a group expands at promulgation.
    """

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="assignments")
    role = models.CharField(_("role"), max_length=16)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    group_code = models.CharField(max_length=60, blank=True)
    raw_name = models.CharField(_("name as written"), max_length=400, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    principal = models.BooleanField(_("principal lead"), default=False)
    inherited = models.BooleanField(default=False)
    confidence = models.FloatField(default=1.0)

    class Meta:
        verbose_name = _("assignment")
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    models.Q(organisation__isnull=False)
                    | (models.Q(organisation__isnull=True) & ~models.Q(group_code=""))
                    | (models.Q(organisation__isnull=True) & ~models.Q(raw_name=""))
                ),
                name="directives_assignment_names_someone",
            )
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.organisation_id or self.group_code or self.raw_name}"


class Citation(models.Model):
    """A legal document that the directive cites; some must be disseminated by every body (S2.2)."""

    directive = models.ForeignKey(Directive, on_delete=models.CASCADE, related_name="citations")
    position = models.PositiveSmallIntegerField(default=0)
    raw = models.CharField(_("as written"), max_length=600)
    kind = models.CharField(_("kind"), max_length=80, blank=True)
    number = models.CharField(_("number"), max_length=80, blank=True)
    dated_on = models.DateField(_("dated"), null=True, blank=True)
    issuer_name = models.CharField(_("issued by"), max_length=300, blank=True)
    subject = models.CharField(_("subject"), max_length=600, blank=True)
    to_disseminate = models.BooleanField(_("to be disseminated by every body"), default=False)

    class Meta:
        verbose_name = _("citation")
        ordering = ["position"]

    def __str__(self) -> str:
        return self.raw


class DirectiveVersion(models.Model):
    """A frozen edition of the whole content, so that differences can be shown word by word."""

    directive = models.ForeignKey(Directive, on_delete=models.CASCADE, related_name="editions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    note = models.CharField(_("what changed and why"), max_length=600, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("edition")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["directive", "number"], name="directives_edition_once")
        ]

    def __str__(self) -> str:
        return f"{self.directive_id} · {self.number}"


class StatusEvent(models.Model):
    """A dated step in the directive's life: who, what, why, and the hash of the text at that moment."""

    directive = models.ForeignKey(Directive, on_delete=models.CASCADE, related_name="events")
    action = models.CharField(max_length=40)
    source = models.CharField(max_length=32, blank=True)
    target = models.CharField(max_length=32)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    reason = models.TextField(blank=True)
    content_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.action} {self.at:%Y-%m-%d}"
