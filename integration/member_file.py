"""Check the rows of a file of members against what is stored, and save them one by one.

A row says what ``PUT /integration/members/{external_id}`` takes when a mall moves in, and is saved
by the same service. The check only reads, so it says beforehand what that service would refuse.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from backoffice.access import StrOrPromise
from backoffice.imports import ROW, Finding, Row, RowRefused, Sentence, Text, changed, new, wrong
from common.clock import SHANGHAI
from common.errors import SelfApprovalForbidden, TwotierError
from integration.known_members import KnownMember, KnownMembers, read_known_members
from integration.mall.cells import InvalidCell, Parser, key, moment, one_of, optional, text
from integration.mall.headers import YES_NO
from integration.mall.local_time import format_time
from integration.people import (
    MALL,
    PROFILE,
    TOLERANCE,
    MemberReport,
    MoveInConflict,
    MoveInTimeInvalid,
    ReferrerUnknown,
    save_member,
)
from members.models import Identity
from members.sessions.services import AccountClosed

PROGRESS_EVERY = 500
ID, JOINED, DISTRIBUTOR, REFERRER, BOUND = (
    "external_id", "joined_at", "distributor", "referrer", "bound_at",
)  # fmt: skip
YES_OR_NO = _("Write yes or no, or leave it empty.")
WORDS = YES_NO | {"yes": "1", "Yes": "1", "no": "0", "No": "0"}
PARSERS: Mapping[str, Parser] = {
    ID: key(128),
    "nickname": text(80, blank=True),
    "province": text(40, blank=True),
    "city": text(60, blank=True),
    JOINED: optional(moment(SHANGHAI, day=True)),
    DISTRIBUTOR: optional(one_of("0", "1", words=WORDS)),
    REFERRER: key(128, blank=True),
    BOUND: optional(moment(SHANGHAI, day=True)),
}


TITLES: Mapping[str, StrOrPromise] = {
    ID: _("id in the mall"), "nickname": _("nickname"), "province": _("province"),
    "city": _("city"), JOINED: _("joined at"), DISTRIBUTOR: _("distributor"),
    REFERRER: _("referrer"), BOUND: _("bound at"),
}  # fmt: skip
OBSTACLES: Mapping[str, StrOrPromise] = {
    "own": _("Nobody refers themselves."),
    "has_upline": _("The member has another upline at this time, and an import never rebinds."),
    "not_active": _("The referrer is not an active distributor at this time."),
    "circle": _("The referrer is in the team of this member: that would be a circle."),
}


@dataclass(slots=True)
class _Parsed:
    """A row, the values of its cells, and what is wrong with them."""

    row: Row
    values: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, Text] = field(default_factory=dict)

    @property
    def external_id(self) -> str:
        return str(self.values.get(ID, ""))

    @property
    def report(self) -> MemberReport:
        """Return what the row says; an empty cell says nothing."""
        told = {name: value for name, value in self.values.items() if value not in ("", None)}
        if DISTRIBUTOR in told:
            told[DISTRIBUTOR] = told[DISTRIBUTOR] == "1"
        return MemberReport(**told)


def check_members(
    rows: Sequence[Row], *, at: datetime, progress: Callable[[int], object]
) -> list[Finding]:
    """Return what each row would do; see ``backoffice.imports.Check``."""
    parsed = [_parse(row) for row in rows]
    _find_repetitions(parsed)
    known = read_known_members(
        {row.external_id for row in parsed} | {row.values.get(REFERRER, "") for row in parsed}
    )
    against = _Against(known, {row.external_id: row for row in reversed(parsed)}, at)
    findings = []
    for count, row in enumerate(parsed, start=1):
        if not row.problems:
            against.find_refusals(row)
        if row.problems:
            findings.append(wrong(row.problems))
        else:
            findings.append(_difference(row, known))
            known.add(row.report, at=at)
        if count % PROGRESS_EVERY == 0:
            progress(count)
    return findings


def apply_members(rows: Sequence[Row], *, by: Any, at: datetime) -> None:
    """Save the rows; see ``backoffice.imports.Apply``.

    :raises RowRefused: the service refuses a row, or it would make the person a distributor
    """
    for row in rows:
        report = _parse(row).report
        try:
            _require_not_own(report, by)
            save_member(report, at=at, by=by)
        except TwotierError as refusal:
            raise RowRefused(line=row.line, reason=refusal) from None


def _require_not_own(report: MemberReport, by: Any) -> None:
    """:raises SelfApprovalForbidden: the person would become a distributor by the file"""
    own = Identity.objects.filter(
        provider=MALL, external_id=report.external_id, member=by.member_id
    )
    if report.distributor and by.member_id and own.exists():
        raise SelfApprovalForbidden


def _parse(row: Row) -> _Parsed:
    parsed = _Parsed(row)
    for name, parse in PARSERS.items():
        cell = row.get(name)
        try:
            parsed.values[name] = parse(cell)
        except InvalidCell:
            is_choice = name == DISTRIBUTOR
            parsed.problems[name] = YES_OR_NO if is_choice else _fault(parse, cell)
    if parsed.values.get(BOUND) and not parsed.values.get(REFERRER):
        parsed.problems[BOUND] = _("Give the referrer, too.")
    return parsed


def _read_fault(parse: Parser, cell: str) -> str:
    """Parse a wrong cell once more, for its sentence in the present language."""
    try:
        parse(cell)
    except InvalidCell as fault:
        return str(fault)
    return ""


_fault = lazy(_read_fault, str)


def _find_repetitions(parsed: Sequence[_Parsed]) -> None:
    counts = Counter(row.external_id for row in parsed)
    for row in parsed:
        if row.external_id and counts[row.external_id] > 1:
            row.problems[ID] = Sentence(
                _("This id is in %(count)s rows. Keep one of them."),
                {"count": counts[row.external_id]},
            )


@dataclass(frozen=True, slots=True)
class _Against:
    """What a row is compared with: what is stored, the rows above, and all others by id."""

    known: KnownMembers
    places: Mapping[str, _Parsed]
    at: datetime

    def find_refusals(self, row: _Parsed) -> None:
        """Add what ``save_member`` would refuse."""
        report, member = row.report, self.known.find(row.external_id)
        if member and member.is_closed:
            row.problems[ROW] = AccountClosed()
            return
        self._find_wrong_times(row, report, member)
        if report.referrer and not row.problems:
            self._find_wrong_referrer(row, report, member)

    def _find_wrong_times(
        self, row: _Parsed, report: MemberReport, member: KnownMember | None
    ) -> None:
        joined = [moment for moment in (report.joined_at, member and member.joined_at) if moment]
        for name, earliest in ((JOINED, None), (BOUND, min(joined, default=self.at))):
            given: datetime | None = getattr(report, name)
            if given and (given > self.at + TOLERANCE or (earliest and given < earliest)):
                row.problems[name] = MoveInTimeInvalid(field=TITLES[name], given=format_time(given))

    def _find_wrong_referrer(
        self, row: _Parsed, report: MemberReport, member: KnownMember | None
    ) -> None:
        referrer = self.known.find(report.referrer or "")
        if referrer is None:
            row.problems[REFERRER] = self._missing_referrer(report)
        elif member and member.referrer:
            row.problems |= _differences(report, member, referrer)
        else:
            bound_at = report.bound_at or report.joined_at or self.at
            if outcome := self.known.obstacle(row.external_id, referrer, bound_at):
                row.problems[REFERRER] = OBSTACLES[outcome]

    def _missing_referrer(self, report: MemberReport) -> Text:
        other = self.places.get(report.referrer or "")
        if other is None:
            return ReferrerUnknown(referrer=report.referrer)
        if other.external_id == report.external_id:
            return OBSTACLES["own"]
        return Sentence(
            _(
                "The referrer is in line %(line)s, below this row or with an error. Correct"
                " it, and sort the rows by the time of joining."
            ),
            {"line": other.row.line},
        )


def _differences(
    report: MemberReport, member: KnownMember, referrer: KnownMember
) -> dict[str, Text]:
    """Return what differs from the known referral, which never changes."""
    if member.referrer != referrer.person:
        return {
            REFERRER: MoveInConflict(
                field=TITLES[REFERRER], known=member.referrer_name, given=report.referrer
            )
        }
    if report.bound_at and report.bound_at != member.referred_at:
        assert member.referred_at
        return {
            BOUND: MoveInConflict(
                field=TITLES[BOUND], known=format_time(member.referred_at),
                given=format_time(report.bound_at),
            )
        }  # fmt: skip
    return {}


def _difference(row: _Parsed, known: KnownMembers) -> Finding:
    """Return whether a valid row is new, or what it changes."""
    member, report = known.find(row.external_id), row.report
    if member is None:
        return new()
    old: dict[str, Text] = {}
    for name in PROFILE:
        value = getattr(report, name)
        if value is not None and value != getattr(member, name):
            old[name] = getattr(member, name) or "–"
    if report.joined_at and report.joined_at < member.joined_at:
        old[JOINED] = format_time(member.joined_at)
    if report.distributor and not member.is_distributor:
        old[DISTRIBUTOR] = _("no")
    if report.referrer and not member.referrer:
        old[REFERRER] = "–"
    return changed(old)
