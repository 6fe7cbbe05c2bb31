"""Delivery of alerts and digests from the outbox to Telegram."""
