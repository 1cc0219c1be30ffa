"""The tables of the registry's copy, one revision after the other, for Alembic."""
