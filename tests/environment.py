"""Give tests servers of their own, apart from those of the demo. Loaded before the settings."""

import os

os.environ.setdefault("TWOTIER_DATA", ".data/test")
