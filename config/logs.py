"""Configure structlog, also for the logs of libraries, with the request id on each line."""

from __future__ import annotations

import logging.config
import re
import sys
from typing import Any

import structlog

_ROW = re.compile(
    r"DETAIL: .*?(?=\n(?:CONTEXT|HINT): |\n\n(?:The above|During handling)|\Z)", re.DOTALL
)


def without_rows(text: str) -> str:
    """Return the text of an error without the row that the database names: it may be personal."""
    return _ROW.sub("DETAIL: left out", text)


def _hide_rows(
    _logger: Any, _name: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    for name, value in event.items():
        if isinstance(value, str) and "DETAIL: " in value:
            event[name] = without_rows(value)
    return event


SHARED_PROCESSORS: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
    _hide_rows,
]

# One list for the whole process: a logger keeps that of its first use, also when logging is
# configured again, as Celery does.
PROCESSORS: list[structlog.typing.Processor] = [
    structlog.stdlib.filter_by_level,
    *SHARED_PROCESSORS,
    structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
]

# The sweeps of every few seconds would fill 50 MB a day and hide everything else.
TASK_LOGGERS = (
    "celery.app.trace",
    "celery.beat",
    "celery.worker.strategy",
    "django_structlog.celery.receivers",
)

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "line"}
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        # These have their own handlers with another format.
        **{name: {"handlers": [], "propagate": True} for name in ("django.server", "_granian")},
        "axes": {"level": "WARNING"},  # sign_in_failed says the same in one line
    },
}


def configure(config: dict[str, Any]) -> None:
    """Configure structlog and logging; Django calls this with ``LOGGING``."""
    from django.conf import settings  # noqa: PLC0415 - Django imports this module while it reads them

    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.LOG_JSON
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": SHARED_PROCESSORS,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    }
    logging.captureWarnings(settings.LOG_JSON)
    logging.config.dictConfig({**config, "formatters": {"line": formatter}})
    for name in () if settings.LOG_TASKS else TASK_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=PROCESSORS,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
