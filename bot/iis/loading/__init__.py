"""Fills the copy of the registry from its files."""
