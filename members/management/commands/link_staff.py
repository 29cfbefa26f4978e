"""``./manage.py link_staff USERNAME MEMBER``: link a staff user to the member that they are."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from common import clock
from common.errors import TwotierError
from members.models import Member, User
from members.staff import link_staff


class Command(BaseCommand):
    help = _("Link a staff user to a member. The link never changes.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("member", help=_("member id, as the admin shows it"))

    def handle(self, *args: Any, username: str, member: str, **options: Any) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(_("There is no staff user %(username)s.") % {"username": username})
        person = Member.objects.filter(public_id=member).first()
        if person is None:
            raise CommandError(_("There is no member %(member)s.") % {"member": member})
        try:
            link_staff(user=user, member=person, at=clock.now())
        except TwotierError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{username} = {person}")
