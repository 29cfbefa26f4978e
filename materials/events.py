"""Declare the events that ``materials`` records."""

from events.declarations import EventType

MATERIALS_PUBLISHED = EventType(
    "materials.published",
    subject="materials.material",
    fields={"version": int},
    description="A material was published; those whom it is for see this version.",
)
MATERIALS_WITHDRAWN = EventType(
    "materials.withdrawn",
    subject="materials.material",
    fields={"version": int, "reason": str},
    description="A material was withdrawn; its files are no longer shown to members.",
)
MATERIALS_FILE_REMOVED = EventType(
    "materials.file_removed",
    subject="materials.material",
    fields={"file": str},
    description="A file of a material was removed and is erased.",
)
MATERIALS_COURSE_PUBLISHED = EventType(
    "materials.course_published",
    subject="materials.course",
    fields={"version": int},
    description="A version of a training course was published.",
)
MATERIALS_COURSE_WITHDRAWN = EventType(
    "materials.course_withdrawn",
    subject="materials.course",
    fields={"version": int, "reason": str},
    description="A training course was withdrawn.",
)
MATERIALS_COURSE_READ = EventType(
    "materials.course_read",
    subject="members.member",
    fields={"course": str, "version": int},
    description="A member confirmed that they have read a version of a training course.",
)
MATERIALS_ANNOUNCEMENT_PUBLISHED = EventType(
    "materials.announcement_published",
    subject="materials.announcement",
    fields={"version": int},
    description="An announcement was published; those whom it is for see it until it ends.",
)
MATERIALS_ANNOUNCEMENT_WITHDRAWN = EventType(
    "materials.announcement_withdrawn",
    subject="materials.announcement",
    fields={"version": int, "reason": str},
    description="An announcement was withdrawn.",
)
