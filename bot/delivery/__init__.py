"""Delivery: messages to phones and mailboxes."""
