"""The audit trail: who asked for which record, when, and what became of it, without anybody's name, for six years."""
