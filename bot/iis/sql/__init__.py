"""A copy of the registry in SQL."""
