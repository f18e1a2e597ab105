"""Print the second half of ``docs/api.md``: every route, from the OpenAPI schema."""

import os
import sys

import django


def main() -> None:
    """Write the routes to standard output."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mehvar.config.settings")
    django.setup()
    from mehvar.config.api import reference
    from mehvar.config.api.root import api

    sys.stdout.write(reference.markdown(reference.routes(api.get_openapi_schema())))


if __name__ == "__main__":
    main()
