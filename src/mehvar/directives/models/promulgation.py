"""Keep what was promulgated, frozen: content, signed document, exchange format."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from mehvar.directives.models.directive import Directive


class Promulgation(models.Model):
    """The frozen result of a promulgation; nothing of it ever changes.

    ``content`` is the canonical content whose SHA-256 is ``content_hash`` and stands in the ledger entry
    ``ledger_sequence``; ``short_code`` is the short public address.
    """

    directive = models.OneToOneField(Directive, on_delete=models.PROTECT, related_name="promulgation")
    number = models.CharField(_("number"), max_length=80)
    promulgated_on = models.DateField(_("promulgated on"))
    promulgated_at = models.DateTimeField()
    promulgated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    short_code = models.CharField(max_length=16, unique=True)
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    pdf = models.FileField(upload_to="promulgated/%Y/", max_length=300)
    pdf_sha256 = models.CharField(max_length=64)
    xml = models.TextField()
    xml_sha256 = models.CharField(max_length=64)
    akn_uri = models.CharField(max_length=200)
    certificate_subject = models.CharField(max_length=300)
    certificate_sha256 = models.CharField(max_length=64)
    development_certificate = models.BooleanField(default=False)
    ledger_sequence = models.BigIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("promulgation")

    def __str__(self) -> str:
        return self.number


class Modification(models.Model):
    """What became of a promulgated directive: amended or superseded by another one, or withdrawn.

    The promulgation itself never changes; this row is what the public page says beside it. ``by`` is the directive
    that amends or supersedes, None when it was withdrawn.
    """

    directive = models.ForeignKey(Directive, on_delete=models.PROTECT, related_name="modifications")
    kind = models.CharField(max_length=16)
    by = models.ForeignKey(
        Directive, on_delete=models.PROTECT, null=True, blank=True, related_name="modifies"
    )
    reason = models.TextField(_("reason"), blank=True, max_length=4000)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("modification")
        ordering = ["made_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["directive", "kind", "by"], name="directives_modified_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.directive_id}"
