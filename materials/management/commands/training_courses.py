"""Add the training courses that Twotier ships."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from common import clock
from common.errors import TwotierError
from materials.services import load_shipped_courses, publish_course
from members.models import User


class Command(BaseCommand):
    help = "Add the shipped training courses that the shop does not have, as drafts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--publish-as", metavar="USERNAME", help="also publish the new ones")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        at, by = clock.now(), _user(options["publish_as"])
        courses = load_shipped_courses(at=at)
        for course in courses:
            try:
                if by:
                    publish_course(course=course, by=by, at=at)
            except TwotierError as refused:
                raise CommandError(str(refused)) from None
            self.stdout.write(f"{course.title}: {course.get_status_display()}")
        if not courses:
            self.stdout.write(_("The shop has all courses."))


def _user(name: str | None) -> User | None:
    if not name:
        return None
    user = User.objects.filter(username=name, is_staff=True, is_active=True).first()
    if user is None:
        raise CommandError(_("There is no staff user “%(name)s”.") % {"name": name})
    return user
