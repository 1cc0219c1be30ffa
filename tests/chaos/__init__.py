"""Chaos: real processes are killed, Redis and carriers go away, and nothing is lost, stuck, doubled or astray."""
