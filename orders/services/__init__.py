"""What happens to orders after their intake, which is ``orders.intake``."""

from orders.services.alarms import (
    alarm_overdue_refunds,
    alarm_waiting_orders,
    sync_conflict_alarms,
)
from orders.services.completion import complete
from orders.services.corrections import (
    Correction,
    amend_time,
    book_correction,
    find_correction,
    refund_the_rest,
)
from orders.services.policy import InvalidOrderPolicy, change_policy
from orders.services.receipts import assume_receipts
