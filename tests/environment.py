"""Loaded before the settings are: tests have servers of their own, beside those of the demo."""

import os

os.environ.setdefault("TWOTIER_DATA", ".data/test")
