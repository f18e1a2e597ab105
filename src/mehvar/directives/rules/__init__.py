"""Decide about directives without a database: transitions, gates, numbering, wording."""
