"""SMART Health Cards 1.4.0: bundle, signature, keys, QR code; and whether a card holds. No network, no Redis."""
