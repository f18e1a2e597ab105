"""Take input of the exchange from people."""
