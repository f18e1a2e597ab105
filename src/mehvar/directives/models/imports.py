"""Keep imported documents and the steps of their review."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from mehvar.directives.data import ImportState
from mehvar.directives.models.directive import Directive, Measure
from mehvar.kernel.identifiers import new_public_id


class ImportDocument(models.Model):
    """A source document, how far its reading has come, and what was found in it.

    ``blocks`` holds the source as read (list of ``{"kind", "text", "cells", "level", "page", "number"}``),
    so that the review page can show every field beside the words it came from. ``error`` is
    ``{"message", "code", "params"}`` of what made the reading fail. A reader claims the document by raising
    ``attempt`` and stores its result only while the claim still holds; ``heartbeat_at`` tells that it lives.
    ``findings``: ``{"declared": [{"label", "count"}], "flags": [...], "warnings": [...]}``.
    """

    public_id = models.CharField(max_length=40, unique=True, default=new_public_id, editable=False)
    directive = models.OneToOneField(
        Directive, on_delete=models.CASCADE, null=True, blank=True, related_name="source_document"
    )
    file = models.FileField(upload_to="imports/%Y/%m/", max_length=300)
    filename = models.CharField(_("file name"), max_length=255)
    sha256 = models.CharField(max_length=64, db_index=True)
    size = models.PositiveBigIntegerField()
    pack = models.CharField(max_length=16)
    issuer = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=16, default=ImportState.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    error = models.JSONField(default=dict, blank=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    blocks = models.JSONField(default=list, blank=True)
    findings = models.JSONField(default=dict, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    uploaded_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    read_ms = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("imported document")

    def __str__(self) -> str:
        return self.filename


class ReviewPresence(models.Model):
    """Say who looked at which row of a review last, so that two reviewers notice each other."""

    document = models.ForeignKey(ImportDocument, on_delete=models.CASCADE, related_name="presences")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, null=True, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "user"], name="directives_presence_once")]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.document_id}"


class EditStep(models.Model):
    """One step of a review or of an edit, with what it changed, so that it can be undone.

    ``before`` and ``after`` are snapshots ``{"measures": [...], "provisions": [...]}`` of the rows concerned.
    """

    directive = models.ForeignKey(Directive, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=24)
    before = models.JSONField()
    after = models.JSONField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"
