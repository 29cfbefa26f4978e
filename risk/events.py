"""Declare the events that ``risk`` records."""

from events.declarations import EventType

RISK_HELD = EventType(
    "risk.held", subject="risk.hold", description="A rule stopped an order or a withdrawal."
)
RISK_RELEASED = EventType(
    "risk.released",
    subject="risk.hold",
    fields={"rule": str, "reason": str},
    description="A person released a hold.",
)
RISK_CASE_OPENED = EventType(
    "risk.case_opened", subject="risk.case", description="A case was opened for a distributor."
)
RISK_CASE_ASSIGNED = EventType(
    "risk.case_assigned", subject="risk.case", description="A case was assigned."
)
RISK_CASE_NOTED = EventType(
    "risk.case_noted", subject="risk.case", description="A note was added to a case."
)
RISK_CASE_CLOSED = EventType(
    "risk.case_closed",
    subject="risk.case",
    fields={"reason": str},
    description="A case was closed.",
)
RISK_RULE_CHANGED = EventType(
    "risk.rule_changed",
    subject="risk.rule",
    fields={"stage": str, "rule": str},
    description="The settings of a rule changed.",
)
