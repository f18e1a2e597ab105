"""Keep the imports of spreadsheets: the file, how far it has come, what became of its rows, and what was entered once."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from mehvar.kernel.identifiers import new_public_id
from mehvar.programmes.data import SheetState


class SheetImport(models.Model):
    """A spreadsheet that a person handed in, first checked and, when that is confirmed, taken over.

    ``subject`` is the public id of the programme, call or round to which the list belongs, empty for the room's own lists. ``writing``
    freezes how the person writes: ``{"language", "calendar", "currency", "today"}``; ``options``: ``{"submit"}``. ``done`` counts the
    rows that are settled in the present phase; it is saved in the transaction that settles them, so that a process that dies in
    the middle neither repeats nor loses a row. A worker claims the import by raising ``attempt``; ``heartbeat_at`` tells that it
    lives. ``findings``: ``{"ignored": [heads], "check": {result: count}}``. ``error`` is ``{"message", "code", "params"}``.
    """

    public_id = models.CharField(max_length=40, unique=True, default=new_public_id, editable=False)
    kind = models.CharField(max_length=16)
    subject = models.CharField(max_length=40, blank=True)
    file = models.FileField(upload_to="sheets/%Y/%m/", max_length=300)
    filename = models.CharField(_("file name"), max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    writing = models.JSONField(default=dict)
    options = models.JSONField(default=dict, blank=True)
    state = models.CharField(_("state"), max_length=16, default=SheetState.QUEUED, db_index=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    findings = models.JSONField(default=dict, blank=True)
    error = models.JSONField(default=dict, blank=True)
    attempt = models.PositiveIntegerField(default=0)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    began_at = models.DateTimeField(null=True, blank=True)
    began_with = models.PositiveIntegerField(default=0)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    uploaded_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("import of a spreadsheet")

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.filename


class SheetImportRow(models.Model):
    """What became of one row, where there is something to tell: it was refused, entered, or understood with a remark.

    ``notes`` are ``[{"column", "message", "params", "mild"}]``; ``key`` is the row's new key.
    """

    sheet = models.ForeignKey(SheetImport, on_delete=models.CASCADE, related_name="rows")
    is_check = models.BooleanField()
    number = models.PositiveIntegerField()
    result = models.CharField(max_length=16)
    key = models.CharField(max_length=60, blank=True)
    notes = models.JSONField(default=list)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "is_check", "number"], name="programmes_sheet_row_once")
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.number} {self.result}"


class EnteredRow(models.Model):
    """Remember a new row that was entered by an import, so that the same row never enters twice."""

    kind = models.CharField(max_length=16)
    subject = models.CharField(max_length=40, blank=True)
    fingerprint = models.CharField(max_length=64)
    key = models.CharField(max_length=60)
    sheet = models.ForeignKey(SheetImport, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject", "fingerprint"], name="programmes_row_entered_once"
            )
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.kind} {self.key}"
