"""The outbox: every message of ours that is no reply, from when it is decided until its end."""
