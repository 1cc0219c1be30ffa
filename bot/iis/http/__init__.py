"""HTTP with a registry, for every dialect that is asked live."""
