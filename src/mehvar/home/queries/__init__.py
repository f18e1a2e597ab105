"""Read over all rooms: what waits, how the person's bodies stand, what changed, and what a search finds."""
