"""``./manage.py merge_members MERGED SURVIVOR``: two ids of the mall are one person."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from common import clock
from common.errors import TwotierError
from integration.merge_preview import preview_lines, preview_merge
from integration.merges import merge_members, propose_merge
from members.models import Member, User
from members.search import members_by_id


class Command(BaseCommand):
    help = _("Show what a merge of two members would do; with two users and a reason, merge them.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("merged", help=_("id of the member to be merged"))
        parser.add_argument("survivor", help=_("id of the member under whom both go on"))
        parser.add_argument("--proposer", default="", help=_("user who proposes the merge"))
        parser.add_argument("--decider", default="", help=_("another user, who agrees"))
        parser.add_argument("--reason", default="")

    def handle(
        self, *args: Any, merged: str, survivor: str, proposer: str, decider: str, reason: str,
        **options: Any,
    ) -> None:  # fmt: skip
        at = clock.now()
        members = {"merged": _member(merged), "survivor": _member(survivor)}
        for line in preview_lines(preview_merge(**members, at=at)):
            self.stdout.write(line)
        if not (proposer or decider):
            self.stdout.write(_("Nothing was changed. Give --proposer, --decider and --reason."))
            return
        try:
            with transaction.atomic():
                proposal = propose_merge(**members, reason=reason, by=_user(proposer), at=at)
                merge_members(proposal=proposal, by=_user(decider), at=at)
        except TwotierError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(self.style.SUCCESS(_("The members are merged.")))


def _member(name: str) -> Member:
    members = list(members_by_id(name)[:2])
    if len(members) != 1:
        raise CommandError(
            _("No single member has the id “%(id)s”. Enter a complete id.") % {"id": name[:40]}
        )
    return members[0]


def _user(username: str) -> User:
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise CommandError(_("There is no staff user %(username)s.") % {"username": username})
    return user
