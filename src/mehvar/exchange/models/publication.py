"""Keep every routing snapshot that was published, and the gateways that follow them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class PublishedSnapshot(models.Model):
    """A compiled snapshot: immutable, numbered without gaps, its hash on record in the ledger.

    ``content``: the file as gateways read it (canonical JSON). ``reason``: which acts led to it.
    """

    number = models.PositiveIntegerField(unique=True)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    reason = models.TextField(blank=True)
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("routing snapshot")

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"#{self.number}"


class Gateway(models.Model):
    """A gateway that carries calls: where it answers, where its evidence lies, and how it was when last asked.

    ``public_key``: PEM of the key that signs its evidence. ``health``: its last answer to ``/health``.
    """

    code = models.CharField(_("code"), max_length=60, unique=True)
    address = models.CharField(_("address for callers"), max_length=300)
    status_address = models.CharField(_("address of its state"), max_length=300, blank=True)
    evidence_folder = models.CharField(_("evidence"), max_length=500, blank=True)
    public_key = models.TextField(blank=True)
    snapshot_number = models.PositiveIntegerField(null=True, blank=True)
    health = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=16, default="unknown")
    asked_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("gateway")

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.code
