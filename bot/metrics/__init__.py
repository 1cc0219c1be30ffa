"""Metrics: what happened, counted for Prometheus. No label ever comes from a resident."""
