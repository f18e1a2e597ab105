"""Serve static files under hashed names, compressed, without refusing a file that names a missing one."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hash and compress static files; an unknown name is served unhashed rather than failing a page."""

    manifest_strict = False
