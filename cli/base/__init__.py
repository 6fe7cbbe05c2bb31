"""What every verb of the command line shares: settings, home folder, session, output."""
