"""Declare the events that ``sharing`` records."""

from events.declarations import EventType

SHARING_CODE_STORED = EventType(
    "sharing.code_stored",
    subject="sharing.share",
    description="The mini-program code of a share came from WeChat and was stored.",
)
SHARING_SHARE_DISABLED = EventType(
    "sharing.share_disabled",
    subject="sharing.share",
    fields={"reason": str},
    description="The staff switched a share off: it opens nothing and binds nobody.",
)
SHARING_SHARE_ENABLED = EventType(
    "sharing.share_enabled",
    subject="sharing.share",
    fields={"reason": str},
    description="The staff switched a share on again.",
)
SHARING_HOME_CHANGED = EventType(
    "sharing.home_changed",
    subject="distribution.distributor",
    fields={"products": int},
    description="A distributor changed the line or the products of their home page.",
)
SHARING_HOME_CLEARED = EventType(
    "sharing.home_cleared",
    subject="distribution.distributor",
    fields={"reason": str},
    description="The staff cleared the line of a distributor's home page.",
)
SHARING_LANDING_CHANGED = EventType(
    "sharing.landing_changed",
    subject="sharing.landingpolicy",
    description="The landing page of a kind of target was set or removed.",
)
SHARING_POLICY_CHANGED = EventType(
    "sharing.policy_changed",
    subject="sharing.sharingpolicy",
    description="The rules of shares changed.",
)
