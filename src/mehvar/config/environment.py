"""Read the process environment once, into typed values."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
CLOCK_SHIFT_FILE = "clock_shift_s"


@dataclass(frozen=True, slots=True)
class Environment:
    """Hold every setting that an operator may choose, already parsed.

    Each field is documented in ``docs/settings.md``; a test compares the two.
    """

    home: Path
    debug: bool
    database: str
    allowed_hosts: tuple[str, ...]
    base_url: str
    time_zone: str
    language: str
    email_url: str
    email_from: str
    log_level: str
    behind_proxy: bool
    secret_key_file: Path
    oidc_issuer: str
    oidc_client_id: str
    oidc_client_secret_file: str
    oidc_name: str
    require_second_factor: bool
    signing_pkcs12_file: str
    signing_passphrase_file: str
    import_max_bytes: int
    import_timeout_s: int
    clock_shift_s: int
    status_amber_gap: int
    status_red_gap: int
    status_near_days: int
    status_near_progress: int
    exchange_instance: str
    exchange_snapshot_file: Path
    exchange_authority_key_file: Path
    exchange_answer_days: int
    exchange_subject_key_file: Path
    exchange_inquiry_keys: Path
    exchange_test_networks: tuple[str, ...]
    exchange_gateway_ca_file: str
    exchange_kept_hours: int
    exchange_bus: str
    exchange_event_key_file: Path
    exchange_push_networks: tuple[str, ...]
    oidc_subject_claim: str

    @classmethod
    def read(cls, variables: Mapping[str, str] | None = None) -> "Environment":
        """Build the environment from variables that begin with ``MEHVAR_``."""
        source = os.environ if variables is None else variables

        def text(name: str, default: str = "") -> str:
            return source.get(f"MEHVAR_{name}", default)

        home = Path(text("HOME") or Path.cwd() / "var").resolve()
        return cls(
            home=home,
            debug=text("DEBUG").lower() in TRUE_WORDS,
            database=text("DATABASE") or f"sqlite:///{home / 'mehvar.sqlite3'}",
            allowed_hosts=tuple(text("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")),
            base_url=text("BASE_URL", "http://localhost:8000").rstrip("/"),
            time_zone=text("TIME_ZONE", "Asia/Tehran"),
            language=text("LANGUAGE", "en"),
            email_url=text("EMAIL_URL", "file:"),
            email_from=text("EMAIL_FROM", "mehvar@localhost"),
            log_level=text("LOG_LEVEL", "INFO").upper(),
            behind_proxy=text("BEHIND_PROXY").lower() in TRUE_WORDS,
            secret_key_file=Path(text("SECRET_KEY_FILE") or home / "secret_key"),
            oidc_issuer=text("OIDC_ISSUER"),
            oidc_client_id=text("OIDC_CLIENT_ID"),
            oidc_client_secret_file=text("OIDC_CLIENT_SECRET_FILE"),
            oidc_name=text("OIDC_NAME", "OpenID Connect"),
            require_second_factor=text("REQUIRE_SECOND_FACTOR").lower() in TRUE_WORDS,
            signing_pkcs12_file=text("SIGNING_PKCS12_FILE"),
            signing_passphrase_file=text("SIGNING_PASSPHRASE_FILE"),
            import_max_bytes=int(text("IMPORT_MAX_BYTES", str(32 * 1024 * 1024))),
            import_timeout_s=int(text("IMPORT_TIMEOUT_S", "60")),
            clock_shift_s=int(text("CLOCK_SHIFT_S") or _text_of(home / CLOCK_SHIFT_FILE) or "0"),
            status_amber_gap=int(text("STATUS_AMBER_GAP", "10")),
            status_red_gap=int(text("STATUS_RED_GAP", "25")),
            status_near_days=int(text("STATUS_NEAR_DAYS", "14")),
            status_near_progress=int(text("STATUS_NEAR_PROGRESS", "80")),
            exchange_instance=text("EXCHANGE_INSTANCE", "MEHVAR"),
            exchange_snapshot_file=Path(
                text("EXCHANGE_SNAPSHOT_FILE") or home / "exchange" / "snapshot.json"
            ),
            exchange_authority_key_file=Path(
                text("EXCHANGE_AUTHORITY_KEY_FILE") or home / "exchange" / "authority_key.pem"
            ),
            exchange_answer_days=int(text("EXCHANGE_ANSWER_DAYS", "10")),
            exchange_subject_key_file=Path(
                text("EXCHANGE_SUBJECT_KEY_FILE") or home / "exchange" / "subject.key"
            ),
            exchange_inquiry_keys=Path(text("EXCHANGE_INQUIRY_KEYS") or home / "exchange" / "inquiry_keys"),
            exchange_test_networks=tuple(filter(None, text("EXCHANGE_TEST_NETWORKS").split(","))),
            exchange_gateway_ca_file=text("EXCHANGE_GATEWAY_CA_FILE"),
            exchange_kept_hours=int(text("EXCHANGE_KEPT_HOURS", "24")),
            exchange_bus=text("EXCHANGE_BUS"),
            exchange_event_key_file=Path(
                text("EXCHANGE_EVENT_KEY_FILE") or home / "exchange" / "event_key.pem"
            ),
            exchange_push_networks=tuple(filter(None, text("EXCHANGE_PUSH_NETWORKS").split(","))),
            oidc_subject_claim=text("OIDC_SUBJECT_CLAIM"),
        )

    def secret_key(self) -> str:
        """Return the signing key, made on first use and readable by the owner only."""
        path = self.secret_key_file
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "w") as handle:
                handle.write(secrets.token_urlsafe(64))
        return path.read_text().strip()


def _text_of(path: Path) -> str:
    return path.read_text().strip() if path.is_file() else ""


def secret_from(path: str) -> str:
    """Return the content of a secret file, or an empty string where none is configured."""
    return Path(path).read_text().strip() if path else ""


def database_settings(url: str) -> dict[str, object]:
    """Translate ``sqlite:///path`` or ``postgres://user:password@host:port/name`` for Django.

    Raises:
        ValueError: The scheme is neither SQLite nor PostgreSQL.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path.removeprefix("/")) or ":memory:",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                    "PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY;"
                ),
            },
        }
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError(f"MEHVAR_DATABASE has the unknown scheme {parts.scheme!r}")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.removeprefix("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


def email_settings(url: str, home: Path) -> dict[str, object]:
    """Translate ``smtp://user:password@host:port``, ``smtps://…``, ``console:`` or ``file:`` for Django."""
    parts = urlsplit(url)
    backends = "django.core.mail.backends"
    if parts.scheme in {"smtp", "smtps"}:
        return {
            "EMAIL_BACKEND": f"{backends}.smtp.EmailBackend",
            "EMAIL_HOST": parts.hostname or "localhost",
            "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 25),
            "EMAIL_HOST_USER": unquote(parts.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
            "EMAIL_USE_SSL": parts.scheme == "smtps",
            "EMAIL_TIMEOUT": 20,
        }
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": f"{backends}.console.EmailBackend"}
    return {"EMAIL_BACKEND": f"{backends}.filebased.EmailBackend", "EMAIL_FILE_PATH": str(home / "outbox")}
