"""Show the pages of bodies, groups, committees and people."""
