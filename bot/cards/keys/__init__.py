"""The keys that sign cards: a file for each in one folder, which of them signs, and how that changes."""
