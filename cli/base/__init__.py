"""Base of all commands: settings, home folder, session and output."""
