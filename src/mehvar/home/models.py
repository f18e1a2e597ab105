"""Keep what the search looks through, how far it follows the record, and people's calendar feeds."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SearchEntry(models.Model):
    """Hold one thing's folded words for the search; made from the rooms below and never the source of anything.

    Who may see it is not kept here: every search asks the rooms' own queries. ``source`` is the recorded subject with which it changes.
    """

    kind = models.CharField(max_length=16)
    object_id = models.BigIntegerField()
    source = models.CharField(max_length=80, db_index=True)
    reference = models.CharField(max_length=80)
    parent = models.CharField(max_length=80, blank=True)
    title = models.TextField()
    detail = models.CharField(max_length=300, blank=True)
    body_id = models.BigIntegerField(null=True, blank=True)
    folded = models.TextField()

    class Meta:
        verbose_name = _("entry of the search")
        constraints = [models.UniqueConstraint(fields=["kind", "object_id"], name="home_search_once")]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.title[:80]


class SearchPlace(models.Model):
    """Hold the last recorded act that the search has followed; one row."""

    ONLY = 1

    sequence = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return str(self.sequence)


class CalendarFeed(models.Model):
    """Let calendar programs read a person's deadlines at a secret address, of which only the hash is kept; one a person at a time."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    token_sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    last_read_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("calendar feed")
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(revoked_at__isnull=True), name="home_one_feed_a_person"
            )
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.user_id} {self.created_at:%Y-%m-%d}"
