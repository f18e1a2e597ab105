"""Keep who may ask what, on what legal basis: agreements, rights, requests for access, quotas."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from mehvar.exchange.models.members import ClientGroup, Member, Subsystem
from mehvar.exchange.models.services import Endpoint, ExchangeService


class Agreement(models.Model):
    """On what legal basis and for what purpose data flow from a provider to a consumer, and when.

    Without a valid one no right is granted and no call passes. ``state``: proposed, valid, ended. ``valid_until`` is the last day;
    ``first_valid_until`` never moves. ``consumer`` is empty for an agreement with a group.
    """

    public_id = models.CharField(max_length=40, unique=True)
    provider = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="agreements_given")
    consumer = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="agreements_held"
    )
    title = models.CharField(_("title"), max_length=300)
    legal_basis = models.TextField(_("legal basis"), max_length=2_000)
    purpose = models.CharField(_("purpose"), max_length=500)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("last day"), null=True, blank=True)
    first_valid_until = models.DateField(null=True, blank=True, editable=False)
    document = models.FileField(_("signed document"), upload_to="exchange/agreements/%Y/", blank=True)
    document_sha256 = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=16, default="proposed", db_index=True)
    provider_accepted_at = models.DateTimeField(null=True, blank=True)
    consumer_accepted_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.TextField(_("reason"), max_length=2_000, blank=True)
    reminded_for = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("agreement")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="exchange_agreement_dates",
            )
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.title


class AccessRight(models.Model):
    """One grant: a subsystem or a group may use a service, or one endpoint of it, under an agreement.

    Rows are revoked, never deleted.
    """

    public_id = models.CharField(max_length=40, unique=True)
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="rights")
    service = models.ForeignKey(ExchangeService, on_delete=models.PROTECT, related_name="rights")
    endpoint = models.ForeignKey(
        Endpoint, on_delete=models.PROTECT, null=True, blank=True, related_name="rights"
    )
    subsystem = models.ForeignKey(
        Subsystem, on_delete=models.PROTECT, null=True, blank=True, related_name="rights"
    )
    group = models.ForeignKey(
        ClientGroup, on_delete=models.PROTECT, null=True, blank=True, related_name="rights"
    )
    granted_at = models.DateTimeField()
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoke_reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("access right")
        constraints = [
            models.CheckConstraint(
                condition=Q(subsystem__isnull=True, group__isnull=False)
                | Q(subsystem__isnull=False, group__isnull=True),
                name="exchange_right_one_subject",
            ),
            models.UniqueConstraint(
                "agreement",
                "service",
                Coalesce("endpoint", 0),
                Coalesce("subsystem", 0),
                Coalesce("group", 0),
                condition=Q(revoked_at__isnull=True),
                name="exchange_right_once",
            ),
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.subsystem or self.group} → {self.service}"


class AccessRequest(models.Model):
    """A consumer asks for access to a service (S4.4): for what purpose, on what legal basis, how much, how long.

    ``state``: draft, submitted, returned (with remarks), granted, refused, withdrawn. The provider answers by ``due_on``, after which the
    exchange's operator is told; ``first_due_on`` never moves. ``endpoints`` empty: the whole service.
    """

    public_id = models.CharField(max_length=40, unique=True)
    subsystem = models.ForeignKey(Subsystem, on_delete=models.PROTECT, related_name="requests")
    service = models.ForeignKey(ExchangeService, on_delete=models.PROTECT, related_name="requests")
    endpoints = models.ManyToManyField(Endpoint, blank=True, related_name="+")
    purpose = models.CharField(_("purpose"), max_length=500)
    legal_basis = models.TextField(_("legal basis"), max_length=2_000)
    calls_per_day = models.PositiveIntegerField(_("expected calls per day"), null=True, blank=True)
    wanted_from = models.DateField(_("wanted from"), null=True, blank=True)
    wanted_until = models.DateField(_("wanted until"), null=True, blank=True)
    state = models.CharField(max_length=16, default="draft", db_index=True)
    due_on = models.DateField(null=True, blank=True)
    first_due_on = models.DateField(null=True, blank=True)
    reminded_for = models.DateField(null=True, blank=True)
    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, null=True, blank=True, related_name="requests"
    )
    decision_note = models.TextField(_("answer"), max_length=4_000, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("request for access")
        indexes = [models.Index(fields=["state", "due_on"], name="exchange_request_by_clock")]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.subsystem} → {self.service}"


class AccessRequestEvent(models.Model):
    """A dated step of a request, with who took it and what was said; nothing is overwritten."""

    request = models.ForeignKey(AccessRequest, on_delete=models.CASCADE, related_name="events")
    action = models.CharField(max_length=16)
    state = models.CharField(max_length=16)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    note = models.TextField(max_length=4_000, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.request}: {self.action}"


class Quota(models.Model):
    """Limit calls; empty subsystem: each client counted apart; empty service: each service counted apart."""

    subsystem = models.ForeignKey(
        Subsystem, on_delete=models.CASCADE, null=True, blank=True, related_name="quotas"
    )
    service = models.ForeignKey(
        ExchangeService, on_delete=models.CASCADE, null=True, blank=True, related_name="quotas"
    )
    calls_per_s = models.FloatField(_("calls per second"))
    burst = models.PositiveIntegerField(_("at once"))
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("quota")
        constraints = [
            models.UniqueConstraint(
                Coalesce("subsystem", 0), Coalesce("service", 0), name="exchange_quota_once"
            ),
            models.CheckConstraint(
                condition=Q(calls_per_s__gt=0) & Q(burst__gt=0), name="exchange_quota_positive"
            ),
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.subsystem or '*'} → {self.service or '*'}: {self.calls_per_s}/s"
