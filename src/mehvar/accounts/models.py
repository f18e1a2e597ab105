"""Keep people; what they may do hangs on their positions, in the room above."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from mehvar.ledger.data import Actor


class UserManager(BaseUserManager["User"]):
    """Create people by their e-mail address."""

    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a person; without a password the account cannot sign in by one."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a person who may use the administration pages."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find a person by e-mail address, ignoring case."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in with an e-mail address."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=200)
    language = models.CharField(_("language"), max_length=8, blank=True)
    calendar = models.CharField(_("calendar"), max_length=16, blank=True)
    notification = models.CharField(_("e-mail notices"), max_length=8, default="each")
    failed_sign_ins = models.PositiveIntegerField(default=0, editable=False)
    invited_at = models.DateTimeField(_("invited at"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may use the administration pages"), default=False)
    joined_at = models.DateTimeField(_("joined at"), auto_now_add=True)
    last_seen_at = models.DateTimeField(_("last seen at"), null=True, blank=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [models.UniqueConstraint(Lower("email"), name="accounts_user_email_ignoring_case")]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.name or self.email

    def as_actor(self) -> Actor:
        """Name this person the way the ledger records who acted."""
        return Actor("person", str(self.pk), self.name or self.email)


class Notification(models.Model):
    """Tell one person that something waits for them; shown in the page and sent by e-mail once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    message_id = models.CharField(max_length=300)
    params = models.JSONField(default=dict)
    path = models.CharField(max_length=300)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    emailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("notification")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="accounts_notification_once")]
        indexes = [
            models.Index(fields=["user", "read_at", "-created_at"], name="accounts_notification_inbox")
        ]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.kind} → {self.user_id}"


class ApiToken(models.Model):
    """Let a program act for a person over the HTTP API; only the token's hash is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    label = models.CharField(_("what it is for"), max_length=120)
    token_sha256 = models.CharField(max_length=64, unique=True)
    beginning = models.CharField(max_length=12)
    may_write = models.BooleanField(_("may change things"), default=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(_("valid until"))
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("API token")

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.label} ({self.beginning}…)"


class IdempotentRequest(models.Model):
    """Remember the answer to a write by its idempotency key, so that repeating it does nothing twice."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    request_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.BinaryField(default=b"")
    content_type = models.CharField(max_length=100, default="application/json")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="accounts_idempotency_key_once")]

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.key} → {self.status}"


class RequestCount(models.Model):
    """Count what one caller did in a window of time, for all processes together; ``key`` names purpose, caller and window."""

    key = models.CharField(max_length=200, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return f"{self.key}: {self.count}"


class CachedValue(models.Model):
    """Be the table of Django's database cache (setting ``CACHES``), so that it is made with all others."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "mehvar_cache"

    def __str__(self) -> str:
        """Give the words by which people know it."""
        return self.cache_key
