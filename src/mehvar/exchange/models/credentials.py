"""Keep with what clients prove who they are: keys, certificates, networks, and the authorities behind them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mehvar.exchange.models.members import Member, Subsystem


class SigningKey(models.Model):
    """A public key with which a subsystem signs requests (RFC 9421). The private key never comes here.

    ``public_key``: PEM (SubjectPublicKeyInfo); ``sha256`` of its DER form. ``replaces``: the key that this one follows; both hold
    while the old one runs out, so that a rotation drops no call.
    """

    public_id = models.CharField(max_length=40, unique=True)
    subsystem = models.ForeignKey(Subsystem, on_delete=models.PROTECT, related_name="keys")
    label = models.CharField(_("name of the key"), max_length=100)
    algorithm = models.CharField(max_length=24)
    public_key = models.TextField(_("public key (PEM)"), max_length=4_000)
    sha256 = models.CharField(max_length=64, unique=True)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoke_reason = models.CharField(_("reason"), max_length=500, blank=True)
    reminded_for = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("key")

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.label


class Authority(models.Model):
    """An authority whose signature on a client's certificate counts; ``own``: the exchange's, which signs requests for certificates here.

    ``certificate``: PEM. The private key of the own authority is a file of the operator, never a row.
    """

    name = models.CharField(_("name"), max_length=200)
    certificate = models.TextField(_("certificate (PEM)"))
    sha256 = models.CharField(max_length=64, unique=True)
    own = models.BooleanField(default=False)
    valid_until = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("certificate authority")
        constraints = [
            models.UniqueConstraint(
                fields=["own"],
                condition=Q(own=True, withdrawn_at__isnull=True),
                name="exchange_one_own_authority",
            )
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.name


class ClientCertificate(models.Model):
    """A certificate with which a client opens mutual TLS: of one subsystem, or of a member for all its subsystems."""

    public_id = models.CharField(max_length=40, unique=True)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="certificates")
    subsystem = models.ForeignKey(
        Subsystem, on_delete=models.PROTECT, null=True, blank=True, related_name="certificates"
    )
    authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    label = models.CharField(_("name of the certificate"), max_length=100)
    certificate = models.TextField(_("certificate (PEM)"))
    sha256 = models.CharField(max_length=64, unique=True)
    serial = models.CharField(max_length=64)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoke_reason = models.CharField(_("reason"), max_length=500, blank=True)
    reminded_for = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("certificate")

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.label


class ClientNetwork(models.Model):
    """Addresses (CIDR) from which a subsystem may call without key or certificate, on plain listeners only."""

    subsystem = models.ForeignKey(Subsystem, on_delete=models.CASCADE, related_name="networks")
    network = models.CharField(_("network"), max_length=64)
    reason = models.CharField(_("why no key"), max_length=300)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("network of a client")
        constraints = [models.UniqueConstraint(fields=["subsystem", "network"], name="exchange_network_once")]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.network
