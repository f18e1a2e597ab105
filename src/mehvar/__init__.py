"""Run a national digital programme, from the minister's directive to the verified result."""

__version__ = "0.1.0"
