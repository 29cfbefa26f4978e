"""The events that ``closing`` records."""

from events.declarations import EventType

CLOSING_ADJUSTMENT_POSTED = EventType("closing.adjustment_posted", fields={"amount": str})
CLOSING_ADJUSTMENT_PROPOSED = EventType(
    "closing.adjustment_proposed",
    fields={"amount": str, "asset": str, "direction": str, "reason": str},
)
CLOSING_ADJUSTMENT_REFUSED = EventType("closing.adjustment_refused")
CLOSING_BONUSES_HANDED_OVER = EventType(
    "closing.bonuses_handed_over", fields={"amount": str, "members": str}
)
CLOSING_DIFFERENCE_ASSIGNED = EventType("closing.difference_assigned", fields={"to": str})
CLOSING_DIFFERENCE_CLOSED = EventType(
    "closing.difference_closed", fields={"control": str, "reason": str, "where": str}
)
CLOSING_DOCUMENT_POSTED = EventType(
    "closing.document_posted", fields={"amount": str, "kind": str, "number": str}
)
CLOSING_DOCUMENT_REVERSED = EventType("closing.document_reversed", fields={"reason": str})
CLOSING_PAYROLL_EXPORTED = EventType(
    "closing.payroll_exported", fields={"members": str, "reason": str, "unmasked": str}
)
CLOSING_RECONCILED = EventType("closing.reconciled", fields={"day": str, "differences": str})
CLOSING_STATEMENT_EMPTY = EventType("closing.statement_empty", fields={"day": str, "gateway": str})
CLOSING_STATEMENT_IMPORTED = EventType(
    "closing.statement_imported",
    fields={"day": str, "gateway": str, "rows": str, "sha1": str, "suspended": str},
)
CLOSING_STATEMENT_LINE_CLEARED = EventType(
    "closing.statement_line_cleared", fields={"cleared_reason": str, "number": str}
)
CLOSING_WITHHOLDING_EXPORTED = EventType(
    "closing.withholding_exported", fields={"payments": str, "reason": str, "unmasked": str}
)
