"""The conversation: flow files in, replies out. Plain Python without network, clock, random or environment."""
