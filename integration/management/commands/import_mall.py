"""``./manage.py import_mall DIR``: import an existing mall."""

from __future__ import annotations

from argparse import ArgumentTypeError
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from common import clock
from common.clock import aware_datetime
from common.errors import TwotierError
from integration.mall import file_warnings, goods, replay
from integration.mall.checks import Checked, check
from integration.mall.error_report import write_report
from integration.mall.files import Files
from integration.mall.goods_and_rules import import_goods_and_rules, needs_plan
from integration.mall.left_out import LeftOut, require_empty
from integration.mall.order_conflicts import TooManyConflicts, file_order_conflicts
from integration.mall.problems import describe
from integration.mall.retries import with_retries
from members.models import REVIEW_WAIT, User

EDITOR, PUBLISHER = "mall-import-editor", "mall-import-publisher"


def time_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, ZoneInfoNotFoundError):
        message = _("“%(name)s” is not a time zone such as Asia/Shanghai") % {"name": name}
        raise ArgumentTypeError(message) from None


class Command(BaseCommand):
    help = _(
        "Import a mall from CSV or .xlsx files. All files are checked first; an error imports"
        " nothing. Running it again changes nothing, or completes an interrupted import."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dir", type=Path, help=_("the folder of the files"))
        parser.add_argument(
            "--until", type=aware_datetime, metavar="TIME",
            help=_("ignore everything after this time (ISO 8601 with offset)"),
        )  # fmt: skip
        parser.add_argument(
            "--timezone", type=time_zone, default=clock.SHANGHAI, metavar="ZONE",
            help=_("the time zone of times without an offset (default: Asia/Shanghai)"),
        )  # fmt: skip
        parser.add_argument(
            "--report", type=Path, metavar="FILE.xlsx",
            help=_("write a workbook that lists the errors and marks their cells"),
        )  # fmt: skip
        parser.add_argument(
            "--skip-bad", type=Path, metavar="FOLDER",
            help=_("import the good orders, and write those with errors into this new folder"),
        )  # fmt: skip
        parser.add_argument(
            "--edited-by",
            metavar="USER",
            help=_("the user recorded as editor of the rules in rules.csv"),
        )
        parser.add_argument(
            "--published-by", metavar="USER", help=_("the user who publishes them, not the editor")
        )

    def handle(
        self,
        *,
        dir: Path,  # noqa: A002 - the argument's name
        until: datetime | None,
        timezone: ZoneInfo,
        report: Path | None,
        skip_bad: Path | None,
        edited_by: str | None,
        published_by: str | None,
        **options: Any,
    ) -> None:
        self.stdout.write(_("Checking the files …"))
        try:
            files, left_out = self._check(dir, until, timezone, report, skip_bad)
            self._warn_of(files, until)
            people = self._plan_users(files, edited_by, published_by)
            catalog = with_retries(
                lambda: import_goods_and_rules(
                    files, name=dir.resolve().name, people=people, at=clock.now()
                )
            )
            self._report_catalog(catalog)
            self._replay(files, until)
            self._report_left_out(left_out, skip_bad)
        except TwotierError as refusal:
            raise CommandError(str(refusal)) from None

    def _check(
        self,
        folder: Path,
        until: datetime | None,
        zone: ZoneInfo,
        report: Path | None,
        skip_bad: Path | None,
    ) -> tuple[Files, LeftOut | None]:
        """Return the files to be imported, and the orders that are left out with ``skip_bad``."""
        if skip_bad:
            require_empty(skip_bad)
        checked = with_retries(
            lambda: check(
                folder, until=until, zone=zone, skip_bad=skip_bad is not None, clock=clock.now()
            )
        )
        if report and checked.problems:
            write_report(report, checked.problems, checked.files)
        if checked.problems:
            self._file_conflicts(checked, until)
        if checked.fatal:
            for line in describe(checked.fatal, checked.files.headers):
                self.stderr.write(line)
            message = _("%(count)s errors; nothing was imported.")
            raise CommandError(message % {"count": len(set(checked.fatal))})
        if skip_bad and checked.left_out and checked.left_out.numbers:
            checked.left_out.write(folder, skip_bad)
            for line in describe(checked.problems, checked.files.headers):
                self.stdout.write(line)
        return checked.files, checked.left_out

    def _file_conflicts(self, checked: Checked, until: datetime | None) -> None:
        try:
            count = file_order_conflicts(
                checked.all_files, checked.problems, until=until, clock=clock.now()
            )
        except TooManyConflicts:
            for line in describe(checked.problems, checked.files.headers):
                self.stderr.write(line)
            raise
        if count:
            message = _(
                "Filed conflicts of %(count)s orders: their commissions are held until the mall"
                " reports what is stored, or a person decides."
            )
            self.stdout.write(self.style.WARNING(message % {"count": count}))

    def _report_left_out(self, left_out: LeftOut | None, folder: Path | None) -> None:
        if left_out and left_out.numbers:
            message = _(
                "Left out %(count)s orders with errors. They are in %(folder)s: correct them there,"
                " and import that folder."
            )
            shown = {"count": len(left_out.numbers), "folder": folder}
            self.stdout.write(self.style.WARNING(message % shown))

    def _warn_of(self, files: Files, until: datetime | None) -> None:
        warnings = file_warnings.find_warnings(files, until=until)
        if lines := list(describe(warnings, files.headers)):
            self.stdout.write(
                self.style.WARNING(_("Please look at these; they are imported all the same:"))
            )
        for line in lines:
            self.stdout.write(line)

    def _plan_users(
        self, files: Files, edited_by: str | None, published_by: str | None
    ) -> tuple[User, User] | None:
        """Return the plan's editor and publisher; ``None`` if there is no plan to publish."""
        if not needs_plan(files):
            return None
        if edited_by is None and published_by is None and not settings.PRODUCTION:
            names: tuple[str, ...] = (EDITOR, PUBLISHER)
            closed = {"is_active": False, "may_review_from": clock.now() - REVIEW_WAIT}
            for name in names:
                User.objects.get_or_create(username=name, defaults=closed)
        else:
            names = (edited_by or "", published_by or "")
        if names[0] == names[1] or not all(names):
            raise CommandError(
                _("The rules become a plan, which needs two different people: give --edited-by and"
                  " --published-by.")
            )  # fmt: skip
        users = {user.username: user for user in User.objects.filter(username__in=names)}
        for name in names:
            if name not in users:
                raise CommandError(_("There is no user “%(name)s”.") % {"name": name})
        return users[names[0]], users[names[1]]

    def _report_catalog(self, catalog: goods.CatalogImport) -> None:
        if not catalog.has_changes:
            self.stdout.write(_("Goods: no changes."))
            return
        self.stdout.write(
            _("Goods: %(goods)s new, %(goods_changed)s changed."
              " Categories: %(categories)s new, %(categories_changed)s changed.")
            % asdict(catalog)
        )  # fmt: skip

    def _replay(self, files: Files, until: datetime | None) -> None:
        count = 0
        for progress in replay.replay(files, until=until, clock=clock.now()):
            count = progress.event_count
            self.stdout.write(
                _("%(count)s events, until %(until)s")
                % {"count": count, "until": f"{progress.until.astimezone(clock.SHANGHAI):%F %R}"}
            )
        self.stdout.write(self.style.SUCCESS(_("Imported %(count)s events.") % {"count": count}))
