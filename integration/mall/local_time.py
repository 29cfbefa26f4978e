"""Show a time as the files and the console of an import do."""

from __future__ import annotations

from datetime import datetime

from common import clock


def format_time(at: datetime) -> str:
    """Format a time of Shanghai: ``2026/11/03 12:01:00``."""
    return f"{at.astimezone(clock.SHANGHAI):%Y/%m/%d %H:%M:%S}"
