"""The command line. Starts and stops processes, and renders the results of `commands`."""
