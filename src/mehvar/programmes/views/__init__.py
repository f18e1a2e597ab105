"""Show the pages of programmes."""
