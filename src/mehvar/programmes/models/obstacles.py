"""Keep obstacles and product gaps with their clocks, and the working calendars that the clocks run by."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from mehvar.programmes.models.progress import Delivery


class Holiday(models.Model):
    """A day on which a country does not work; weekends are in the working calendar's rules."""

    country = models.CharField(max_length=8)
    day = models.DateField()
    name = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["country", "day"], name="programmes_holiday_once")]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.country} {self.day} {self.name}"


class Obstacle(models.Model):
    """Something that is in the way, or a product that the market lacks (S0.4, S0.5, S4.1, S4.4).

    Raised by a body (``raised_by``) or from outside (``outside_name``, ``outside_contact``, and a tracking code of which the hash is
    kept). ``level_due_at`` is the end of the level's clock of three working days.
    """

    public_id = models.CharField(max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=16, default="obstacle")
    cause = models.CharField(_("cause"), max_length=16)
    title = models.CharField(_("what is in the way"), max_length=300)
    text = models.TextField(_("description"), max_length=10_000)
    decision_needed = models.TextField(_("which decision is needed"), blank=True)
    raised_by = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    outside_name = models.CharField(_("firm or person"), max_length=200, blank=True)
    outside_contact = models.CharField(_("how to reach you"), max_length=200, blank=True)
    tracking_sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    delivery = models.ForeignKey(
        Delivery, on_delete=models.SET_NULL, null=True, blank=True, related_name="obstacles"
    )
    province = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    owner = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=16, default="body", db_index=True)
    level_holder = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    level_since = models.DateTimeField()
    level_due_on = models.DateField()
    state = models.CharField(max_length=16, default="open", db_index=True)
    remedy = models.TextField(_("remedy"), blank=True)
    raised_at = models.DateTimeField()
    remedied_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    published = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("obstacle")

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.title


class ObstacleEvent(models.Model):
    """A dated step: raised, taken up, climbed, decided, remedied, confirmed, sent back."""

    obstacle = models.ForeignKey(Obstacle, on_delete=models.CASCADE, related_name="events")
    action = models.CharField(max_length=24)
    level = models.CharField(max_length=16)
    note = models.TextField(blank=True)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.action
