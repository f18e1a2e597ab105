"""Keep obstacles and product gaps with their clocks, and the days by which a ministry corrects the working calendars."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from mehvar.programmes.models.progress import Delivery


class Holiday(models.Model):
    """A day that a ministry adds to the published calendar: closed (``worked`` false), or worked although it is a day of rest."""

    country = models.CharField(max_length=8)
    day = models.DateField(_("day"))
    worked = models.BooleanField(default=False)
    name = models.CharField(_("reason"), max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["country", "day"], name="programmes_holiday_once")]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.country} {self.day} {self.name}"


class Obstacle(models.Model):
    """Something that is in the way, or a product that the market lacks (S0.4, S0.5, S4.1, S4.4).

    Raised by a body (``raised_by``) or from outside (``outside_name``, ``outside_contact``, and a tracking code of which the hash is
    kept). ``issuer`` steers: the body that asks for the delivery, or the ministry. ``owner`` must remove it. ``level_holder`` has the
    clock, which ends with the day ``level_due_on``; ``committee`` is the provincial committee that it reached. ``highest_level`` never
    sinks. Public words are an officer's: nothing that was sent in is shown before.
    """

    public_id = models.CharField(max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=16, default="obstacle")
    cause = models.CharField(_("cause"), max_length=16)
    title = models.CharField(_("what is in the way"), max_length=300)
    folded = models.CharField(max_length=600, blank=True)
    text = models.TextField(_("description"), max_length=10_000)
    decision_needed = models.TextField(_("which decision is needed"), blank=True)
    decision_from = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    product_need = models.TextField(_("who needs it, and what for"), blank=True)
    market_size = models.CharField(_("how much is needed"), max_length=300, blank=True)
    could_make = models.TextField(_("who could make it"), blank=True)
    language = models.CharField(max_length=8, blank=True)
    raised_by = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    outside_name = models.CharField(_("firm or person"), max_length=200, blank=True)
    outside_contact = models.CharField(_("how to reach you"), max_length=200, blank=True)
    tracking_sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    submission_key = models.CharField(max_length=64, null=True, blank=True, unique=True)
    delivery = models.ForeignKey(
        Delivery, on_delete=models.SET_NULL, null=True, blank=True, related_name="obstacles"
    )
    province = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    issuer = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="+")
    level = models.CharField(max_length=16, default="body", db_index=True)
    highest_level = models.CharField(max_length=16, default="body")
    level_holder = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="+")
    committee = models.ForeignKey(
        "organisations.Committee", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    level_since = models.DateTimeField()
    level_due_on = models.DateField()
    reminded_for = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=16, default="open", db_index=True)
    decision = models.TextField(_("decision"), blank=True)
    remedy = models.TextField(_("remedy"), blank=True)
    remedy_due_on = models.DateField(_("removed by"), null=True, blank=True)
    first_remedy_due_on = models.DateField(null=True, blank=True)
    raised_at = models.DateTimeField()
    remedied_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )
    published = models.BooleanField(default=False, db_index=True)
    public_title = models.CharField(_("title for the public"), max_length=300, blank=True)
    public_text = models.TextField(_("words for the public"), max_length=4_000, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("obstacle")
        indexes = [models.Index(fields=["state", "level_due_on"], name="programmes_obstacle_by_clock")]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.title


class ObstacleEvent(models.Model):
    """A dated step: raised, taken up, climbed, decided, remedied, confirmed, sent back.

    ``effective_on`` is the day from which the step counts: a clock that ran out while nothing ran climbs on the day it ran out.
    """

    obstacle = models.ForeignKey(Obstacle, on_delete=models.CASCADE, related_name="events")
    action = models.CharField(max_length=24)
    level = models.CharField(max_length=16)
    state = models.CharField(max_length=16, default="open")
    holder = models.ForeignKey(
        "organisations.Organisation", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = models.TextField(blank=True)
    due_on = models.DateField(null=True, blank=True)
    effective_on = models.DateField()
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.action
