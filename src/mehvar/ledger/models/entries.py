"""Define the two tables of the ledger."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models

APPEND_ONLY = "ledger entries are append-only"
LONGEST = {
    "actor_kind": 20,
    "actor_identifier": 200,
    "action": 100,
    "subject_type": 60,
    "subject_identifier": 200,
}


class AppendOnlyError(RuntimeError):
    """Refuse to change or delete what is on record; only a mistake in the code gets here."""


class AppendOnlyQuerySet(models.QuerySet["Entry"]):
    """Read and insert, nothing else."""

    def update(self, **_kwargs: Any) -> NoReturn:
        """Refuse.

        Raises:
            AppendOnlyError: always.
        """
        raise AppendOnlyError(APPEND_ONLY)

    def delete(self) -> NoReturn:
        """Refuse.

        Raises:
            AppendOnlyError: always.
        """
        raise AppendOnlyError(APPEND_ONLY)

    def bulk_update(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refuse.

        Raises:
            AppendOnlyError: always.
        """
        raise AppendOnlyError(APPEND_ONLY)


class Entry(models.Model):
    """Keep one entry: the leaf as the bytes that were hashed, and the same in columns for reading."""

    sequence = models.BigIntegerField(primary_key=True)
    recorded_at = models.DateTimeField()
    public = models.BooleanField()
    actor_kind = models.CharField(max_length=LONGEST["actor_kind"])
    actor_identifier = models.CharField(max_length=LONGEST["actor_identifier"])
    actor_label = models.TextField(blank=True)
    action = models.CharField(max_length=LONGEST["action"])
    subject_type = models.CharField(max_length=LONGEST["subject_type"])
    subject_identifier = models.CharField(max_length=LONGEST["subject_identifier"])
    subject_label = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    content = models.TextField()
    content_hash = models.CharField(max_length=64)
    salt = models.BinaryField()
    leaf = models.BinaryField()
    leaf_hash = models.CharField(max_length=64)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ("sequence",)
        indexes = (
            models.Index(
                fields=["subject_type", "subject_identifier", "-sequence"], name="ledger_entry_of_subject"
            ),
        )

    def __str__(self) -> str:
        """Return sequence and action."""
        return f"{self.sequence} {self.action}"

    def save(self, *, force_insert: Any = False, using: str | None = None, **_kwargs: Any) -> None:
        """Insert; an entry that is on record already is never written again.

        Raises:
            AppendOnlyError: the entry is on record.
        """
        if not self._state.adding:
            raise AppendOnlyError(APPEND_ONLY)
        super().save(force_insert=force_insert or True, using=using)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refuse.

        Raises:
            AppendOnlyError: always.
        """
        raise AppendOnlyError(APPEND_ONLY)


class Head(models.Model):
    """Keep the newest sequence and leaf hash in the one row whose lock puts writers in a line."""

    ONLY = 1

    id = models.SmallIntegerField(primary_key=True, default=ONLY)
    sequence = models.BigIntegerField()
    leaf_hash = models.CharField(max_length=64)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="ledger_head_only_one"),)

    def __str__(self) -> str:
        """Return sequence and hash."""
        return f"{self.sequence} {self.leaf_hash}"
