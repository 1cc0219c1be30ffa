"""The world outside, on loopback: Twilio's REST API, a mail server, somebody who scans a QR code."""
