"""Start a small federation on loopback, so that anyone sees an exchange at work within seconds.

The services are our own programs with invented data; the gateway is the real one.
"""
