"""Repositories of users, exchange accounts, bot state and the audit log."""
