"""Read the exchange, each reader only what they may."""
