"""``./manage.py import_mall DIR``: move an existing mall in."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from common import clock
from common.arguments import aware_datetime
from common.errors import TwotierError
from integration.mall import file_contradictions, goods, plan, replay
from integration.mall.cross_checks import find_problems, sorted_problems
from integration.mall.files import Files, read_all
from integration.mall.sheets import Problem
from members.models import User

EDITOR, PUBLISHER = "mall-import-editor", "mall-import-publisher"
MAX_PROBLEMS_SHOWN = 200


class Command(BaseCommand):
    help = _(
        "Move a mall in from six CSV files: all are checked first; any error imports nothing."
        " Running it again changes nothing, or finishes what was interrupted."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dir", type=Path, help=_("the folder with the files"))
        parser.add_argument(
            "--until", type=aware_datetime, metavar="TIME",
            help=_("leave out what happened later (ISO 8601 with offset)"),
        )  # fmt: skip
        parser.add_argument(
            "--edited-by", metavar="USER", help=_("who answers for the rules of rules.csv")
        )
        parser.add_argument(
            "--published-by", metavar="USER", help=_("who publishes them: somebody else")
        )

    def handle(
        self,
        *,
        dir: Path,  # noqa: A002 - the argument's name
        until: datetime | None,
        edited_by: str | None,
        published_by: str | None,
        **options: Any,
    ) -> None:
        self.stdout.write(_("Checking the files …"))
        files, problems = read_all(dir)
        # What refers to rows that cannot be read would only be told twice.
        problems = (
            problems
            or list(find_problems(files))
            or list(file_contradictions.find_contradictions(files, until))
        )
        self._fail_on([*problems, *plan.find_problems(files)])
        try:
            people = self._plan_users(files, edited_by, published_by)
            self._report_catalog(self._import_catalog_and_rules(files, dir.resolve().name, people))
            self._replay(files, until)
        except TwotierError as refusal:
            raise CommandError(str(refusal)) from None

    def _fail_on(self, problems: list[Problem]) -> None:
        if not problems:
            return
        for problem in sorted_problems(problems)[:MAX_PROBLEMS_SHOWN]:
            self.stderr.write(str(problem))
        raise CommandError(
            _("%(count)s errors; nothing was imported.") % {"count": len(set(problems))}
        )

    def _plan_users(
        self, files: Files, edited_by: str | None, published_by: str | None
    ) -> tuple[User, User] | None:
        """Who answers for the plan; nobody need be named when it is known already."""
        if not files.rules.rows or plan.is_imported(files.rules):
            return None
        if edited_by is None and published_by is None and not settings.PRODUCTION:
            names: tuple[str, ...] = (EDITOR, PUBLISHER)
            for name in names:
                User.objects.get_or_create(username=name, defaults={"is_active": False})
        else:
            names = (edited_by or "", published_by or "")
        if names[0] == names[1] or not all(names):
            raise CommandError(
                _("The rules become a plan that two people answer for: name --edited-by and"
                  " --published-by, not the same.")
            )  # fmt: skip
        found = {user.username: user for user in User.objects.filter(username__in=names)}
        for name in names:
            if name not in found:
                raise CommandError(_("There is no user “%(name)s”.") % {"name": name})
        return found[names[0]], found[names[1]]

    @transaction.atomic
    def _import_catalog_and_rules(
        self, files: Files, name: str, people: tuple[User, User] | None
    ) -> goods.CatalogImport:
        """Goods and rules come together: a plan that is refused leaves nothing behind."""
        at = clock.now()
        shelves = goods.import_catalog(files, at=at)
        if people:
            editor, publisher = people
            plan.publish_once(
                files.rules, name=name, edited_by=editor, published_by=publisher, at=at
            )
        return shelves

    def _report_catalog(self, shelves: goods.CatalogImport) -> None:
        if not shelves.has_changes:
            self.stdout.write(_("Goods: nothing has changed."))
            return
        self.stdout.write(
            _("Goods: %(goods)s new, %(goods_changed)s changed."
              " Categories: %(categories)s new, %(categories_changed)s changed.")
            % asdict(shelves)
        )  # fmt: skip

    def _replay(self, files: Files, until: datetime | None) -> None:
        done = 0
        for progress in replay.replay(files, until=until):
            done = progress.done
            self.stdout.write(
                _("%(done)s facts, until %(until)s")
                % {"done": done, "until": f"{progress.until.astimezone(clock.SHANGHAI):%F %R}"}
            )
        self.stdout.write(self.style.SUCCESS(_("Imported: %(done)s facts.") % {"done": done}))
