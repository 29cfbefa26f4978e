"""Report errors that a user can cause in one line, in every entry point."""

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
    """Exit with code 1 and one line for an invalid setting or an unreachable server.

    :raises SystemExit: in place of those errors
    """
    try:
        yield
    except (ImproperlyConfigured, EmbeddedError) as refusal:
        raise SystemExit(f"twotier: {refusal}") from None
    except (OperationalError, NotSupportedError, ProgrammingError) as failure:
        if isinstance(failure, ProgrammingError) and "invalid dsn" not in str(failure):
            raise  # our error, not one of DATABASE_URL
        cause = " ".join(str(failure).split())
        raise SystemExit(
            f"twotier: the database is not usable ({cause}): "
            "check DATABASE_URL and whether that server runs."
        ) from None
