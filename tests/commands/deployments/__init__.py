"""Tests of commands.deployments."""
