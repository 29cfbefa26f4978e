"""What members may read of a binding, to be copied: the member, and another who claims them."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.answers import Answer, join_sentences, register_answers
from backoffice.timeline import format_moment
from common import clock
from distribution.models import Binding, Policy
from distribution.queries import binding_of
from distribution.rules import masked_name
from members.admin.person import PERSON
from members.models import Member

VIEW = "distribution.view_binding"


def of_binding(row: Binding) -> Iterator[Answer]:
    """Yield what the member reads, and what another distributor reads who claims the member."""
    yield Answer(_("to %(name)s") % {"name": row.member}, for_member(row))
    if row.ended_at is None:
        yield Answer(_("to another distributor who claims this member"), for_claimant(row))


def of_person(member: Member) -> Iterator[Answer]:
    if current := binding_of(member, at=clock.now()):
        yield from of_binding(current)


def for_member(row: Binding) -> str:
    data = {
        "upline": masked_name(str(row.distributor.member)),
        "since": format_moment(row.started_at),
        "source": row.get_source_display(),
    }
    if row.ended_at:
        text = _("%(upline)s recommended the shop to you from %(since)s to %(until)s: %(reason)s.")
        return text % {
            **data, "until": format_moment(row.ended_at), "reason": row.get_end_reason_display(),
        }  # fmt: skip
    parts = [
        _("%(upline)s has been your recommender since %(since)s (%(source)s).") % data,
        _change(row),
        _end(row),
    ]
    return join_sentences(parts)


def for_claimant(row: Binding) -> str:
    """Return why nobody else can become the upline now; the upline is not named."""
    parts = [
        _("This member has belonged to another distributor since %(since)s (%(source)s).")
        % {"since": format_moment(row.started_at), "source": row.get_source_display()},
        _("While that lasts, nobody else can become the upline, and later links change nothing."),
        _end(row),
    ]
    if days := Policy.current().poach_after_days:
        parts.append(
            ngettext(
                "If the member orders nothing for %(count)s day, another may bind them.",
                "If the member orders nothing for %(count)s days, another may bind them.",
                days,
            )
            % {"count": days}
        )
    return join_sentences(parts)


def _change(row: Binding) -> str:
    if row.can_leave_until >= clock.now():
        return _("We can change this for you until %(moment)s.") % {
            "moment": format_moment(row.can_leave_until)
        }
    return _("This could be changed within 30 days and cannot any more.")


def _end(row: Binding) -> str:
    if row.expires_at:
        return _("It ends on %(moment)s.") % {"moment": format_moment(row.expires_at)}
    return _("It has no end date.")


register_answers("distribution.binding", of_binding, permission="", order=200)
register_answers(PERSON, of_person, permission=VIEW, order=105, lazy=True)
