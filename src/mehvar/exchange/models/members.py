"""Keep who takes part in the exchange: members, their subsystems, and groups of them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Member(models.Model):
    """A public or private body that takes part (S4.4), named ``INSTANCE/CLASS/CODE``.

    ``organisation`` is the body whose people act for it. ``state``: applied, approved, refused, suspended, left. Names of members
    never change and are never given to another.

    Source: X-Road message protocol for REST, 4.1.
    """

    public_id = models.CharField(max_length=40, unique=True)
    organisation = models.OneToOneField(
        "organisations.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    member_class = models.CharField(_("class"), max_length=16)
    code = models.CharField(_("code"), max_length=60)
    state = models.CharField(max_length=16, default="applied", db_index=True)
    contact_name = models.CharField(_("who answers for it"), max_length=200, blank=True)
    contact_email = models.EmailField(_("e-mail for questions and incidents"), blank=True)
    applied_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.TextField(_("reason"), max_length=2_000, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("member of the exchange")
        constraints = [models.UniqueConstraint(fields=["member_class", "code"], name="exchange_member_once")]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.member_class}/{self.code}"


class Subsystem(models.Model):
    """A system of a member that asks or answers. ``state``: active, closed."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="subsystems")
    code = models.CharField(_("code"), max_length=60)
    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("what it is for"), max_length=2_000, blank=True)
    state = models.CharField(max_length=16, default="active")
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("subsystem")
        constraints = [models.UniqueConstraint(fields=["member", "code"], name="exchange_subsystem_once")]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.member}/{self.code}"


class ClientGroup(models.Model):
    """A named set of subsystems that may be granted a right together; the exchange's operator keeps it."""

    code = models.CharField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("who belongs to it"), max_length=2_000, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("group of clients")

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.code


class GroupMembership(models.Model):
    """One subsystem in one group, from when until when; rows are ended, not deleted."""

    group = models.ForeignKey(ClientGroup, on_delete=models.CASCADE, related_name="memberships")
    subsystem = models.ForeignKey(Subsystem, on_delete=models.PROTECT, related_name="memberships")
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["group", "subsystem"],
                condition=Q(left_at__isnull=True),
                name="exchange_in_group_once",
            )
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.subsystem} ∈ {self.group}"


class MemberApplication(models.Model):
    """A private body's application from outside (S4.4), made without an account; approval makes body, member and account.

    ``state``: waiting, approved, refused. The tracking code is kept as a hash only.
    """

    public_id = models.CharField(max_length=40, unique=True)
    name = models.CharField(_("name of the firm"), max_length=200)
    registration = models.CharField(_("registration number"), max_length=60)
    what_for = models.TextField(_("what it wants to ask or to offer"), max_length=4_000)
    contact_name = models.CharField(_("who answers for it"), max_length=200)
    contact_email = models.EmailField(_("e-mail for questions and incidents"))
    contact_phone = models.CharField(_("telephone"), max_length=60, blank=True)
    language = models.CharField(max_length=8, blank=True)
    state = models.CharField(max_length=16, default="waiting", db_index=True)
    tracking_sha256 = models.CharField(max_length=64, unique=True)
    submission_key = models.CharField(max_length=64, unique=True)
    applied_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.TextField(_("reason"), max_length=2_000, blank=True)
    member = models.OneToOneField(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="application"
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("application of a private body")

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.name
