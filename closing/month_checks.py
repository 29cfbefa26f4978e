"""What is missing before a month can be closed, as sentences with the way to each cause."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.menu import Target
from backoffice.names import staff_name
from backoffice.timeline import format_moment
from closing.models import Control, ControlRun
from closing.queries import present_differences
from ledger import months
from ledger.models import Period
from members.models import User
from withdrawals.models import TaxEntry

SHOWN = 5
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Way:
    """A link to what a sentence is about."""

    text: str
    target: Target


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of the close. ``is_done`` is ``None`` while it cannot be told yet."""

    name: str
    is_done: bool | None
    text: str
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True, slots=True)
class MonthState:
    """The next month to close and its conditions.

    ``may_sign``: nothing that this page knows is missing. The service checks everything again.
    """

    month: date
    checks: list[Check] = field(default_factory=list)

    @property
    def may_sign(self) -> bool:
        return all(check.is_done is not False for check in self.checks)


def month_state(*, by: User, at: datetime) -> MonthState:
    """Return what is missing before the next month can be closed, without running a control."""
    month = months.next_month_to_close(at)
    period = Period.objects.select_related("first_signer").filter(month=month).first()
    return MonthState(
        month, [_over(month, at), _payments(month), _controls(month), _signatures(period, by)]
    )


def _over(month: date, at: datetime) -> Check:
    text = f"{month:%Y-%m}"
    if at >= months.month_end(month):
        return Check("over", True, _("%(month)s is over.") % {"month": text})
    first = months.next_month(month)
    return Check(
        "over", False,
        _("%(month)s is not over yet. It can be closed from %(from)s.")
        % {"month": text, "from": first.isoformat()},
    )  # fmt: skip


def _payments(month: date) -> Check:
    rows = TaxEntry.objects.filter(
        year=month.year, month=month.month, released_at=None, attempt__ended_at=None
    ).order_by("attempt_id")
    found = list(rows.values_list("attempt__out_bill_no", "attempt")[: SHOWN + 1])
    if not found:
        return Check("payments", True, _("Every payment that started in it has its outcome."))
    ways = [Way(number, Target("withdrawals.attempt", row=key)) for number, key in found[:SHOWN]]
    if len(found) > SHOWN:
        ways.append(Way(_("all of them"), Target("withdrawals.attempt", filters={"open": "yes"})))
    return Check(
        "payments", False,
        _("Payments that started in it are still in progress. Sign after they have finished."),
        tuple(ways),
    )  # fmt: skip


def _controls(month: date) -> Check:
    last = ControlRun.objects.finished().first()
    end = months.next_month(month) - DAY
    way = Way(_("Controls"), Target("office:controls"))
    if last is None or last.day < end:
        return Check(
            "controls", None,
            _("The controls have not run for the whole month yet. Signing runs them; they can be"
              " run before."),
            (way,),
        )  # fmt: skip
    counts = present_differences()
    if not counts:
        return Check(
            "controls", True,
            _("All %(count)s controls agree, as of %(time)s.")
            % {"count": len(Control), "time": _time(last)},
            (way,),
        )  # fmt: skip
    ways = tuple(
        Way(
            f"{Control(name).label} ({count})",
            Target("closing.difference", filters={"control__exact": name, "state": "open"}),
        )
        for name, count in sorted(counts.items())
    )  # fmt: skip
    total = sum(counts.values())
    return Check(
        "controls", False,
        ngettext(
            "%(count)s difference was open at %(time)s. Remove its cause, then run the controls"
            " again.",
            "%(count)s differences were open at %(time)s. Remove their causes, then run the"
            " controls again.",
            total,
        ) % {"count": total, "time": _time(last)},
        (*ways, way),
    )  # fmt: skip


def _signatures(period: Period | None, by: User) -> Check:
    if period is None:
        return Check("signatures", None, _("Nobody has signed it yet. Two people sign."))
    who = staff_name(period.first_signer)
    if period.first_signer_id == by.pk or (
        by.member_id and by.member_id == period.first_signer_member
    ):
        return Check("signatures", False, _("You have signed it. Another person signs next."))
    return Check(
        "signatures", None,
        _("%(who)s has signed it. The second signature closes it permanently.") % {"who": who},
    )  # fmt: skip


def _time(run: ControlRun) -> str:
    return format_moment(run.ended_at) if run.ended_at else ""
