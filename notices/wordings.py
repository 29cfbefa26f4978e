"""Change what notices say: save a version, try it, put it into force, or go back."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from common import status
from common.errors import TwotierError
from common.locks import advisory_lock
from common.requirements import require_permission
from events.services import record
from members.models import User
from notices import placeholders, scenes
from notices.consents import has_consent
from notices.events import NOTICES_TRIED, NOTICES_WORDING_CHANGED, NOTICES_WORDING_SAVED
from notices.messages import queue_message
from notices.models import Message, Notice, Wording
from notices.samples import sample

PERMISSION = "notices.change_wording"
TEXTS = ("title_zh", "body_zh", "title_en", "body_en", "thing", "phrase")
WITHOUT_VALUES = ("title_zh", "title_en", "thing", "phrase")
PHRASE = re.compile(r"[一-鿿]{1,5}")
JOINER = "\u200d"  # within emoji
Channels, Status = Wording.Channels, Wording.Status


class WordingInvalid(TwotierError):
    """``field``: the name of the text that is wrong."""

    code = "wording_invalid"
    message = _("%(fault)s Nothing was saved.")
    status = 400


class WordingOutdated(TwotierError):
    code = "wording_outdated"
    message = _(
        "%(name)s has saved version %(number)s meanwhile. Nothing was saved. Look at it, and save"
        " your texts again if they should follow it."
    )


class WordingUnchanged(TwotierError):
    code = "wording_unchanged"
    message = _("This is what version %(number)s says already. Nothing was saved.")


class NoMemberLinked(TwotierError):
    code = "no_member_linked"
    message = _(
        "Your account belongs to no member, so there is nobody to send it to. Two people link it"
        " under “Links of staff”."
    )


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial that was sent; ``by_wechat`` says whether it also goes out by WeChat, or why not."""

    notice: Notice
    by_wechat: bool
    reason: Any = ""


def latest_number(kind: str) -> int:
    """Return the number of the latest version of a kind; 0 if there is none."""
    return Wording.objects.filter(kind=kind).aggregate(last=Max("number"))["last"] or 0


@transaction.atomic
def save_wording(
    *, kind: str, texts: Mapping[str, str], channels: str, based_on: int, by: User, at: datetime
) -> Wording:
    """Save a version of the texts of a kind; it is not in force yet.

    :param texts: by the names of ``TEXTS``; an empty or missing one is the shipped text
    :param based_on: the number of the latest version that the person has seen
    :raises PermissionMissing: ``by`` may not change templates
    :raises WordingInvalid: a text cannot be sent like this, or the channel does not exist
    :raises WordingOutdated: there is a later version
    :raises WordingUnchanged: the latest version says the same
    """
    require_permission(by, PERMISSION)
    advisory_lock(f"notices.wording:{kind}")
    last = Wording.objects.filter(kind=kind).order_by("-number").first()
    number = last.number if last else 0
    if number != based_on:
        raise WordingOutdated(number=number, name=str(last.created_by) if last else "")
    values = {name: checked(kind, name, texts.get(name, "")) for name in TEXTS}
    values["channels"] = _checked_channels(kind, channels)
    if last and all(getattr(last, name) == value for name, value in values.items()):
        raise WordingUnchanged(number=number)
    row = Wording.objects.create(
        kind=kind, number=number + 1, created_by=by, created_at=at, **values
    )
    record(NOTICES_WORDING_SAVED, row, at=at, by=by, kind=kind, number=row.number)
    return row


def checked(kind: str, name: str, text: str) -> str:
    """Return a text as it is stored.

    :raises WordingInvalid: it has invisible characters, is too long for its place, shows a value
        that the kind does not have, or shows one where none fits
    """
    text = placeholders.to_stored(kind, " ".join(text.split()))
    field: Any = Wording._meta.get_field(name)
    fault: Any = ""
    if any(_is_invisible(character) for character in text):
        fault = _("The text has an invisible character. Type it instead of copying it.")
    elif len(text) > field.max_length:
        fault = _("The text has %(length)s characters; %(limit)s fit.") % {
            "length": len(text), "limit": field.max_length,
        }  # fmt: skip
    elif name in WITHOUT_VALUES and placeholders.BRACES.search(text):
        fault = _("Values in braces are for the text only.")
    elif wrong := placeholders.unknown(kind, text):
        fault = _("“%(part)s” is no value of this message. It has: %(values)s") % {
            "part": wrong, "values": " ".join(placeholders.labels_of(kind)) or _("none"),
        }  # fmt: skip
    elif name == "phrase" and text and not PHRASE.fullmatch(text):
        fault = _("WeChat takes one to five Chinese characters here.")
    if fault:
        raise WordingInvalid(field=name, fault=fault)
    return text


def _checked_channels(kind: str, channels: str) -> str:
    offered = offered_channels(kind)
    if channels not in offered:
        raise WordingInvalid(field="channels", fault=_("This message has no such channel."))
    return channels


def offered_channels(kind: str) -> list[str]:
    """Return the channels that a kind can go out by; WeChat has no template for some kinds."""
    has_scene = kind in scenes.SCENES
    return [str(channel) for channel in Channels if channel != Channels.WECHAT or has_scene]


@transaction.atomic
def put_into_force(*, wording: Wording, by: User, at: datetime) -> None:
    """Let new notices of the kind say what this version says; those that were sent keep theirs.

    :raises PermissionMissing: ``by`` may not change templates
    :raises WrongStatus: it is in force already
    """
    require_permission(by, PERMISSION)
    advisory_lock(f"notices.wording:{wording.kind}")
    before = Wording.objects.in_force().filter(kind=wording.kind).first()
    if before and before.pk != wording.pk:
        status.move(before, to=Status.REPLACED)
    status.move(wording, to=Status.IN_FORCE, in_force_by=by, in_force_since=at)
    _record_change(wording, before, wording, by=by, at=at)


@transaction.atomic
def use_shipped_texts(*, wording: Wording, by: User, at: datetime) -> None:
    """Let new notices of the kind say what is shipped, instead of the version in force.

    :raises PermissionMissing: ``by`` may not change templates
    :raises WrongStatus: the version is not in force any more
    """
    require_permission(by, PERMISSION)
    advisory_lock(f"notices.wording:{wording.kind}")
    status.move(wording, to=Status.REPLACED)
    _record_change(wording, wording, None, by=by, at=at)


def _record_change(
    subject: Wording, before: Wording | None, after: Wording | None, *, by: User, at: datetime
) -> None:
    record(
        NOTICES_WORDING_CHANGED, subject, at=at, by=by, kind=subject.kind,
        before={"version": before.number if before else 0},
        after={"version": after.number if after else 0},
    )  # fmt: skip


@transaction.atomic
def send_trial(*, kind: str, wording: Wording | None, by: User, at: datetime) -> Trial:
    """Send an example to the member that this person is, with the texts of a version.

    :param wording: ``None``: the shipped texts
    :raises PermissionMissing: ``by`` may not change templates
    :raises NoMemberLinked: the person is no member
    """
    require_permission(by, PERMISSION)
    if by.member is None:
        raise NoMemberLinked
    notice = sample(kind, wording, at=at)
    notice.member, notice.tester = by.member, by
    notice.save(force_insert=True)
    record(NOTICES_TRIED, notice, at=at, by=by, kind=kind, number=wording.number if wording else 0)
    reason = why_not_by_wechat(notice)
    if not reason:
        queue_message(notice)
    return Trial(notice, not reason, reason)


def why_not_by_wechat(notice: Notice) -> Any:
    """Return why a notice goes out in the app only; empty if it also goes out by WeChat."""
    if notice.kind not in scenes.SCENES:
        return _("This message is only sent in the app.")
    if notice.wording and notice.wording.channels != Channels.WECHAT:
        return _("This version is not sent by WeChat.")
    template = scenes.template_of(notice.kind)
    if not template:
        return _("No template of WeChat is set for this message.")
    if not has_consent(member=notice.member.merged_into_id or notice.member_id, template=template):
        return Message.Failure.NO_CONSENT.label
    return ""


def _is_invisible(character: str) -> bool:
    return character != JOINER and unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co"}
