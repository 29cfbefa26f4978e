"""Show members; add staff, and change their rights and those of groups."""

from django.utils.translation import gettext_lazy as _

from backoffice import menu
from backoffice.note_panels import show_notes
from members.admin import (
    agreements,
    groups,
    link_queue,
    links,
    people,
    person,
    security,
    staff,
    staff_panels,
    timeline,
)

__all__ = [
    "agreements", "groups", "link_queue", "links", "people", "person", "security", "staff",
    "staff_panels", "timeline",
]  # fmt: skip

menu.register(
    "people",
    (_("Members"), "group", "members.member"),
    (_("Grades"), "military_tech", "members.membergrade"),
    (_("Tags"), "sell", "members.tag"),
    (_("Agreements"), "contract", "members.agreement"),
)
menu.register(
    "system",
    (_("Staff"), "badge", "members.user"),
    (_("Links of staff"), "link", "members.stafflinkproposal"),
    (_("Groups"), "shield_person", "auth.group"),
)
show_notes("members.member", "members.view_member")
