"""Carry calls.

A call is one object whose duties are layered, each module adding to the one before: `state` (what is known), `record`
(evidence), `ending` (refusals, failures, the end), `answering` (the provider's answer), `asking` (the request).
"""

from mehvar.gateway.calls.asking import Call

__all__ = ["Call"]
