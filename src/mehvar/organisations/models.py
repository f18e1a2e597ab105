"""Keep organisations with dated names, succession, groups, committees and positions."""

from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from treebeard.mp_tree import MP_Node


def new_stamp() -> str:
    """Make a mark that no register has borne yet."""
    return uuid4().hex


class Register(models.Model):
    """One country's register as kept here: which pack it came from, and how often it changed.

    ``stamp`` changes with every change of a body, a name, a succession or a group, so that each process knows
    when what it remembers is stale.
    """

    code = models.CharField(_("code"), max_length=16, unique=True)
    language = models.CharField(_("language"), max_length=8)
    calendar = models.CharField(_("calendar"), max_length=16)
    stamp = models.CharField(max_length=40, default=new_stamp, editable=False)
    loaded_at = models.DateTimeField(_("loaded at"), null=True, blank=True)
    ministry = models.ForeignKey(
        "Organisation", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    is_home = models.BooleanField(_("the register of this installation"), default=False)

    class Meta:
        verbose_name = _("register")
        constraints = [
            models.UniqueConstraint(
                fields=["is_home"], condition=Q(is_home=True), name="organisations_one_home"
            )
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.code


class Organisation(MP_Node):  # type: ignore[misc]
    """A body in the tree of the state: a ministry, a province, an agency, a department.

    Source: W3C Organization Ontology (org:Organization, org:OrganizationalUnit).
    """

    code = models.CharField(_("code"), max_length=80, unique=True)
    type = models.CharField(_("type"), max_length=32, db_index=True)
    name_fa = models.CharField(_("name in Persian"), max_length=300, blank=True)
    name_vi = models.CharField(_("name in Vietnamese"), max_length=300, blank=True)
    name_en = models.CharField(_("name in English"), max_length=300, blank=True)
    valid_from = models.DateField(_("exists from"), null=True, blank=True)
    valid_to = models.DateField(_("exists until"), null=True, blank=True)
    attributes = models.JSONField(_("attributes"), default=dict, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    pack = models.CharField(_("pack"), max_length=16, blank=True, db_index=True)
    version = models.PositiveIntegerField(default=1)

    node_order_by: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__gte=F("valid_from")),
                name="organisations_organisation_dates",
            )
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.name_en or self.name_vi or self.name_fa or self.code


class OrganisationName(models.Model):
    """A name that a body bears or bore, with the dates between which it held."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="names")
    text = models.CharField(_("name"), max_length=300)
    folded = models.CharField(max_length=300, db_index=True, editable=False)
    language = models.CharField(_("language"), max_length=8)
    kind = models.CharField(_("kind"), max_length=16)
    ambiguous = models.BooleanField(_("other bodies may bear it too"), default=False)
    origin = models.CharField(_("origin"), max_length=8, default="local")
    valid_from = models.DateField(_("from"), null=True, blank=True)
    valid_to = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("name of an organisation")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "text", "language", "kind", "valid_from"],
                name="organisations_name_once",
            )
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.text


class Succession(models.Model):
    """One body followed another on a date; original assignments stay, the successor answers."""

    predecessor = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="successions")
    successor = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="predecessions", null=True, blank=True
    )
    kind = models.CharField(_("kind"), max_length=16)
    on = models.DateField(_("date"))
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("succession")
        constraints = [
            models.UniqueConstraint(
                fields=["predecessor", "successor", "on"], name="organisations_succession_once"
            )
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.predecessor_id} → {self.successor_id} ({self.on})"


class Group(models.Model):
    """A generic group such as "các bộ, ngành": symbolic in a draft, expanded at promulgation."""

    code = models.CharField(_("code"), max_length=60)
    pack = models.CharField(_("pack"), max_length=16, blank=True)
    name_fa = models.CharField(_("name in Persian"), max_length=300, blank=True)
    name_vi = models.CharField(_("name in Vietnamese"), max_length=300, blank=True)
    name_en = models.CharField(_("name in English"), max_length=300, blank=True)
    rule = models.JSONField(_("membership rule"), default=dict)

    class Meta:
        verbose_name = _("group")
        constraints = [models.UniqueConstraint(fields=["pack", "code"], name="organisations_group_once")]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.code


class GroupName(models.Model):
    """A wording by which directives mean a group."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="names")
    text = models.CharField(_("wording"), max_length=300)
    language = models.CharField(_("language"), max_length=8)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "text"], name="organisations_group_name_once")
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.text


class GroupMember(models.Model):
    """A body that joins or leaves a group beside the rule, between dates."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="exceptions")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    included = models.BooleanField(_("included"), default=True)
    valid_from = models.DateField(_("from"), null=True, blank=True)
    valid_to = models.DateField(_("until"), null=True, blank=True)

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.group_id}: {self.organisation_id}"


class Position(models.Model):
    """A person holds a role for an organisation and all below it, between dates."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="positions")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="positions")
    role = models.CharField(_("role"), max_length=32)
    title = models.CharField(pgettext_lazy("position", "title"), max_length=200, blank=True)
    valid_from = models.DateField(_("from"), null=True, blank=True)
    valid_to = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("position")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role", "valid_from"], name="organisations_position_once"
            )
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.role} · {self.organisation_id}"


class Committee(models.Model):
    """A committee or council with a mandate.

    Source: S0.4 (drafting committee), S1.9 (provincial committees), S3.1 (working groups).
    """

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="committees")
    kind = models.CharField(_("kind"), max_length=32)
    name = models.CharField(_("name"), max_length=300)
    mandate = models.TextField(_("mandate"))
    quorum = models.PositiveSmallIntegerField(_("quorum, in percent of the members"), default=50)
    established_on = models.DateField(_("established on"))
    dissolved_on = models.DateField(_("dissolved on"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("committee")

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.name


class CommitteeMember(models.Model):
    """A person, or an office, sits on a committee between dates."""

    committee = models.ForeignKey(Committee, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    office = models.CharField(_("office"), max_length=200, blank=True)
    capacity = models.CharField(_("capacity"), max_length=16)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until"), null=True, blank=True)

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.office or str(self.user_id)


class SheetImport(models.Model):
    """A spreadsheet that somebody handed in, kept between its preview and its taking over."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16)
    file_name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    rows = models.JSONField(default=list)
    created_at = models.DateTimeField()
    committed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("spreadsheet handed in")

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.file_name
