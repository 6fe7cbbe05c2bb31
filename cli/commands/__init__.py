"""The verbs of a person at a terminal, one module for each subject."""
