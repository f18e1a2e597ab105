"""Keep what "who asked about me" needs: codes given at counters, exceptions by law, and who looked.

No identifier of a person stands here, only keyed tokens. Source: exchange-and-ledger §5.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from mehvar.exchange.models.access import Agreement


class CounterCode(models.Model):
    """A code that an officer gives to a person whose identity card was seen at the counter; it opens that person's list once.

    ``code_sha256`` is keyed together with the token, so that a code opens nothing for anybody else.
    """

    public_id = models.CharField(max_length=40, unique=True)
    code_sha256 = models.CharField(max_length=64, unique=True)
    subject = models.CharField(max_length=64)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="+")
    document = models.CharField(_("which document was seen"), max_length=200)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("code from a counter")

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.public_id


class DisclosureDelay(models.Model):
    """A law lets questions under an agreement be told to the person only after some days; until then they are counted.

    ``reason``: one of `mehvar.exchange.data.inquiries.DelayReason`. ``valid_until``: last day on which new questions are held back.
    """

    public_id = models.CharField(max_length=40, unique=True)
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="delays")
    reason = models.CharField(_("class of reason"), max_length=24)
    legal_basis = models.TextField(_("law that permits it"), max_length=2_000)
    days = models.PositiveIntegerField(_("days"))
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("last day"))
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("delay by law")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__gte=F("valid_from")) & Q(days__gt=0), name="exchange_delay_dates"
            )
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.agreement}: {self.days}"


class SubjectLookup(models.Model):
    """Somebody opened a person's list: by which proof, and when; the person sees it as well."""

    subject = models.CharField(max_length=64, db_index=True)
    proof = models.CharField(max_length=8)
    code = models.ForeignKey(CounterCode, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("look at a person's list")

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.proof} {self.at:%Y-%m-%d}"
