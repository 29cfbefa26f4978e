"""What commands take from the command line."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import datetime

from django.utils.translation import gettext as _

from common import clock


def aware_datetime(text: str) -> datetime:
    """A time with an offset, such as ``2026-11-01T12:00:00+08:00``."""
    found = clock.parse(text)
    if found is None:
        raise ArgumentTypeError(
            _("“%(cell)s” is no time with an offset, such as 2026-11-01T12:00:00+08:00")
            % {"cell": text[:40]}
        )
    return found
