"""Declare the events that ``members`` records."""

from events.declarations import EventType

MEMBERS_JOINED = EventType(
    "members.joined",
    subject="members.member",
    fields={"provider": str},
    description="A member was created at the first contact with this identity provider.",
)

MEMBERS_PASSWORD_LINK_SENT = EventType(
    "members.password_link_sent",
    subject="members.user",
    description="A link to set a new password was mailed, by a colleague or at the public page.",
)
MEMBERS_PASSWORD_RESET = EventType(
    "members.password_reset",
    subject="members.user",
    description="A password was set through a mailed link.",
)
MEMBERS_PASSWORD_CHANGED = EventType(
    "members.password_changed",
    subject="members.user",
    description="A user changed their own password, with the old one.",
)

MEMBERS_SECOND_FACTOR_ADDED = EventType(
    "members.second_factor_added",
    subject="members.user",
    description="A user set up a device for the second factor.",
)
MEMBERS_SECOND_FACTOR_REMOVED = EventType(
    "members.second_factor_removed",
    subject="members.user",
    description="A superuser, or the server's command, removed a user's second factor.",
)

MEMBERS_STAFF_LINKED = EventType(
    "members.staff_linked",
    subject="members.user",
    fields={"member": str},
    description="The server's command linked a staff user to a member.",
)

MEMBERS_RIGHTS_CHANGED = EventType(
    "members.rights_changed",
    subject="members.user",
    description="The rights of a staff user changed in the admin, or a user was added.",
)
MEMBERS_GROUP_CHANGED = EventType(
    "members.group_changed",
    subject="auth.group",
    description="The rights of a group changed in the admin, or it was added or deleted.",
)
