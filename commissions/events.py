"""Declare the events that ``commissions`` records."""

from datetime import datetime

from events.declarations import EventType

COMMISSIONS_PLAN_DRAFTED = EventType(
    "commissions.plan_drafted",
    subject="commissions.plan",
    fields={"rules": int},
    description="A plan was drafted.",
)
COMMISSIONS_PLAN_EDITED = EventType(
    "commissions.plan_edited",
    subject="commissions.plan",
    description="A draft was edited.",
)
COMMISSIONS_PLAN_DISCARDED = EventType(
    "commissions.plan_discarded",
    subject="commissions.plan",
    fields={"discarded": str},
    description="A draft was deleted.",
)
COMMISSIONS_PLAN_PUBLISHED = EventType(
    "commissions.plan_published",
    subject="commissions.plan",
    fields={"number": int, "starts_at": datetime},
    description="A plan was published; starts_at: from when it is in force, null: for all orders.",
)
COMMISSIONS_PLAN_SUBMITTED = EventType(
    "commissions.plan_submitted",
    subject="commissions.plan",
    fields={"reviewer": str, "planned_start": datetime, "note": str},
    description="A draft was handed over for publication; reviewer: the username, empty: anybody.",
)
COMMISSIONS_PLAN_RETURNED = EventType(
    "commissions.plan_returned",
    subject="commissions.plan",
    fields={"reason": str},
    description="A plan that was handed over became a draft again: returned, or taken back.",
)
COMMISSIONS_CREDITED = EventType(
    "commissions.credited",
    subject="commissions.settlement",
    fields={"count": int},
    description="A batch of commissions was credited.",
)
COMMISSIONS_CLAWED_BACK = EventType(
    "commissions.clawed_back",
    subject="commissions.commission",
    fields={"owed": int},
    description="Refunds took back credited commissions.",
)
COMMISSIONS_RETRIED = EventType(
    "commissions.retried",
    subject="commissions.commission",
    fields={"detail": str},
    description="A person put a held commission back into the queue.",
)
COMMISSIONS_ACCRUED_TO_MEMBER = EventType(
    "commissions.accrued_to_member",
    subject="members.member",
    fields={"orders": int, "count": int, "amounts": dict},
    description="A member got new commissions that are not credited yet, counted with their orders"
    " over some seconds; amounts in minor units by asset.",
)
COMMISSIONS_CREDITED_TO_MEMBER = EventType(
    "commissions.credited_to_member",
    subject="members.member",
    fields={"settlement": str, "count": int, "amounts": dict},
    description="A settlement credited a member; amounts in minor units by asset.",
)
COMMISSIONS_CLAWED_BACK_FROM_MEMBER = EventType(
    "commissions.clawed_back_from_member",
    subject="members.member",
    fields={"commission": str, "refund": str, "amounts": dict, "owed": int},
    description="A refund took back a credited commission of a member; amounts, below 0, in minor"
    " units by asset; owed: what the wallet lacked.",
)
COMMISSIONS_CONFLICT_ACCEPTANCE_PROPOSED = EventType(
    "commissions.conflict_acceptance_proposed",
    subject="commissions.conflictacceptance",
    fields={"reason": str},
    description="A person proposed to accept a conflict of an order with credited commissions.",
)
COMMISSIONS_CONFLICT_ACCEPTANCE_REFUSED = EventType(
    "commissions.conflict_acceptance_refused",
    subject="commissions.conflictacceptance",
    description="A proposal to accept a conflict was refused, or withdrawn.",
)
COMMISSIONS_CLAIM_OPENED = EventType(
    "commissions.claim_opened",
    subject="commissions.claim",
    fields={"order": str, "reason": str},
    description="A distributor claimed that a commission is missing or wrong.",
)
COMMISSIONS_CLAIM_ANSWERED = EventType(
    "commissions.claim_answered",
    subject="commissions.claim",
    fields={"answer": str},
    description="A person answered a claim.",
)
