"""Declare the events that ``distribution`` records."""

from events.declarations import EventType

DISTRIBUTION_APPLIED = EventType(
    "distribution.applied",
    subject="distribution.application",
    fields={"route": str},
    description="A member applied to become a distributor.",
)
DISTRIBUTION_APPROVED = EventType(
    "distribution.approved",
    subject="distribution.application",
    fields={"route": str, "invitation": str},
    description="An application was approved.",
)
DISTRIBUTION_REJECTED = EventType(
    "distribution.rejected",
    subject="distribution.application",
    fields={"reason": str},
    description="An application was rejected.",
)
DISTRIBUTION_ENROLLED = EventType(
    "distribution.enrolled",
    subject="distribution.distributor",
    fields={"route": str},
    description="A member became a distributor.",
)
DISTRIBUTION_BOUND = EventType(
    "distribution.bound",
    subject="members.member",
    fields={"binding": str, "source": str},
    description="A member got an upline.",
)
DISTRIBUTION_UNBOUND = EventType(
    "distribution.unbound",
    subject="members.member",
    fields={"binding": str, "end_reason": str, "reason": str},
    description="A binding ended.",
)
DISTRIBUTION_EXPIRED = EventType(
    "distribution.expired",
    subject="distribution.binding",
    description="A binding reached its end date.",
)
DISTRIBUTION_ASSIGNED = EventType(
    "distribution.assigned",
    subject="members.member",
    fields={"reason": str},
    description="Staff gave a member a first upline.",
)
DISTRIBUTION_REASSIGNED = EventType(
    "distribution.reassigned",
    subject="members.member",
    fields={"reason": str},
    description="Staff moved a member to another upline.",
)
DISTRIBUTION_EXTENDED = EventType(
    "distribution.extended",
    subject="members.member",
    fields={"binding": str, "reason": str},
    description="Staff let a binding expire later.",
)
DISTRIBUTION_STATUS_CHANGED = EventType(
    "distribution.status_changed",
    subject="distribution.distributor",
    fields={"reason": str},
    description="A distributor was suspended, frozen, reactivated or exited.",
)
DISTRIBUTION_LEVEL_CHANGED = EventType(
    "distribution.level_changed",
    subject="distribution.distributor",
    fields={"reason": str},
    description="A distributor got another level.",
)
DISTRIBUTION_SEGMENT_CHANGED = EventType(
    "distribution.segment_changed",
    subject="distribution.distributor",
    fields={"reason": str},
    description="A distributor got another segment.",
)
DISTRIBUTION_FORM_PUBLISHED = EventType(
    "distribution.form_published",
    subject="distribution.applicationform",
    fields={"version": int},
    description="A version of the application form was published and is in force.",
)
DISTRIBUTION_POLICY_CHANGED = EventType(
    "distribution.policy_changed",
    subject="distribution.policy",
    description="The rules of applications and bindings changed.",
)
