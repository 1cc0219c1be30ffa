"""Limits: what may happen how often, so that nobody can guess, flood or spend without end."""
