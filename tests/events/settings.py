"""The settings of a worker process in the tests: the real ones, with the tests' flows."""

from config.settings import *  # noqa: F403

FLOWS = "tests.events.followers"
