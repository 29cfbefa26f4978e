"""Report unexpected errors to Sentry, if ``SENTRY_DSN`` is set."""

from __future__ import annotations

from typing import Any

import sentry_sdk
from django.conf import settings
from sentry_sdk.utils import BadDsn, Dsn

from config.env import InvalidSetting
from config.logs import without_rows


def init() -> None:
    """Start reporting.

    :raises InvalidSetting: the DSN cannot be read
    """
    if not settings.SENTRY_DSN:
        return
    try:
        Dsn(settings.SENTRY_DSN)
    except BadDsn:
        raise InvalidSetting(
            "SENTRY_DSN cannot be read: copy it from the project's settings in Sentry."
        ) from None
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        environment="production" if settings.PRODUCTION else "development",
        # Variables, SQL, searches and forms contain personal data.
        data_collection={
            "user_info": False,
            "cookies": {"mode": "off"},
            "http_headers": {"request": {"mode": "off"}},
            "http_bodies": [],
            "url_query_params": {"mode": "off"},
            "database_query_data": False,
            "queues": False,
            "stack_frame_variables": False,
        },
        max_breadcrumbs=0,
        before_send=_without_rows,
    )


def _without_rows(event: Any, _hint: Any) -> Any:
    for error in event.get("exception", {}).get("values", []):
        error["value"] = without_rows(str(error.get("value") or ""))
    return event
