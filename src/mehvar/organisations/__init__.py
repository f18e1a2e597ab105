"""Keep the organisation register: units, names, succession, groups, committees, positions."""
