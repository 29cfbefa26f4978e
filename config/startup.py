"""What every entry does first: an error that a user can cause becomes one plain line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ImproperlyConfigured
from django.db.utils import NotSupportedError, OperationalError, ProgrammingError

from devservers import EmbeddedError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


@contextmanager
def fail_with_one_line() -> Iterator[None]:
    """Turn a bad setting or an unreachable server into a line with cause and mend, and exit code 1.

    :raises SystemExit: in place of those errors
    """
    try:
        yield
    except (ImproperlyConfigured, EmbeddedError) as refusal:
        raise SystemExit(f"twotier: {refusal}") from None
    except (OperationalError, NotSupportedError, ProgrammingError) as failure:
        if isinstance(failure, ProgrammingError) and "invalid dsn" not in str(failure):
            raise  # a fault of ours, not of DATABASE_URL
        cause = " ".join(str(failure).split())
        raise SystemExit(
            f"twotier: the database refused to work ({cause}): "
            "check DATABASE_URL and whether that server runs."
        ) from None
