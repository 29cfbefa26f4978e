"""Declare the events that ``ledger`` records."""

from datetime import date

from events.declarations import EventType

LEDGER_PROVED = EventType(
    "ledger.proved",
    subject="ledger",
    fields={"transfers": int, "differences": list},
    description="All balances were recomputed from the transfers.",
)
LEDGER_PERIOD_SIGNED = EventType(
    "ledger.period_signed",
    subject="ledger.period",
    fields={"month": date},
    description="The first person signed a month.",
)
LEDGER_PERIOD_CLOSED = EventType(
    "ledger.period_closed",
    subject="ledger.period",
    fields={"month": date},
    description="The second person signed; the month is closed.",
)
LEDGER_PERIOD_HASHED = EventType(
    "ledger.period_hashed",
    subject="ledger.period",
    fields={"month": date, "transfers": int, "chain": str},
    description="The transfers of a closed month were hashed and chained to the month before.",
)
