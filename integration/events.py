"""Declare the events that ``integration`` records."""

from events.declarations import EventType

INTEGRATION_GOODS_CHANGED = EventType(
    "integration.goods_changed",
    subject="catalog.product",
    description="The mall or an import changed a product.",
)
INTEGRATION_CATEGORY_CHANGED = EventType(
    "integration.category_changed",
    subject="catalog.category",
    description="The mall or an import changed a category.",
)
INTEGRATION_CLIENT_CREATED = EventType(
    "integration.client_created",
    subject="integration.apiclient",
    fields={"scopes": list},
    description="A client of the API was created.",
)
INTEGRATION_CLIENT_ROTATED = EventType(
    "integration.client_rotated",
    subject="integration.apiclient",
    description="A client of the API got a new secret; the previous one stays valid.",
)
INTEGRATION_CLIENT_REVOKED = EventType(
    "integration.client_revoked",
    subject="integration.apiclient",
    description="A client of the API was revoked.",
)
INTEGRATION_CLIENT_SCOPES_CHANGED = EventType(
    "integration.client_scopes_changed",
    subject="integration.apiclient",
    description="Staff changed what a client of the API may do.",
)
INTEGRATION_CLIENT_OLD_SECRET_ENDED = EventType(
    "integration.client_old_secret_ended",
    subject="integration.apiclient",
    description="The previous secret of a client of the API was ended.",
)
INTEGRATION_CLIENT_SWITCHED_OFF = EventType(
    "integration.client_switched_off",
    subject="integration.apiclient",
    fields={"reason": str},
    description="Staff switched a client of the API off; it can be switched on again.",
)
INTEGRATION_CLIENT_SWITCHED_ON = EventType(
    "integration.client_switched_on",
    subject="integration.apiclient",
    description="Staff switched a client of the API on again.",
)
INTEGRATION_MEMBER_CHANGED = EventType(
    "integration.member_changed",
    subject="members.member",
    fields={"fields": list},
    description="The mall changed these fields of a member.",
)
INTEGRATION_MEMBER_MOVED_IN = EventType(
    "integration.member_moved_in",
    subject="members.member",
    fields={"joined": bool, "enrolled": bool, "referred": bool},
    description="The mall reported a member's past: an earlier joining, that they are a"
    " distributor, or their referrer.",
)
INTEGRATION_CLIENT_PAUSED = EventType(
    "integration.client_paused",
    subject="integration.apiclient",
    fields={"conflicting": int, "sent": int},
    description="A client of the API was paused: too many of the orders that it sent within an"
    " hour contradict what is known.",
)
INTEGRATION_CLIENT_RESUMED = EventType(
    "integration.client_resumed",
    subject="integration.apiclient",
    fields={"reason": str},
    description="Staff resumed a paused client of the API.",
)
INTEGRATION_IMPORT_CHECKED = EventType(
    "integration.import_checked",
    subject="integration.mallimport",
    fields={"errors": int, "files": list},
    description="A worker checked the files of a mall; without errors a colleague may start it.",
)
INTEGRATION_IMPORT_STARTED = EventType(
    "integration.import_started",
    subject="integration.mallimport",
    fields={"events": int, "again": bool},
    description="A colleague started the import of a mall, or continued it.",
)
INTEGRATION_IMPORT_STOPPED = EventType(
    "integration.import_stopped",
    subject="integration.mallimport",
    fields={"events": int, "failed": bool},
    description="The import of a mall was stopped by a person, or could not go on.",
)
INTEGRATION_IMPORT_FINISHED = EventType(
    "integration.import_finished",
    subject="integration.mallimport",
    fields={"events": int},
    description="The import of a mall is complete.",
)
INTEGRATION_IMPORT_DISCARDED = EventType(
    "integration.import_discarded",
    subject="integration.mallimport",
    description="Staff discarded the import of a mall.",
)
