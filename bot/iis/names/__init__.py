"""Names as people type them, against names as registries hold them. Pure."""
