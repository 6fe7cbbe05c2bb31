"""The Prefect server of the flows, for the tests that run a whole cycle."""

from tests.flows.conftest import prefect_api

__all__ = ["prefect_api"]
