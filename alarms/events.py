"""Declare the events that ``alarms`` records."""

from events.declarations import EventType


def _of_alarm(name: str, description: str, /, **fields: type) -> EventType:
    return EventType(name, "alarms.alarm", fields, description)


ALARMS_RAISED = _of_alarm("alarms.raised", "An alarm opened.", kind=str, about=str)
ALARMS_REMINDED = _of_alarm("alarms.reminded", "An alarm has been open for another day.", kind=str)
ALARMS_SEEN = _of_alarm("alarms.seen", "A person took note of an alarm.", kind=str)
ALARMS_CLOSED = _of_alarm(
    "alarms.closed", "A person or the system closed an alarm.", kind=str, reason=str
)
