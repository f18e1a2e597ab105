"""Settings of the Django project, from the typed environment."""

from pathlib import Path
from typing import Any

from mehvar.config.environment import Environment, database_settings, email_settings, secret_from

ENVIRONMENT = Environment.read()
PACKAGE = Path(__file__).resolve().parent.parent

MEHVAR_HOME = ENVIRONMENT.home
MEHVAR_BASE_URL = ENVIRONMENT.base_url
MEHVAR_OIDC_ISSUER = ENVIRONMENT.oidc_issuer
MEHVAR_REQUIRE_SECOND_FACTOR = ENVIRONMENT.require_second_factor
MEHVAR_SIGNING_PKCS12_FILE = ENVIRONMENT.signing_pkcs12_file
MEHVAR_SIGNING_PASSPHRASE_FILE = ENVIRONMENT.signing_passphrase_file
MEHVAR_IMPORT_MAX_BYTES = ENVIRONMENT.import_max_bytes
MEHVAR_IMPORT_TIMEOUT_S = ENVIRONMENT.import_timeout_s
MEHVAR_CLOCK_SHIFT_S = ENVIRONMENT.clock_shift_s
MEHVAR_STATUS_THRESHOLDS = {
    "amber_gap": ENVIRONMENT.status_amber_gap,
    "red_gap": ENVIRONMENT.status_red_gap,
    "near_days": ENVIRONMENT.status_near_days,
    "near_progress": ENVIRONMENT.status_near_progress,
}
MEHVAR_EXCHANGE_INSTANCE = ENVIRONMENT.exchange_instance
MEHVAR_EXCHANGE_SNAPSHOT_FILE = ENVIRONMENT.exchange_snapshot_file
MEHVAR_EXCHANGE_AUTHORITY_KEY_FILE = ENVIRONMENT.exchange_authority_key_file
MEHVAR_EXCHANGE_ANSWER_DAYS = ENVIRONMENT.exchange_answer_days
MEHVAR_EXCHANGE_SUBJECT_KEY_FILE = ENVIRONMENT.exchange_subject_key_file
MEHVAR_EXCHANGE_INQUIRY_KEYS = ENVIRONMENT.exchange_inquiry_keys
MEHVAR_EXCHANGE_TEST_NETWORKS = ENVIRONMENT.exchange_test_networks
MEHVAR_EXCHANGE_GATEWAY_CA_FILE = ENVIRONMENT.exchange_gateway_ca_file
MEHVAR_EXCHANGE_KEPT_HOURS = ENVIRONMENT.exchange_kept_hours
MEHVAR_EXCHANGE_BUS = ENVIRONMENT.exchange_bus
MEHVAR_EXCHANGE_EVENT_KEY_FILE = ENVIRONMENT.exchange_event_key_file
MEHVAR_EXCHANGE_PUSH_NETWORKS = ENVIRONMENT.exchange_push_networks
MEHVAR_OIDC_SUBJECT_CLAIM = ENVIRONMENT.oidc_subject_claim

DEBUG = ENVIRONMENT.debug
SECRET_KEY = ENVIRONMENT.secret_key()
ALLOWED_HOSTS = list(ENVIRONMENT.allowed_hosts)
CSRF_TRUSTED_ORIGINS = [ENVIRONMENT.base_url]
SITE_ID = 1

INSTALLED_APPS = [
    "mehvar.config.apps.ConfigConfig",
    "mehvar.home.apps.HomeConfig",
    "mehvar.programmes.apps.ProgrammesConfig",
    "mehvar.directives.apps.DirectivesConfig",
    "mehvar.exchange.apps.ExchangeConfig",
    "mehvar.organisations.apps.OrganisationsConfig",
    "mehvar.accounts.apps.AccountsConfig",
    "mehvar.ledger.apps.LedgerConfig",
    "mehvar.ui.apps.UiConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "treebeard",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "ninja",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "mehvar.config.middleware.security_headers",
    "mehvar.ledger.middleware.log_files",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "mehvar.config.middleware.person_language",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "mehvar.organisations.middleware.authority",
    "mehvar.config.api.edge.problems_only",
    "mehvar.config.api.idempotency.idempotency_keys",
    "mehvar.config.middleware.error_pages",
]

ROOT_URLCONF = "mehvar.config.urls"
WSGI_APPLICATION = "mehvar.config.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mehvar.ui.context.shell",
            ],
        },
    }
]

DATABASES = {"default": database_settings(ENVIRONMENT.database)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "mehvar.accounts.adapter.InvitedPeopleAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if ENVIRONMENT.behind_proxy else 0
ACCOUNT_REAUTHENTICATION_REQUIRED = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Mehvar"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = ENVIRONMENT.base_url.startswith("http://localhost")
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = bool(ENVIRONMENT.oidc_issuer)
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "EMAIL_AUTHENTICATION": True,
        "APPS": [
            {
                "provider_id": "oidc",
                "name": ENVIRONMENT.oidc_name,
                "client_id": ENVIRONMENT.oidc_client_id,
                "secret": secret_from(ENVIRONMENT.oidc_client_secret_file),
                "settings": {"server_url": ENVIRONMENT.oidc_issuer},
            }
        ]
        if ENVIRONMENT.oidc_issuer
        else [],
    }
}

LANGUAGE_CODE = ENVIRONMENT.language
LANGUAGES = [("fa", "فارسی"), ("vi", "Tiếng Việt"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "config" / "locale", PACKAGE / "kernel" / "locale"]
TIME_ZONE = ENVIRONMENT.time_zone
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = MEHVAR_HOME / "static"
MEDIA_ROOT = MEHVAR_HOME / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "mehvar.config.staticfiles.HashedStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_PERMISSIONS = 0o600

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "mehvar_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}

DEFAULT_FROM_EMAIL = ENVIRONMENT.email_from
globals().update(email_settings(ENVIRONMENT.email_url, MEHVAR_HOME))

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.behind_proxy else None
OVER_TLS = ENVIRONMENT.base_url.startswith("https://")
SESSION_COOKIE_SECURE = OVER_TLS
CSRF_COOKIE_SECURE = OVER_TLS
SECURE_HSTS_SECONDS = 31_536_000 if OVER_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = OVER_TLS
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
X_FRAME_OPTIONS = "DENY"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": ENVIRONMENT.log_level},
}
