"""Declare the events that ``closing`` records."""

from datetime import date

from events.declarations import EventType

CLOSING_RECONCILED = EventType(
    "closing.reconciled",
    subject="closing",
    fields={"day": date, "differences": dict},
    description="All controls ran.",
)
CLOSING_CONTROLS_REQUESTED = EventType(
    "closing.controls_requested",
    subject="closing.controlrun",
    fields={"day": date},
    description="A person asked for a run of all controls.",
)
CLOSING_DIFFERENCE_ASSIGNED = EventType(
    "closing.difference_assigned",
    subject="closing.difference",
    fields={"to": str},
    description="A difference was assigned.",
)
CLOSING_DIFFERENCE_CLOSED = EventType(
    "closing.difference_closed",
    subject="closing.difference",
    fields={"control": str, "where": str, "reason": str},
    description="A difference was closed.",
)
CLOSING_STATEMENT_IMPORTED = EventType(
    "closing.statement_imported",
    subject="closing.providerstatement",
    fields={"gateway": str, "day": date, "sha1": str, "rows": int, "suspended": int},
    description="A provider's statement was imported.",
)
CLOSING_STATEMENT_EMPTY = EventType(
    "closing.statement_empty",
    subject="closing.providerstatement",
    fields={"gateway": str, "day": date},
    description="The provider had no payments on a day.",
)
CLOSING_STATEMENT_LINE_CLEARED = EventType(
    "closing.statement_line_cleared",
    subject="closing.statementline",
    fields={"number": str, "cleared_reason": str},
    description="A suspended line of a statement was explained.",
)
CLOSING_DOCUMENT_POSTED = EventType(
    "closing.document_posted",
    subject="closing.treasurydocument",
    fields={"kind": str, "number": str, "amount": int},
    description="A treasury document was posted.",
)
CLOSING_DOCUMENT_REVERSED = EventType(
    "closing.document_reversed",
    subject="closing.treasurydocument",
    fields={"reason": str},
    description="A treasury document was reversed.",
)
CLOSING_ADJUSTMENT_PROPOSED = EventType(
    "closing.adjustment_proposed",
    subject="closing.adjustment",
    fields={"asset": str, "direction": str, "amount": int, "reason": str},
    description="An adjustment was proposed.",
)
CLOSING_ADJUSTMENT_POSTED = EventType(
    "closing.adjustment_posted",
    subject="closing.adjustment",
    fields={"amount": int},
    description="A second person posted an adjustment.",
)
CLOSING_ADJUSTMENT_REFUSED = EventType(
    "closing.adjustment_refused",
    subject="closing.adjustment",
    description="A second person refused an adjustment.",
)
CLOSING_WITHHOLDING_EXPORTED = EventType(
    "closing.withholding_exported",
    subject="closing.withholding",
    fields={"payments": int, "unmasked": bool, "reason": str},
    description="The withholding of a month was exported.",
)
CLOSING_PAYROLL_EXPORTED = EventType(
    "closing.payroll_exported",
    subject="closing.payroll",
    fields={"members": int, "unmasked": bool, "reason": str},
    description="The bonuses of a month were exported.",
)
CLOSING_BONUSES_HANDED_OVER = EventType(
    "closing.bonuses_handed_over",
    subject="closing.payroll",
    fields={"members": int, "amount": int},
    description="The bonuses of a month were handed over to payroll.",
)
CLOSING_JOURNAL_EXPORTED = EventType(
    "closing.journal_exported",
    subject="closing.journalformat",
    fields={"month": date, "vouchers": int, "total": int},
    description="The vouchers of a month were exported for the accounting system.",
)
