"""What happens to orders after their intake, which is ``orders.intake``."""

from orders.services.alarms import alarm_overdue_refunds, alarm_waiting_orders
from orders.services.completion import complete
from orders.services.corrections import refund_the_rest
from orders.services.receipts import assume_receipts
