"""Declare the events that ``promotions`` records."""

from events.declarations import EventType

COUPON, GRANT = "promotions.coupon", "promotions.coupongrant"

PROMOTIONS_COUPON_DRAFTED = EventType(
    "promotions.coupon_drafted",
    subject=COUPON,
    description="A coupon was drafted.",
)
PROMOTIONS_COUPON_EDITED = EventType(
    "promotions.coupon_edited",
    subject=COUPON,
    description="The draft of a coupon was changed.",
)
PROMOTIONS_COUPON_DISCARDED = EventType(
    "promotions.coupon_discarded",
    subject=COUPON,
    fields={"name": str},
    description="The draft of a coupon was deleted.",
)
PROMOTIONS_COUPON_PUBLISHED = EventType(
    "promotions.coupon_published",
    subject=COUPON,
    fields={"name": str},
    description="A coupon was published: members get it, and its terms no longer change.",
)
PROMOTIONS_COUPON_ENDED = EventType(
    "promotions.coupon_ended",
    subject=COUPON,
    fields={"name": str, "reason": str},
    description="A coupon ended: nobody gets it any more; members may use those that they have.",
)
PROMOTIONS_COUPON_GRANTED = EventType(
    "promotions.coupon_granted",
    subject=GRANT,
    fields={
        "coupon": str,
        "member": str,
        "valid_from": str,
        "valid_until": str,
        "reason": str,
    },
    description="A member got a coupon, valid between these times.",
)
PROMOTIONS_COUPON_USED = EventType(
    "promotions.coupon_used",
    subject=GRANT,
    fields={"coupon": str, "member": str, "order": str},
    description="An order of the mall used a member's coupon.",
)
PROMOTIONS_COUPON_RETURNED = EventType(
    "promotions.coupon_returned",
    subject=GRANT,
    fields={"coupon": str, "member": str, "order": str},
    description="An order gave back a member's coupon, which may be used again.",
)
PROMOTIONS_COUPON_REVOKED = EventType(
    "promotions.coupon_revoked",
    subject=GRANT,
    fields={"coupon": str, "member": str, "reason": str},
    description="A member's unused coupon was revoked: the mall must refuse it.",
)
