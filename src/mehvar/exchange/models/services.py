"""Keep what members offer: services, their descriptions, and endpoints."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mehvar.exchange.models.members import Subsystem


class ExchangeService(models.Model):
    """A REST service of a subsystem: what it is, where it is, and how calls of it are handled.

    ``state``: draft, published, disabled (``disabled_notice`` is what callers are told), retired. Times are seconds, sizes bytes,
    0 for no limit; the fields mean what `mehvar.exchange.data.snapshot.Service` says. ``test_base_url`` is a test instance for
    trying out, with invented data. ``folded`` is what the catalogue searches.
    """

    public_id = models.CharField(max_length=40, unique=True)
    subsystem = models.ForeignKey(Subsystem, on_delete=models.PROTECT, related_name="services")
    code = models.CharField(_("code"), max_length=60)
    title = models.CharField(_("title"), max_length=200)
    summary = models.TextField(_("what it answers, in plain words"), max_length=4_000, blank=True)
    language = models.CharField(_("language of title and summary"), max_length=8, blank=True)
    kind = models.CharField(max_length=8, default="REST")
    state = models.CharField(max_length=16, default="draft", db_index=True)
    base_url = models.CharField(_("base address"), max_length=500)
    test_base_url = models.CharField(_("base address of the test instance"), max_length=500, blank=True)
    mode = models.CharField(_("evidence"), max_length=8, default="durable")
    loss_window_ms = models.PositiveIntegerField(default=200)
    connect_timeout_s = models.FloatField(default=5.0)
    answer_timeout_s = models.FloatField(default=30.0)
    idle_timeout_s = models.FloatField(default=30.0)
    total_timeout_s = models.FloatField(default=300.0)
    max_request_bytes = models.PositiveBigIntegerField(default=0)
    max_answer_bytes = models.PositiveBigIntegerField(default=0)
    max_connections = models.PositiveIntegerField(default=64)
    provider_ca = models.TextField(_("authority of the provider's certificate (PEM)"), blank=True)
    keep_bodies = models.BooleanField(default=False)
    kept_body_bytes = models.PositiveIntegerField(default=65_536)
    legal_basis = models.TextField(_("legal basis on which data may be given"), max_length=2_000, blank=True)
    personal_data = models.BooleanField(_("answers hold personal data"), default=True)
    contact = models.CharField(_("who helps developers"), max_length=300, blank=True)
    disabled_notice = models.CharField(_("notice to callers"), max_length=500, blank=True)
    folded = models.TextField(blank=True, editable=False)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("service of the exchange")
        constraints = [
            models.UniqueConstraint(fields=["subsystem", "code"], name="exchange_service_once"),
            models.CheckConstraint(
                condition=Q(connect_timeout_s__gt=0)
                & Q(answer_timeout_s__gt=0)
                & Q(idle_timeout_s__gt=0)
                & Q(total_timeout_s__gt=0)
                & Q(max_connections__gt=0)
                & Q(loss_window_ms__gt=0),
                name="exchange_service_limits",
            ),
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.title


class ServiceDescription(models.Model):
    """One version of a service's OpenAPI document; the newest counts, older ones stay.

    ``document``: the description as JSON, whatever it was uploaded as.
    """

    service = models.ForeignKey(ExchangeService, on_delete=models.CASCADE, related_name="descriptions")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    sha256 = models.CharField(max_length=64)
    title = models.CharField(max_length=300, blank=True)
    stated_version = models.CharField(max_length=60, blank=True)
    uploaded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "number"], name="exchange_description_once")
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.service} #{self.number}"


class Endpoint(models.Model):
    """One operation of a service: method (or ``*``) and path with ``*`` and ``**``.

    ``subject`` says where the identifier of the person asked about stands (``query:NAME``, ``header:NAME``, ``path:N``).
    """

    service = models.ForeignKey(ExchangeService, on_delete=models.CASCADE, related_name="endpoints")
    method = models.CharField(_("method"), max_length=8)
    path = models.CharField(_("path"), max_length=500)
    summary = models.CharField(_("what it does"), max_length=300, blank=True)
    subject = models.CharField(_("where the person's identifier stands"), max_length=100, blank=True)
    described = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "method", "path"], name="exchange_endpoint_once")
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.method} {self.path}"
