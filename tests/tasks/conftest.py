"""What the tests of the tasks share: a stage. They call what is behind the tasks, not Prefect."""

from tests.stage import stage

__all__ = ["stage"]
