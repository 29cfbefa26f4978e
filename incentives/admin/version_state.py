"""Say on a version's page where it stands, and offer what this person can do with it now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from backoffice.names import staff_name
from common import clock
from common.clock import format_moment
from incentives.admin import words
from incentives.admin.review import Review, review_of
from incentives.models import Version

EDIT = "incentives.change_version"
PUBLISH = "incentives.publish_version"
TRY = (EDIT, PUBLISH)
"""Either right is enough to try a version: nothing is published by it."""
Status = Version.Status


@dataclass(frozen=True, slots=True)
class Link:
    """A page of the version that this person may open."""

    title: str | Promise
    url: str
    icon: str
    is_primary: bool = False


def context(request: HttpRequest, version: Version) -> dict[str, Any]:
    """Return the context of ``version_state.html``."""
    at = clock.now()
    rewards = list(version.rewards.select_related("coupon", "gift__product", "level"))
    review = review_of(version, rewards, at=at)
    return {
        "version": version,
        "steps": steps(version),
        "sentences": sentences(version, request.user),
        "version_links": links(version, request.user),
        "review": review if version.status != Status.PUBLISHED else None,
        **terms(version, review),
    }


def terms(version: Version, review: Review) -> dict[str, Any]:
    """Return the context of ``terms.html``: the sentence, the rewards and the other terms."""
    return {
        "sentence": review.sentence,
        "facts": words.facts_of(version),
        "reward_rows": words.reward_rows(version, review.rewards),
        "terms_for_members": version.terms,
    }


def url(page: str, *args: Any) -> str:
    return reverse(f"admin:incentives_version_{page}", args=args)


def steps(version: Version) -> list[tuple[str, str]]:
    """Return the steps of a version's life, each with ``done``, ``now`` or ``later``."""
    titles = [_("Draft"), _("Waits for publication"), _("Published")]
    now = list(Status.values).index(version.status)
    done = version.status == Status.PUBLISHED
    return [
        (title, "done" if place < now or done else "now" if place == now else "later")
        for place, title in enumerate(titles)
    ]


def sentences(version: Version, user: Any) -> list[str]:
    """Return what happened to a version and what comes next, for this person."""
    if version.status == Status.PUBLISHED:
        return [_published(version), _started(version, clock.now())]
    if version.status == Status.DRAFT:
        returned = _("Returned: %(reason)s") % {"reason": version.return_reason}
        return [returned] if version.return_reason else []
    text = [
        _("%(by)s handed it over on %(at)s, to everyone who may publish incentives.")
        % {
            "by": staff_name(version.submitted_by),
            "at": format_moment(version.submitted_at or clock.now()),
        }
    ]
    if user.pk in version.editors:
        text.append(_("You have edited this incentive, so somebody else publishes it."))
    return text


def _published(version: Version) -> str:
    assert version.published_at is not None, "a published version has its time"
    data = {"by": staff_name(version.published_by), "at": format_moment(version.published_at)}
    return _("%(by)s published it on %(at)s.") % data


def _started(version: Version, at: datetime) -> str:
    assert version.starts_at is not None, "a published version has its start"
    data = {"at": format_moment(version.starts_at)}
    if version.starts_at > at:
        return _("Orders that are paid from %(at)s on will count by it.") % data
    return _("Orders that were paid from %(at)s on count by it, until another version starts.") % (
        data
    )


def links(version: Version, user: Any) -> list[Link]:
    """Return the pages that this person may open, the next step last."""
    found = []
    if any(map(user.has_perm, TRY)):
        found += [
            Link(_("Simulate"), url("simulate", version.pk), "calculate"),
            Link(_("Back-test"), url("back_test", version.pk), "history"),
        ]
    if version.incentive.versions.count() > 1:
        found.append(Link(_("Compare versions"), url("compare", version.pk), "compare"))
    if version.status == Status.DRAFT and user.has_perm(EDIT):
        is_next = not may_publish(version, user)
        found.append(Link(_("Hand over"), url("submit", version.pk), "send", is_primary=is_next))
    if may_take_back(version, user):
        found.append(Link(_("Take back"), url("return", version.pk), "undo"))
    if may_publish(version, user):
        link = url("publish", version.pk)
        found.append(Link(_("Check and publish"), link, "publish", is_primary=True))
    return found


def may_publish(version: Version, user: Any) -> bool:
    """Whether to offer publication. The service has the last word."""
    return (
        version.status != Status.PUBLISHED
        and user.has_perm(PUBLISH)
        and user.pk not in version.editors
    )


def may_take_back(version: Version, user: Any) -> bool:
    """Whether to offer an editor to make a version that was handed over a draft again."""
    return version.status == Status.SUBMITTED and user.has_perm(EDIT) and user.pk in version.editors
