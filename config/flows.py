"""The table of followers; a system check proves that every name resolves.

A recorded event (see ``events.services.record``) is followed in two ways:

``IN_TRANSACTION``
    ``follower(subjects, at=at)`` in the event's transaction, in this order. For what must agree
    with the event, such as money. It raises only for a fault.
``AFTER_COMMIT``
    ``handler(events)`` by a worker after the commit, at least once, in order for each subject. For
    everything that may come a moment later. It must be idempotent.

The names are dotted paths, because a lower floor never imports a higher one.
"""

from alarms.events import ALARMS_RAISED, ALARMS_REMINDED
from commissions.events import COMMISSIONS_CLAWED_BACK, COMMISSIONS_CREDITED
from events.declarations import EventType
from orders.events import (
    ORDERS_CHANGED,
    ORDERS_CONFLICT_DECIDED,
    ORDERS_CONFLICT_FILED,
    ORDERS_CONFLICT_RESOLVED,
)

IN_TRANSACTION: dict[EventType, list[str]] = {
    ORDERS_CHANGED: [
        "commissions.services.sync_commissions",
        "risk.services.screen_changed_orders",
    ],
    COMMISSIONS_CLAWED_BACK: ["withdrawals.services.cancel_for_debt"],
}

ALARM_SENDERS = [
    "alarms.handlers.send_mail",
    "alarms.handlers.post_to_robot",
    "alarms.handlers.report_to_sentry",
]

ALARM_CONFLICTS = ["orders.handlers.alarm_conflicts"]

AFTER_COMMIT: dict[EventType, list[str]] = {
    ALARMS_RAISED: ALARM_SENDERS,
    ALARMS_REMINDED: ALARM_SENDERS,
    COMMISSIONS_CLAWED_BACK: ["commissions.services.record_member_clawbacks"],
    COMMISSIONS_CREDITED: ["commissions.services.record_member_credits"],
    ORDERS_CONFLICT_FILED: ALARM_CONFLICTS,
    ORDERS_CONFLICT_RESOLVED: ALARM_CONFLICTS,
    ORDERS_CONFLICT_DECIDED: ALARM_CONFLICTS,
}
