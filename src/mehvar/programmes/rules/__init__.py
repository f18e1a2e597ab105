"""Decide about programmes without a database: status, clocks, plan quality, escalation."""
