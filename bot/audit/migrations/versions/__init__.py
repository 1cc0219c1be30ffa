"""The revisions: each is final once released."""
