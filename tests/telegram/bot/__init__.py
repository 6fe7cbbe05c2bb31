"""Tests of `telegram.bot`."""
