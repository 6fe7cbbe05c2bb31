"""The operator's command line: starts, stops, asks and measures."""
