"""Where the command line writes what people need not read: its own JSON file in the home.

logging -> QUORUM_HOME/logs/cli.jsonl

Messages carry ids and sentences, never values that a user gave: those may be keys.
"""

from pathlib import Path


def log_to_home() -> Path:
    """Send the root logger to the home's log file, once; answers its path."""
    from blocks.logging.logs import open_process_log
    from cli.base.settings import CliSettings

    return open_process_log(CliSettings().home / "logs", process="cli")
