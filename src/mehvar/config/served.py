"""Expose the WSGI application to the web processes of ``mehvar serve``, none of which outlives it."""

from mehvar.config.wsgi import application
from mehvar.kernel import children

__all__ = ["application"]

children.end_with_server()
