"""Guard orders, lines and refunds: a time that is set never changes. Insert the policy."""

from django.db import migrations

from common import guards
from common.base_models import insert_singleton

TIME_IS_SET = "a time or sum that is set does not change"
GUARDS = [
    guards.set_once(
        "orders_order", "assumed_received_at", "protection_days", "completed_at", name="days_set_once",
        constraint="order_time_set_once", message=TIME_IS_SET,
    ),
    guards.immutable(
        "orders_order", "id", "public_id", "number", "buyer_id", "placed_at", "contact"
    ),
    guards.never_deleted("orders_order"),
    guards.immutable(
        "orders_orderline", "id", "order_id", "number",
    ),
    guards.row_guard(
        "orders_orderline", name="refund_sums_only_grow",
        when="NEW.refunded_quantity < OLD.refunded_quantity"
        " OR NEW.refunded_amount < OLD.refunded_amount",
        constraint="order_time_set_once", message=TIME_IS_SET,
    ),
    guards.statement_guard("orders_orderline", name="never_truncated", on="TRUNCATE"),
    guards.read(__file__, "order_times", "order_lines", "refunds"),
    guards.append_only("orders_attribution"),
    guards.append_only("orders_ordershare"),
    guards.append_only("orders_closuredecision"),
    guards.no_early_review("orders_closuredecision", "decided_by_id"),
    guards.no_early_review("orders_orderconflict", "decided_by_id"),
    guards.transitions(
        "orders_orderconflict",
        statuses=["open", "accepted", "dismissed", "resolved"],
        comes_from={
            "open": ["resolved"], "accepted": ["open"], "dismissed": ["open"], "resolved": ["open"],
        },
        constraint="order_conflict_status_transitions",
    ),
    guards.immutable(
        "orders_orderconflict", "id", "public_id", "number", "field", "source", "first_seen"
    ),
    guards.row_guard(
        "orders_orderconflict", name="fixed_once_decided",
        when="OLD.status IN ('accepted', 'dismissed') AND (NEW.order_id, NEW.known, NEW.given,"
        " NEW.reason, NEW.decided_by_id, NEW.ended_at) IS DISTINCT FROM (OLD.order_id, OLD.known,"
        " OLD.given, OLD.reason, OLD.decided_by_id, OLD.ended_at)",
        constraint="order_conflict_fixed_once_decided",
        message="a conflict that is decided does not change",
    ),
    guards.never_deleted("orders_orderconflict"),
    guards.append_only("orders_orderamendment"),
    guards.set_once(
        "orders_refund", "approved_at", "done_at", "rejected_at", "withdrawn_at",
        "overdue_alerted_at",
        name="times_set_once", constraint="order_time_set_once", message=TIME_IS_SET,
    ),
    guards.immutable("orders_refund", "id", "public_id", "number", "line_id", "requested_at"),
    guards.row_guard(
        "orders_refund", name="fixed_once_done",
        when="OLD.done_at IS NOT NULL AND (NEW.kind, NEW.quantity, NEW.amount, NEW.freight)"
        " IS DISTINCT FROM (OLD.kind, OLD.quantity, OLD.amount, OLD.freight)",
        constraint="refund_fixed_once_done", message="a refund that is done does not change",
    ),
    guards.never_deleted("orders_refund"),
]


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial"), ("events", "0002_guards"), ("members", "0002_guards"), ("distribution", "0002_guards"), ("catalog", "0002_guards")]

    operations = [
        guards.install(*GUARDS),
        migrations.RunPython(insert_singleton("orders", "Policy"), migrations.RunPython.noop),
    ]
