"""Parse arguments of management commands."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import datetime

from django.utils.translation import gettext as _

from common import clock


def aware_datetime(text: str) -> datetime:
    """Parse a time with an offset, such as ``2026-11-01T12:00:00+08:00``."""
    moment = clock.parse(text)
    if moment is None:
        raise ArgumentTypeError(
            _("“%(cell)s” is not a time with an offset, such as 2026-11-01T12:00:00+08:00.")
            % {"cell": text[:40]}
        )
    return moment
