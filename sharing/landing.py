"""Find the page that a share opens: ours, or the mall's, as the merchant sets for each kind."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from django.conf import settings

from sharing.models import LandingPolicy, Share
from sharing.targets import TargetFacts

PLACEHOLDERS = ("sku", "id", "code")


@dataclass(frozen=True, slots=True)
class Landing:
    url: str
    """A whole address, or a path of our own pages."""
    mini_path: str
    """In the mini-program, with the share."""


def landing_of(share: Share, facts: TargetFacts, *, code: str = "") -> Landing:
    """Return where a share opens.

    :param code: the compound code of a share without a row; empty: the share's own
    """
    policy = LandingPolicy.objects.filter(kind=share.target_kind).first()
    return landing_by(policy, share, facts, code=code)


def landing_by(
    policy: LandingPolicy | None, share: Share, facts: TargetFacts, *, code: str = ""
) -> Landing:
    """Return where a share opens under a policy of its kind, or by default without one."""
    values = {"sku": facts.sku, "id": share.target_id, "code": code or share.code}
    url = _filled(policy.url, values) if policy and policy.url else ""
    path = _filled(policy.mini_path, values) if policy and policy.mini_path else ""
    return Landing(
        url or with_share(facts.h5_path, values["code"]),
        path or with_share(facts.mini_path or settings.WECHAT_SHARE_PAGE, values["code"]),
    )


def with_share(address: str, code: str) -> str:
    """Return an address with the share as a parameter."""
    mark = "&" if "?" in address else "?"
    return f"{address}{mark}{urlencode({'share': code})}"


def _filled(text: str, values: dict[str, str]) -> str:
    for name in PLACEHOLDERS:
        text = text.replace(f"{{{name}}}", quote(values[name], safe=""))
    return text
