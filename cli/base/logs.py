"""Log of the command line: a JSON file in the home.

logging -> QUORUM_HOME/logs/cli.jsonl

Messages hold ids and sentences, never values typed by a user, because a value may be a key.
"""

from pathlib import Path


def log_to_home() -> Path:
    """Send the root logger to the home's log file, once; answers its path."""
    from blocks.logging.logs import open_process_log
    from cli.base.settings import CliSettings

    return open_process_log(CliSettings().home / "logs", process="cli")
