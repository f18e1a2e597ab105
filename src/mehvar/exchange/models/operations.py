"""Keep what the evidence of the gateways says: how far it was read, each call, and hourly tallies.

All of it can be made anew from the evidence; nothing here is proof. Source: issue "exchange", point 2 (operational data).
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mehvar.exchange.models.members import Member
from mehvar.exchange.models.publication import Gateway
from mehvar.exchange.models.services import ExchangeService


class EvidenceChain(models.Model):
    """How far one chain of a gateway's evidence was read: the last batch taken, and where it began.

    ``offset`` is a hint (a redacted segment is shorter); ``batch`` and ``batch_hash`` decide. ``key``: fingerprint of the key that
    signed last.
    """

    gateway = models.ForeignKey(Gateway, on_delete=models.CASCADE, related_name="chains")
    name = models.CharField(max_length=100)
    segment = models.PositiveIntegerField(default=0)
    offset = models.PositiveBigIntegerField(default=0)
    batch = models.PositiveBigIntegerField(default=0)
    batch_hash = models.CharField(max_length=64)
    batch_at = models.DateTimeField(null=True, blank=True)
    key = models.CharField(max_length=64, blank=True)
    calls = models.PositiveBigIntegerField(default=0)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["gateway", "name"], name="exchange_chain_once")]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.gateway}/{self.name}"


class EvidenceFault(models.Model):
    """Something in the evidence that does not hold: damage, a gap, an unknown key. Reading stops there until it is settled.

    ``kind``: damage, gap, key. ``resume_segment``: where reading goes on when an operator, with a reason on record, passes the fault.
    ``state``: open, mended (it holds again), passed.
    """

    chain = models.ForeignKey(EvidenceChain, on_delete=models.CASCADE, related_name="faults")
    kind = models.CharField(max_length=8)
    segment = models.PositiveIntegerField()
    offset = models.PositiveBigIntegerField()
    message = models.CharField(max_length=500)
    state = models.CharField(max_length=8, default="open")
    resume_segment = models.PositiveIntegerField()
    key = models.CharField(max_length=64, blank=True)
    found_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("fault of the evidence")
        constraints = [
            models.UniqueConstraint(
                fields=["chain"], condition=Q(state="open"), name="exchange_one_open_fault"
            )
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.chain}: {self.message}"


class IndexedCall(models.Model):
    """One call as the evidence tells it; identifiers are those of the protocol, times in milliseconds, sizes in bytes.

    ``kind``: request (forwarded, outcome not yet known), exchange, refusal. ``outcome`` is one word for lists: answered, provider
    (the provider said 5xx), client (a 4xx), bus (the bus failed), refused, pending. ``subject``: keyed token of the person asked about.
    """

    gateway = models.ForeignKey(Gateway, on_delete=models.CASCADE, related_name="+")
    chain = models.CharField(max_length=100)
    segment = models.PositiveIntegerField()
    batch = models.PositiveBigIntegerField()
    place = models.PositiveIntegerField()
    request_id = models.CharField(max_length=64)
    message_id = models.CharField(max_length=300)
    kind = models.CharField(max_length=8)
    outcome = models.CharField(max_length=8)
    at = models.DateTimeField()
    duration_ms = models.PositiveBigIntegerField(default=0)
    client = models.CharField(max_length=300)
    client_member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    service = models.CharField(max_length=360)
    service_row = models.ForeignKey(ExchangeService, on_delete=models.PROTECT, null=True, related_name="+")
    provider_member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    endpoint = models.CharField(max_length=520, blank=True)
    agreement = models.CharField(max_length=40, blank=True)
    purpose = models.CharField(max_length=500, blank=True)
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=100, blank=True)
    request_bytes = models.PositiveBigIntegerField(default=0)
    answer_bytes = models.PositiveBigIntegerField(default=0)
    mode = models.CharField(max_length=8, blank=True)
    authentication = models.CharField(max_length=200, blank=True)
    snapshot = models.PositiveIntegerField(default=0)
    subject = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("call")
        constraints = [
            models.UniqueConstraint(fields=["gateway", "request_id"], name="exchange_call_indexed_once")
        ]
        indexes = [
            models.Index(fields=["-at"], name="exchange_call_by_time"),
            models.Index(fields=["client_member", "-at"], name="exchange_call_by_client"),
            models.Index(fields=["provider_member", "-at"], name="exchange_call_by_provider"),
            models.Index(
                fields=["subject", "-at"], condition=~Q(subject=""), name="exchange_call_by_subject"
            ),
            models.Index(fields=["client", "message_id"], name="exchange_call_by_message"),
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.request_id


class HourlyTally(models.Model):
    """What one client asked of one service for one purpose within an hour.

    ``under_0`` … ``under_12`` count answers by how long they took, see `mehvar.exchange.rules.tallies.BOUNDS_MS`; the last is open.
    """

    hour = models.DateTimeField()
    service = models.CharField(max_length=360)
    service_row = models.ForeignKey(ExchangeService, on_delete=models.PROTECT, null=True, related_name="+")
    provider_member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    client = models.CharField(max_length=300)
    client_member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    purpose = models.CharField(max_length=500)
    calls = models.PositiveBigIntegerField(default=0)
    answered = models.PositiveBigIntegerField(default=0)
    client_errors = models.PositiveBigIntegerField(default=0)
    provider_errors = models.PositiveBigIntegerField(default=0)
    bus_errors = models.PositiveBigIntegerField(default=0)
    refused = models.PositiveBigIntegerField(default=0)
    request_bytes = models.PositiveBigIntegerField(default=0)
    answer_bytes = models.PositiveBigIntegerField(default=0)
    under_0 = models.PositiveBigIntegerField(default=0)
    under_1 = models.PositiveBigIntegerField(default=0)
    under_2 = models.PositiveBigIntegerField(default=0)
    under_3 = models.PositiveBigIntegerField(default=0)
    under_4 = models.PositiveBigIntegerField(default=0)
    under_5 = models.PositiveBigIntegerField(default=0)
    under_6 = models.PositiveBigIntegerField(default=0)
    under_7 = models.PositiveBigIntegerField(default=0)
    under_8 = models.PositiveBigIntegerField(default=0)
    under_9 = models.PositiveBigIntegerField(default=0)
    under_10 = models.PositiveBigIntegerField(default=0)
    under_11 = models.PositiveBigIntegerField(default=0)
    under_12 = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["hour", "service", "client", "purpose"], name="exchange_tally_once"
            )
        ]
        indexes = [
            models.Index(fields=["service_row", "hour"], name="exchange_tally_by_service"),
            models.Index(fields=["client_member", "hour"], name="exchange_tally_by_client"),
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.hour:%Y-%m-%d %H} {self.client} → {self.service}"


class CatalogueEntry(models.Model):
    """What the catalogue searches and filters of a service beyond its own row, read from its newest description.

    ``fields``: the themes (tags) of the description, each between bars, ``|land|deeds|``. ``folded`` holds the words of operations and
    data fields as `mehvar.kernel.text.fold_for_search` gives them.
    """

    service = models.OneToOneField(ExchangeService, on_delete=models.CASCADE, related_name="catalogue_entry")
    sha256 = models.CharField(max_length=64)
    fields = models.CharField(max_length=1_000, blank=True)
    operations = models.PositiveIntegerField(default=0)
    folded = models.TextField(blank=True)

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return str(self.service)
