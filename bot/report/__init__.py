"""The report: a flow in, one page out, for the manager who signs it."""
