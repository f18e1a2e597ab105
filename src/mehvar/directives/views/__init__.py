"""Show the pages of directives."""
