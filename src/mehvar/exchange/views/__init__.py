"""Show the pages of the exchange."""
