"""Declare the events that ``members`` records."""

from events.declarations import EventType

MEMBERS_JOINED = EventType(
    "members.joined",
    subject="members.member",
    fields={"provider": str},
    description="A member was created at the first contact with this identity provider.",
)
MEMBERS_DUPLICATE_FOUND = EventType(
    "members.duplicate_found",
    subject="members.member",
    fields={"other": str},
    description="A person signed in whose WeChat ids belong to this member and to another one.",
)
MEMBERS_PROFILE_CHANGED = EventType(
    "members.profile_changed",
    subject="members.member",
    fields={"fields": list},
    description="A member changed these fields of the profile.",
)
MEMBERS_PHONE_CHANGED = EventType(
    "members.phone_changed",
    subject="members.member",
    description="A member gave a phone number, as WeChat knows it.",
)
MEMBERS_CONTACT_UNMASKED = EventType(
    "members.contact_unmasked",
    subject="members.member",
    fields={"reason": str},
    description="A staff user saw the whole phone number of a member, for this reason.",
)
MEMBERS_AVATAR_CHECKED = EventType(
    "members.avatar_checked",
    subject="members.member",
    fields={"upload": str, "is_fine": bool},
    description="WeChat checked the avatar that a member chose; an objectionable one is not shown.",
)

MEMBERS_PASSWORD_LINK_SENT = EventType(
    "members.password_link_sent",
    subject="members.user",
    description="A link to set a new password was mailed, by a colleague or at the public page.",
)
MEMBERS_PASSWORD_RESET = EventType(
    "members.password_reset",
    subject="members.user",
    description="A password was set through a mailed link, or by the server's command.",
)
MEMBERS_PASSWORD_CHANGED = EventType(
    "members.password_changed",
    subject="members.user",
    description="A user changed their own password, with the old one.",
)

MEMBERS_EMAIL_CHANGED = EventType(
    "members.email_changed",
    subject="members.user",
    description="The email address of a staff user changed; password links go to the new one.",
)

MEMBERS_SECOND_FACTOR_ADDED = EventType(
    "members.second_factor_added",
    subject="members.user",
    description="A user set up a device for the second factor.",
)
MEMBERS_SECOND_FACTOR_REPLACED = EventType(
    "members.second_factor_replaced",
    subject="members.user",
    description="A user replaced their device for the second factor, with a code of the old one.",
)
MEMBERS_SECOND_FACTOR_RECOVERED = EventType(
    "members.second_factor_recovered",
    subject="members.user",
    fields={"left": int},
    description="A user signed in with a recovery code; so many are left.",
)
MEMBERS_SECOND_FACTOR_CODES_RENEWED = EventType(
    "members.second_factor_codes_renewed",
    subject="members.user",
    description="A user had new recovery codes made; the old ones no longer work.",
)
MEMBERS_SECOND_FACTOR_REMOVED = EventType(
    "members.second_factor_removed",
    subject="members.user",
    fields={"reason": str},
    description="A superuser, or the server's command, removed a user's second factor.",
)

MEMBERS_STAFF_LINKED = EventType(
    "members.staff_linked",
    subject="members.user",
    fields={"member": str, "proposer": str},
    description="The server's command, or two superusers, linked a staff user to a member.",
)

MEMBERS_STAFF_LINK_PROPOSED = EventType(
    "members.staff_link_proposed",
    subject="members.user",
    fields={"member": str, "reason": str},
    description="A superuser proposed to link a staff user to a member.",
)
MEMBERS_STAFF_LINK_REFUSED = EventType(
    "members.staff_link_refused",
    subject="members.user",
    fields={"member": str},
    description="A superuser refused a proposed link, or its proposer withdrew it.",
)

MEMBERS_MERGE_PROPOSED = EventType(
    "members.merge_proposed",
    subject="members.member",
    fields={"merge": str, "survivor": str, "reason": str},
    description="A person proposed to merge this member into another one.",
)
MEMBERS_MERGE_REFUSED = EventType(
    "members.merge_refused",
    subject="members.member",
    fields={"merge": str, "survivor": str},
    description="A person refused a proposed merge, or its proposer withdrew it.",
)
MEMBERS_MERGED = EventType(
    "members.merged",
    subject="members.member",
    fields={"merge": str, "survivor": str, "amounts": dict, "bindings": int, "ended": int},
    description=(
        "A member was merged into another one: balances moved (in minor units, by asset and kind),"
        " and bindings continued under the survivor or ended."
    ),
)

MEMBERS_RIGHTS_CHANGED = EventType(
    "members.rights_changed",
    subject="members.user",
    description="The rights of a staff user changed, or a user was added.",
)
MEMBERS_GROUP_CHANGED = EventType(
    "members.group_changed",
    subject="auth.group",
    description="The rights of a group changed, or it was added or deleted.",
)

MEMBERS_AGREEMENT_PUBLISHED = EventType(
    "members.agreement_published",
    subject="members.agreement",
    fields={"kind": str, "version": int},
    description="A version of an agreement was published and is in force.",
)
MEMBERS_AGREEMENT_ACCEPTED = EventType(
    "members.agreement_accepted",
    subject="members.member",
    fields={"kind": str, "version": int},
    description="A member accepted this version of an agreement.",
)
MEMBERS_CLOSED = EventType(
    "members.closed",
    subject="members.member",
    description="A member closed the account: profile and WeChat ids were deleted.",
)
MEMBERS_CONSENT_REVOKED = EventType(
    "members.consent_revoked",
    subject="members.member",
    fields={"fields": list},
    description="A member withdrew a consent in WeChat: these fields were deleted.",
)
MEMBERS_LOCKED = EventType(
    "members.locked",
    subject="members.member",
    fields={"reason": str},
    description="The staff locked a member out; all sessions of the member ended.",
)
MEMBERS_UNLOCKED = EventType(
    "members.unlocked",
    subject="members.member",
    description="The staff let a locked member sign in again.",
)

MEMBERS_SIGNED_IN = EventType(
    "members.signed_in",
    subject="members.member",
    fields={"session": str},
    description="A member signed in on a device.",
)
MEMBERS_SESSION_OFFERED = EventType(
    "members.session_offered",
    subject="members.member",
    fields={"session": str, "scopes": list},
    description="The mall asked for a session that shows a member's pages inside its own.",
)
MEMBERS_SESSION_ENDED = EventType(
    "members.session_ended",
    subject="members.member",
    fields={"session": str, "reason": str},
    description="A session of a member ended.",
)
