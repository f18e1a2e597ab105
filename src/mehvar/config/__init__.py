"""Compose the rooms: settings, URLs, servers and the command line."""
