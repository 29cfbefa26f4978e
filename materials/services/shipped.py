"""Add the courses that Twotier ships, for the shop to read, edit and publish."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from materials.models import Course

FOLDER = Path(__file__).resolve().parent.parent / "shipped"
REQUIRED = {"compliance"}
TITLE, SUMMARY = "# ", "> "


@dataclass(frozen=True, slots=True)
class ShippedCourse:
    """A file ``<position>-<code>.md``: a line ``# title``, a line ``> summary``, and the text."""

    code: str
    position: int
    title: str
    summary: str
    text: str


def shipped_courses() -> list[ShippedCourse]:
    """Read the files, in their order."""
    return [_read(path) for path in sorted(FOLDER.glob("*.md"))]


def load_shipped_courses(*, at: datetime) -> list[Course]:
    """Add missing shipped courses as drafts; return them. Existing ones are never changed."""
    known = set(Course.objects.exclude(code=None).values_list("code", flat=True))
    return [
        Course.objects.create(
            code=course.code, position=course.position, title=course.title,
            summary=course.summary, text=course.text, is_required=course.code in REQUIRED,
            created_at=at,
        )
        for course in shipped_courses()
        if course.code not in known
    ]  # fmt: skip


def _read(path: Path) -> ShippedCourse:
    position, _, code = path.stem.partition("-")
    title, summary, text = path.read_text(encoding="utf-8").split("\n", 2)
    return ShippedCourse(
        code, int(position), title.removeprefix(TITLE), summary.removeprefix(SUMMARY), text.strip()
    )
