"""Measure Mehvar against peers in the same run."""
