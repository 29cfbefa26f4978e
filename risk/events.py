"""The events that ``risk`` records."""

from events.declarations import EventType

RISK_CASE_ASSIGNED = EventType("risk.case_assigned")
RISK_CASE_CLOSED = EventType("risk.case_closed", fields={"reason": str})
RISK_CASE_NOTED = EventType("risk.case_noted")
RISK_CASE_OPENED = EventType("risk.case_opened")
RISK_HELD = EventType("risk.held")
RISK_RELEASED = EventType("risk.released", fields={"reason": str, "rule": str})
RISK_RULE_CHANGED = EventType("risk.rule_changed", fields={"rule": str, "stage": str})
