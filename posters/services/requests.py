"""Ask for posters: equal requests find one row, other inputs make another row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from members.closing import hold_open
from members.models import Member
from members.persons import survivor_of
from members.sessions.services import AccountClosed
from posters import bell
from posters.drawing_data import sizes_of
from posters.inputs import Inputs, gather_inputs, is_final, key_of
from posters.models import Poster, PosterTemplateVersion
from posters.queries import choose_template
from posters.services.lines import accept_line, remember_line
from sharing.models import Share
from sharing.services import open_share
from sharing.targets import Target

Status = Poster.Status

RETRY_AFTER = timedelta(minutes=1)
TOUCHED_AFTER = timedelta(hours=6)
"""``last_used_at`` may lag by so much: a popular poster is not written with each request."""


class TemplateUnknown(TwotierError):
    """``data["template"]`` is the id of the request; empty if it named none."""

    code = "poster_template_unknown"
    message = _("There is no poster template %(template)s for this. Fetch the list again.")
    status = 400


class SizeNotOffered(TwotierError):
    """``data["sizes"]`` are the sizes of the template."""

    code = "poster_size_not_offered"
    message = _("This template has no posters of %(size)s. Choose one of: %(sizes)s.")
    status = 400


class PosterFailed(TwotierError):
    code = "poster_failed"
    message = _("The poster could not be drawn. Try again in a minute, or choose another template.")
    status = 503
    retry_after = 60


@dataclass(frozen=True, slots=True)
class OpenedPoster:
    poster: Poster
    is_new: bool


@transaction.atomic
def open_poster(
    *, member: Member, target: Target, at: datetime, template: str = "",
    size: str = Poster.Size.TALL, line: str = "",
) -> OpenedPoster:  # fmt: skip
    """Return the member's poster for a target: the stored one, or a new one to be drawn.

    :param template: the public id of a template; empty: the most suitable one
    :param size: one of ``Poster.Size``
    :param line: the recommendation; empty: none
    :raises AccountClosed: the member has closed the account at this moment
    :raises TemplateUnknown: it does not exist, is not offered, or is for other targets
    :raises SizeNotOffered: the template cannot be drawn in this size
    :raises TargetUnknown: there is no such target, or it cannot be shared now
    :raises LineTooLong: the line is too long
    :raises WordsForbidden: the line has words that advertising may not use
    :raises PosterFailed: it could not be drawn a moment ago
    """
    hold_open(survivor_of(member))
    chosen = choose_template(target, template=template, at=at)
    if chosen is None or chosen.current_version is None:
        raise TemplateUnknown(template=template)
    sizes = sizes_of(chosen.current_version)
    if size not in sizes:
        raise SizeNotOffered(size=size, sizes=", ".join(sizes))
    line = accept_line(line, target=target, at=at)
    share, _created = open_share(
        member=member, target=target, channel=Share.Channel.POSTER, template=chosen.public_id,
        at=at,
    )  # fmt: skip
    opened = _open(chosen.current_version, share=share, size=size, line=line, at=at)
    if line:
        remember_line(member=member, text=line, at=at)
    return opened


@transaction.atomic
def replace_stand_ins(*, share: Share, at: datetime) -> int:
    """Draw posters of a share again whose missing parts have arrived; return how many."""
    try:
        hold_open(share.owner)
    except AccountClosed:
        return 0
    replaced = 0
    rows = Poster.objects.to_replace().filter(share=share)
    for poster in rows.select_related("template_version").order_by("pk"):
        opened = _open(
            poster.template_version, share=share, size=poster.size, line=poster.line, at=at
        )
        if opened.poster.pk != poster.pk:
            Poster.objects.filter(pk=poster.pk).update(replaced_by=opened.poster)
            replaced += 1
    return replaced


def _open(
    version: PosterTemplateVersion, *, share: Share, size: str, line: str, at: datetime
) -> OpenedPoster:
    inputs = gather_inputs(share=share, line=line, at=at)
    key = key_of(version, size, share, inputs)
    stored = Poster.objects.kept().filter(key=key).first()
    if stored and _reuse(stored, at):
        return OpenedPoster(stored, is_new=False)
    return _insert(version, key, inputs, share=share, size=size, line=line, at=at)


def _reuse(poster: Poster, at: datetime) -> bool:
    """Mark a stored poster as used, or retry a failed one; return whether it still exists.

    :raises PosterFailed: it could not be drawn a moment ago
    """
    if poster.status == Status.FAILED:
        return _retry(poster, at)
    if poster.last_used_at > at - TOUCHED_AFTER:
        return True  # far too young for the sweep
    rows = Poster.objects.kept().filter(pk=poster.pk)
    return bool(rows.update(last_used_at=at))


def _retry(poster: Poster, at: datetime) -> bool:
    if poster.rung_at > at - RETRY_AFTER:
        raise PosterFailed
    failed = Poster.objects.filter(pk=poster.pk, status=Status.FAILED)
    changes = {"status": Status.WAITING, "attempts": 0, "failure": ""}
    if not failed.update(**changes, requested_at=at, rung_at=at, last_used_at=at):
        return Poster.objects.kept().filter(pk=poster.pk).exists()
    poster.refresh_from_db()
    bell.ring_on_commit(bell.DRAW, [poster.pk])
    return True


def _insert(
    version: PosterTemplateVersion, key: str, inputs: Inputs, *, share: Share, size: str,
    line: str, at: datetime,
) -> OpenedPoster:  # fmt: skip
    poster = Poster(
        member=share.owner, share=share, template_version=version, size=size, line=line,
        inputs=inputs.as_data(), key=key, is_final=is_final(inputs), requested_at=at, rung_at=at,
        last_used_at=at,
    )  # fmt: skip
    # Of equal requests at once, the key admits one; the others wait for it and find it.
    Poster.objects.bulk_create([poster], ignore_conflicts=True)
    stored = Poster.objects.kept().filter(key=key).get()
    is_new = stored.public_id == poster.public_id
    if is_new:
        bell.ring_on_commit(bell.DRAW, [stored.pk])
    return OpenedPoster(stored, is_new=is_new)
