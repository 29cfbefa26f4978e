"""``./manage.py remove_second_factor USERNAME``: for a lost device when no superuser can help."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from common import clock
from common.errors import TwotierError
from members.models import User
from members.sign_in.second_factor import remove_second_factor


class Command(BaseCommand):
    help = _("Remove the second factor of a staff user, who sets up a new one at the next sign-in.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(_("There is no staff user %(username)s.") % {"username": username})
        try:
            remove_second_factor(user=user, by=None, at=clock.now())
        except TwotierError as error:
            raise CommandError(str(error)) from None
