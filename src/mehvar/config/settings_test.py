"""Settings of the test suite: strict where production is lenient, fast where it is careful."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("MEHVAR_HOME", str(Path(tempfile.gettempdir()) / f"mehvar-test-{os.getuid()}"))

from mehvar.config.environment import database_settings
from mehvar.config.settings import *  # noqa: F403
from mehvar.config.settings import TEMPLATES

DEBUG = False
SECRET_KEY = "only-for-tests"  # noqa: S105
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
MEHVAR_BASE_URL = "http://testserver"
MEHVAR_CLOCK_SHIFT_S = 0
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend", "QUEUES": []}}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True


class OnlyTheLedger(dict[str, None]):
    """Make tables straight from the models, in a second instead of ten; only the ledger's migration does more than make tables.

    ``tests/integration/test_migrations.py`` shows that migrations lead to the same tables.
    """

    def __contains__(self, label: object) -> bool:
        """Tell whether an application's tables come from its models."""
        return label != "ledger"

    def __getitem__(self, label: str) -> None:
        """Say that it has no migrations."""
        return


MIGRATION_MODULES = OnlyTheLedger()


class UnknownVariable(str):
    """Fail the test in which a template names a variable that does not exist."""

    __slots__ = ()

    def __contains__(self, key: object) -> bool:
        """Pretend to hold the place for the name, so that Django formats it."""
        return key == "%s"

    def __mod__(self, missing: object) -> str:
        """Refuse to render.

        Raises:
            AssertionError: Always; it names the missing variable.
        """
        message = f"unknown template variable: {missing}"
        raise AssertionError(message)


TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = UnknownVariable("%s")

if postgres := os.environ.get("MEHVAR_TEST_POSTGRES"):
    DATABASES = {"default": database_settings(postgres)}
else:
    DATABASES = {"default": database_settings("sqlite:///:memory:")}
    DATABASES["default"]["NAME"] = ":memory:"
