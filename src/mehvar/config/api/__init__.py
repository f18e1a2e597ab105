"""Compose the HTTP API ``/api/v1`` of all rooms: tokens, idempotency keys, problem details, OpenAPI.

Source: issue "the house", point 13; RFC 9457 (problem details), RFC 6750 (bearer tokens).
"""
