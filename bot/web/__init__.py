"""What the world reaches by HTTP: the webhook, the record page, the keys, the simulator."""
