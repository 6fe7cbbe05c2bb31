"""Repositories of users, their exchange accounts, bot state and the audit log."""
