"""The Celery app: ``celery -A config.celery worker`` and ``… beat``.

The queue only wakes workers up: pending work is in the database, so that losing every message loses
nothing. Tasks are idempotent, acknowledged late, and carry ids at most.
"""

from __future__ import annotations

import logging
from typing import Any

from celery import Celery, signals
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django_structlog.celery.steps import DjangoStructLogInitStep
from kombu.exceptions import OperationalError

import devservers
from config.startup import fail_with_one_line

with fail_with_one_line():
    from django.conf import settings

    BROKER_URL = settings.REDIS_URL or settings.SERVER_PAIR.broker_url
    if BROKER_URL.startswith("unix://"):  # the redis package's name of a socket, not Celery's
        BROKER_URL = BROKER_URL.replace("unix://", "redis+socket://", 1)

app = Celery("twotier")
app.conf.update(
    broker_url=BROKER_URL,
    # A worker that loses the broker exits and is restarted, because a reconnected one may hang
    # (celery/celery#8030, #10302). Its tasks are redelivered.
    broker_connection_retry=False,
    broker_connection_retry_on_startup=True,
    # Longer than any task may run; no task waits in the broker for more than a minute.
    broker_transport_options={
        "visibility_timeout": 300,
        "socket_connect_timeout": 2,
        "socket_timeout": 10,
    },
    visibility_timeout=300,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    worker_soft_shutdown_timeout=10,
    task_soft_time_limit=90,
    task_time_limit=120,
    task_ignore_result=True,
    task_publish_retry=False,
    task_serializer="json",
    accept_content=["json"],
    timezone="Asia/Shanghai",
    # Drawing takes a core for itself; what people wait for is not behind other work.
    task_routes={"posters.tasks.draw": "posters", "posters.tasks.warm": "posters"},
    worker_hijack_root_logger=False,
    beat_schedule={
        "sweep-deliveries": {
            "task": "events.tasks.deliver",
            "schedule": 5.0,
            "options": {"expires": 5},  # so that they do not pile up behind a busy worker
        },
        "settle": {
            "task": "commissions.tasks.settle",
            "schedule": 60.0,
            "options": {"expires": 60},
        },
        "announce-accruals": {
            "task": "commissions.tasks.announce_accruals",
            "schedule": 5.0,
            "options": {"expires": 5},
        },
        "fold-reports": {
            "task": "reports.tasks.fold_changes",
            "schedule": 5.0,
            "options": {"expires": 5},
        },
        "pay": {
            "task": "withdrawals.tasks.pay",
            "schedule": 5.0,
            "options": {"expires": 5},
        },
        "expire-ready-withdrawals": {
            "task": "withdrawals.tasks.expire_ready",
            "schedule": crontab(minute=40),
        },
        "complete-orders": {
            "task": "orders.tasks.complete",
            "schedule": 60.0,
            "options": {"expires": 60},
        },
        "assume-receipts": {
            "task": "orders.tasks.assume_receipts",
            "schedule": crontab(minute=5),
        },
        "alarm-overdue-refunds": {
            "task": "orders.tasks.alarm_overdue_refunds",
            "schedule": crontab(minute=10),
        },
        "alarm-waiting-orders": {
            "task": "orders.tasks.alarm_waiting_orders",
            "schedule": crontab(minute=15),
        },
        "run-back-tests": {
            "task": "commissions.tasks.run_back_tests",
            "schedule": 5.0,
            "options": {"expires": 5},
        },
        "run-incentive-back-tests": {
            "task": "incentives.tasks.run_back_tests",
            "schedule": 5.0,
            "options": {"expires": 5},
        },
        "alarm-overdue-claims": {
            "task": "commissions.tasks.alarm_overdue_claims",
            "schedule": crontab(minute=20),
        },
        "expire-bindings": {
            "task": "distribution.tasks.expire_bindings",
            "schedule": 600.0,
            "options": {"expires": 600},
        },
        "end-bindings-to-exited": {
            "task": "distribution.tasks.end_bindings_to_exited",
            "schedule": 60.0,
            "options": {"expires": 60},
        },
        "review-levels": {
            "task": "incentives.tasks.review_levels",
            "schedule": crontab(minute=35),  # those who were not reviewed yet today
        },
        "end-levels": {
            "task": "incentives.tasks.end_levels",
            "schedule": 60.0,
            "options": {"expires": 60},
        },
        "review-held-awards": {
            "task": "incentives.tasks.review_held",
            "schedule": crontab(hour=3, minute=50),  # mostly an event has done it before
        },
        "close-periods-of-incentives": {
            "task": "incentives.tasks.close_periods",
            "schedule": 60.0,
            "options": {"expires": 60},
        },
        "release-awards": {
            "task": "incentives.tasks.release_awards",
            "schedule": 60.0,  # should the message of a large close be lost
            "options": {"expires": 60},
        },
        "roll-up-ledger": {"task": "ledger.tasks.roll_up", "schedule": crontab(hour=3, minute=20)},
        "compare-books": {
            "task": "closing.tasks.reconcile_daily",
            "schedule": crontab(hour=10, minute=30),  # WeChat Pay publishes statements at 10
        },
        "fold-flows": {
            "task": "closing.tasks.fold_flows",
            "schedule": 60.0,
            "options": {"expires": 60},
        },
        "run-requested-controls": {
            "task": "closing.tasks.run_requested_controls",
            "schedule": 30.0,  # should the message of the request be lost
            "options": {"expires": 30},
        },
        "fetch-mini-program-codes": {
            "task": "sharing.tasks.fetch_codes",
            "schedule": 5.0,
            "options": {"expires": 5},
        },
        "forget-traces-of-visits": {
            "task": "sharing.tasks.forget_traces",
            "schedule": crontab(hour=4, minute=25),
        },
        "fetch-pictures": {
            "task": "catalog.tasks.fetch_pictures",
            "schedule": 60.0,
            "options": {"expires": 60},
        },
        "sweep-pictures": {
            "task": "catalog.tasks.sweep_pictures",
            "schedule": crontab(hour=4, minute=25),
        },
        "fetch-avatars": {
            "task": "members.tasks.fetch_avatars",
            "schedule": 60.0,
            "options": {"expires": 60},
        },
        "write-exports": {
            "task": "backoffice.tasks.write_exports",
            "schedule": 5.0,
            "options": {"expires": 5},
        },
        "remove-old-exports": {
            "task": "backoffice.tasks.remove_old_exports",
            "schedule": crontab(hour=4, minute=45),
        },
        "work-on-mall-imports": {
            "task": "integration.tasks.work_on_mall_imports",
            "schedule": 5.0,
            "options": {"expires": 5},
        },
        "remove-old-mall-files": {
            "task": "integration.tasks.remove_old_mall_files",
            "schedule": crontab(hour=4, minute=55),
        },
        "run-imports": {
            "task": "backoffice.tasks.run_imports",
            "schedule": 2.0,
            "options": {"expires": 2},
        },
        "forget-imports": {
            "task": "backoffice.tasks.forget_imports",
            "schedule": crontab(hour=4, minute=55),
        },
        "sweep-lost-posters": {
            "task": "posters.tasks.sweep_lost",
            "schedule": 10.0,
            "options": {"expires": 10},
        },
        "sweep-old-posters": {
            "task": "posters.tasks.sweep_old",
            "schedule": crontab(hour=4, minute=35),
        },
        "check-avatars": {
            "task": "members.tasks.check_avatars",
            "schedule": 60.0,
            "options": {"expires": 60},
        },
        "sweep-uploads": {
            "task": "members.tasks.sweep_uploads",
            "schedule": crontab(hour=4, minute=15),
        },
        "count-uses-of-materials": {
            "task": "materials.tasks.count_uses",
            "schedule": 60.0,
            "options": {"expires": 60},
        },
        "forget-materials": {
            "task": "materials.tasks.forget",
            "schedule": crontab(hour=4, minute=25),
        },
        "watch-jobs": {
            "task": "config.tasks.watch_jobs",
            "schedule": 60.0,
            "options": {"expires": 60},
        },
        "watch-deliveries": {
            "task": "alarms.tasks.watch_deliveries",
            "schedule": 60.0,
            "options": {"expires": 60},
        },
        "send-webhooks": {
            "task": "webhooks.tasks.send",
            "schedule": 1.0,  # a turn that finds nothing costs a few reads
            "options": {"expires": 1},
        },
        "forget-webhooks": {"task": "webhooks.tasks.forget", "schedule": crontab(hour=4, minute=5)},
        "send-subscribe-messages": {
            "task": "notices.tasks.send_messages",
            "schedule": 10.0,
            "options": {"expires": 10},
        },
        "forget-notices": {"task": "notices.tasks.forget", "schedule": crontab(hour=4, minute=15)},
        "remind-of-alarms": {"task": "alarms.tasks.remind", "schedule": crontab(minute=50)},
        "send-digests": {"task": "alarms.tasks.send_digests", "schedule": crontab(minute="*/5")},
        "prove-ledger": {"task": "ledger.tasks.prove", "schedule": crontab(hour=3, minute=30)},
    },
)
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()


@signals.setup_logging.connect
def configure_logging(**_: Any) -> None:
    """Prevent Celery from replacing the logging of the settings."""
    logging.getLogger("celery").setLevel(logging.INFO)


def check_broker() -> None:
    """Return once the broker has answered.

    :raises OperationalError, OSError: it does not answer within some seconds
    """
    with app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=2)


@signals.celeryd_init.connect
@signals.beat_init.connect
def require_servers(**_: Any) -> None:
    """Exit at the start with one line if a server does not answer."""
    with fail_with_one_line():
        if not settings.REDIS_URL:
            devservers.attach(settings.SERVER_PAIR)
        try:
            check_broker()
        except (OperationalError, OSError) as failure:
            raise ImproperlyConfigured(
                f"the broker does not answer ({failure}): "
                "check REDIS_URL and whether that server runs."
            ) from None


@signals.celeryd_init.connect
def require_database(**_: Any) -> None:
    with fail_with_one_line():
        connection.ensure_connection()
        connection.close()  # so that the worker's children do not share it
