"""The same towns as the jobs' tests."""

from tests.jobs.conftest import found, reader, town

__all__ = ["found", "reader", "town"]
