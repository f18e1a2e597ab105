"""Define the lists of the exchange."""
