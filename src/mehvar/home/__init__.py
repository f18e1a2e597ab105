"""Show each person what waits for them, over all rooms."""
