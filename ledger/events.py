"""The events that ``ledger`` records."""

from events.declarations import EventType

LEDGER_PERIOD_CLOSED = EventType("ledger.period_closed", fields={"month": str})
LEDGER_PERIOD_HASHED = EventType(
    "ledger.period_hashed", fields={"chain": str, "month": str, "transfers": str}
)
LEDGER_PERIOD_SIGNED = EventType("ledger.period_signed", fields={"month": str})
LEDGER_PROVED = EventType("ledger.proved", fields={"differences": str, "transfers": str})
