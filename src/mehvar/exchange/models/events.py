"""Keep topics, subscriptions, and (table-backed bus) events with the state of every delivery.

The bus's own tables name topics and subscriptions by text only: it knows nothing of members and rights.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mehvar.exchange.models.access import Agreement
from mehvar.exchange.models.members import Subsystem


class EventTopic(models.Model):
    """A topic on which a provider's subsystem publishes. ``is_public``: any member may subscribe, without agreement.

    ``state``: open, closed. Events are forgotten ``retention_days`` after they came.
    """

    public_id = models.CharField(max_length=40, unique=True)
    subsystem = models.ForeignKey(Subsystem, on_delete=models.PROTECT, related_name="topics")
    code = models.CharField(_("code"), max_length=60)
    title = models.CharField(_("title"), max_length=200)
    summary = models.TextField(_("what it tells, in plain words"), max_length=4_000, blank=True)
    is_public = models.BooleanField(_("open to every member"), default=False)
    retention_days = models.PositiveIntegerField(_("days that events are kept"), default=30)
    state = models.CharField(max_length=8, default="open", db_index=True)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("topic")
        constraints = [models.UniqueConstraint(fields=["subsystem", "code"], name="exchange_topic_once")]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.title


class EventType(models.Model):
    """A kind of event on a topic (``type`` of CloudEvents). ``schema``: JSON Schema of its data, null for any data."""

    topic = models.ForeignKey(EventTopic, on_delete=models.CASCADE, related_name="types")
    name = models.CharField(_("type"), max_length=200)
    title = models.CharField(_("what happened"), max_length=200, blank=True)
    schema = models.JSONField(_("JSON Schema of the data"), null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["topic", "name"], name="exchange_event_type_once")]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.name


class EventSubscription(models.Model):
    """A subsystem receives a topic's events, by push to ``address`` or by pull.

    ``types``: which ones, empty for all. ``state``: active, paused, ended. ``failing_since``: when deliveries began to fail.
    """

    public_id = models.CharField(max_length=40, unique=True)
    topic = models.ForeignKey(EventTopic, on_delete=models.PROTECT, related_name="subscriptions")
    subsystem = models.ForeignKey(Subsystem, on_delete=models.PROTECT, related_name="subscriptions")
    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, null=True, blank=True, related_name="subscriptions"
    )
    types = models.JSONField(default=list, blank=True)
    delivering = models.CharField(_("how events come"), max_length=8, default="pull")
    address = models.CharField(_("address to which events are sent"), max_length=500, blank=True)
    mode = models.CharField(_("form of the messages"), max_length=12, default="binary")
    attempts = models.PositiveIntegerField(_("attempts before an event is given up"), default=12)
    state = models.CharField(max_length=8, default="active", db_index=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("subscription")
        constraints = [
            models.UniqueConstraint(
                fields=["topic", "subsystem"], condition=~Q(state="ended"), name="exchange_subscribed_once"
            )
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.topic} → {self.subsystem}"


class UsedNonce(models.Model):
    """A nonce of a signed request to the control plane, kept until the signature would be too old anyway."""

    digest = models.CharField(max_length=64, unique=True)
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.digest


class EventLog(models.Model):
    """The events of one topic, numbered without gaps; its row is the lock under which they are numbered."""

    topic = models.CharField(max_length=40, unique=True)
    last_sequence = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.topic


class StoredEvent(models.Model):
    """One event as it was accepted; ``content`` in the JSON format of CloudEvents."""

    log = models.ForeignKey(EventLog, on_delete=models.CASCADE, related_name="events")
    sequence = models.PositiveBigIntegerField()
    source = models.CharField(max_length=2_000)
    event_id = models.CharField(max_length=2_000)
    identity = models.CharField(max_length=64)
    type = models.CharField(max_length=2_000)
    key = models.CharField(max_length=2_000, blank=True)
    content = models.TextField()
    accepted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["log", "sequence"], name="exchange_event_number_once"),
            models.UniqueConstraint(fields=["log", "identity"], name="exchange_event_once"),
        ]
        indexes = [models.Index(fields=["log", "accepted_at"], name="exchange_event_by_age")]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.type} {self.event_id}"


class EventCursor(models.Model):
    """Collect one subscription's deliveries; its row is the lock under which they are claimed."""

    subscription = models.CharField(max_length=40, unique=True)
    log = models.ForeignKey(EventLog, on_delete=models.CASCADE, related_name="cursors")
    types = models.JSONField(default=list)

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.subscription


class EventDelivery(models.Model):
    """One event on its way to one subscription. ``state``: waiting, in-hand, done, dead.

    ``open_sequence``: its number while it waits or is in hand, else null, so that one small index finds what is open on every
    database. ``key_digest``: 16 bytes of its key's hash, empty for no order.
    """

    cursor = models.ForeignKey(EventCursor, on_delete=models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(StoredEvent, on_delete=models.CASCADE, related_name="deliveries")
    sequence = models.PositiveBigIntegerField()
    open_sequence = models.PositiveBigIntegerField(null=True)
    key_digest = models.CharField(max_length=32, blank=True)
    state = models.CharField(max_length=8, default="waiting")
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    lease = models.CharField(max_length=32, blank=True)
    error = models.CharField(max_length=300, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["cursor", "event"], name="exchange_delivery_once")]
        indexes = [
            models.Index(fields=["cursor", "open_sequence"], name="exchange_delivery_open"),
            models.Index(fields=["cursor", "key_digest", "due_at"], name="exchange_delivery_by_key"),
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.cursor} {self.sequence}: {self.state}"
