"""SMART Health Cards 1.4.0: the bundle, the signature, the keys, the QR code. No network, no Redis."""
