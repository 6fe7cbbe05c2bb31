"""Verbs about users, their keys, chats and preferences, and the audit log of what people did."""
