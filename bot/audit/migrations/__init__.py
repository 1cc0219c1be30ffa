"""The forms that the audit trail had, one after the other."""
