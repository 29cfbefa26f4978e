"""Create templates, save versions of their documents, and publish them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from common.locks import advisory_lock
from common.requirements import require_permission
from events.changes import change
from events.services import record
from members.models import User
from posters.events import POSTERS_TEMPLATE_CHANGED, POSTERS_TEMPLATE_PUBLISHED
from posters.models import PosterTemplate, PosterTemplateVersion
from posters.rendering import Problem, check, parse, render, samples
from sharing.wording import WordsForbidden, check_texts

UNSTORABLE = re.compile(r"\\u0000|[\ud800-\udfff]")
GENERAL = "general"
"""The industry that documents name if they suit any."""
SHIPPED = Path(__file__).resolve().parent.parent / "shipped"


class InvalidTemplateEntry(TwotierError):
    code = "poster_template_entry_invalid"
    message = _(
        "A template needs a name and a code of its own, of letters, digits, hyphens and"
        " underscores. Nothing was changed."
    )
    status = 400


class TemplateOutdated(TwotierError):
    """``data["number"]`` is the number of the latest version."""

    code = "poster_template_outdated"
    message = _(
        "Version %(number)s was saved meanwhile by somebody else. Reload the page before you"
        " save; copy your document from the JSON tab first."
    )


class TemplateUnfit(TwotierError):
    """``problems`` has all that the check found."""

    code = "poster_template_unfit"
    message = _("The template was not published: %(summary)s")
    status = 400

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(summary=self.problems[0].message, problems=len(self.problems))


class DocumentUnstorable(TwotierError):
    code = "poster_document_unstorable"
    message = _("The document has characters that cannot be stored. Remove them.")
    status = 400


class VersionUnknown(TwotierError):
    code = "poster_version_unknown"
    message = _("The template has no version %(number)s. Reload the page.")
    status = 404


@transaction.atomic
def create_template(
    *, code: str, kind: str, name: str, document: dict[str, Any], by: User | None, at: datetime,
    industry: str = "", sort: int = 100,
) -> PosterTemplate:  # fmt: skip
    """Create a template with its first version, which is not published.

    :param by: None for the templates that ship with Twotier
    :raises PermissionMissing: ``by`` may not add templates
    :raises TemplateInvalid, DocumentUnstorable: the document is not valid
    :raises InvalidTemplateEntry: the code is in use, or a value does not fit
    """
    if by:
        require_permission(by, "posters.add_postertemplate")
    _require_valid(document)
    try:
        with transaction.atomic():
            template = PosterTemplate.objects.create(
                code=code, kind=kind, name=name, industry=industry, sort=sort
            )
    except IntegrityError:
        raise InvalidTemplateEntry from None
    _add_version(template, document, number=1, by=by, at=at)
    return template


def change_template(
    *, template: PosterTemplate, by: User, at: datetime, **changes: Any
) -> PosterTemplate:
    """Change name, industry, position or offer of a template.

    :raises PermissionMissing: ``by`` may not change templates
    :raises InvalidTemplateEntry: a value does not fit
    """
    require_permission(by, "posters.change_postertemplate")
    return change(
        PosterTemplate.objects.filter(pk=template.pk), changes,
        event_type=POSTERS_TEMPLATE_CHANGED, refusal=InvalidTemplateEntry, at=at, by=by,
    )  # fmt: skip


@transaction.atomic
def save_version(
    *, template: PosterTemplate, document: dict[str, Any], base: int, by: User | None, at: datetime
) -> PosterTemplateVersion:
    """Save a document as the next version, or return the latest one if it is the same document.

    :param base: the number of the version that was edited
    :raises PermissionMissing: ``by`` may not change templates
    :raises TemplateInvalid: the document is not valid
    :raises TemplateOutdated: somebody has saved a later version
    """
    if by:
        require_permission(by, "posters.change_postertemplate")
    _require_valid(document)
    _lock(template)
    latest = template.versions.latest("number")
    if latest.sha256 == digest_of(document):
        return latest
    if latest.number != base:
        raise TemplateOutdated(number=latest.number)
    return _add_version(template, document, number=latest.number + 1, by=by, at=at)


def publish_version(
    *, template: PosterTemplate, number: int, by: User, at: datetime
) -> PosterTemplateVersion:
    """Offer a version to members from now on; it may be an earlier one, to go back.

    :raises PermissionMissing: ``by`` may not publish templates
    :raises VersionUnknown: the template has no such version
    :raises TemplateUnfit: an element is hardly legible, or the QR code cannot be read
    :raises WordsForbidden: a text of its own has words that advertising may not use
    """
    require_permission(by, "posters.publish_postertemplate")
    version = template.versions.filter(number=number).first()
    if version is None:
        raise VersionUnknown(number=number)
    # It draws several times: before the transaction. A version never changes.
    parsed = parse(version.document)
    if problems := check(parsed):
        raise TemplateUnfit(problems)
    words = chain.from_iterable(check_texts(parsed.texts, template.industry))
    if found := dict.fromkeys(words):
        raise WordsForbidden(words="、".join(found))
    _publish(template, version, by=by, at=at)
    return version


@transaction.atomic
def _publish(
    template: PosterTemplate, version: PosterTemplateVersion, *, by: User | None, at: datetime
) -> None:
    _lock(template)
    template.refresh_from_db(fields=["current_version"])
    if template.current_version_id == version.pk:
        return
    template.versions.filter(pk=version.pk, published_at=None).update(published_at=at)
    before = template.current_version
    PosterTemplate.objects.filter(pk=template.pk).update(current_version=version)
    template.current_version = version
    record(
        POSTERS_TEMPLATE_PUBLISHED, template, at=at, by=by, version=version.number,
        before={"version": before.number if before else None}, after={"version": version.number},
    )  # fmt: skip


def draw_sample() -> None:
    """Draw a shipped template with sample data, so that fonts and libraries are loaded."""
    document = json.loads(next(SHIPPED.glob("*.json")).read_text(encoding="utf-8"))
    template = parse(document)
    render(template, samples.normal(template.kind, template.industry))


def load_shipped(*, at: datetime, folder: Path = SHIPPED) -> list[str]:
    """Create the templates that ship with Twotier, and publish new versions of them.

    If the published version of a template was saved by a person, it stays published: the new
    document becomes a version that somebody may publish.

    :param folder: has a document ``<code>.json`` for each template
    :returns: the codes of the templates that were created or got a version
    :raises TemplateInvalid, DocumentUnstorable: a document is not valid
    """
    return [
        path.stem
        for sort, path in enumerate(sorted(folder.glob("*.json")), start=1)
        if _load(path.stem, json.loads(path.read_text(encoding="utf-8")), sort=sort, at=at)
    ]


@transaction.atomic
def _load(code: str, document: dict[str, Any], *, sort: int, at: datetime) -> bool:
    """Load one document; return whether that changed anything."""
    advisory_lock(f"posters.shipped:{code}")
    template = PosterTemplate.objects.filter(code=code).select_related("current_version").first()
    if template is None:
        template = create_template(
            code=code, kind=document.get("kind", PosterTemplate.Kind.PRODUCT),
            name=document["name"], industry=_industry_of(document), document=document,
            sort=sort, by=None, at=at,
        )  # fmt: skip
        _publish(template, template.versions.get(), by=None, at=at)
        return True
    if template.versions.filter(sha256=digest_of(document)).exists():
        return False
    _require_valid(document)
    _lock(template)
    number = template.versions.latest("number").number + 1
    version = _add_version(template, document, number=number, by=None, at=at)
    current = template.current_version
    if current is None or current.created_by_id is None:
        _publish(template, version, by=None, at=at)
    return True


def _industry_of(document: dict[str, Any]) -> str:
    industry: str = document.get("industry", "")
    return "" if industry == GENERAL else industry


def digest_of(document: dict[str, Any]) -> str:
    """Return the SHA-256 of a document, which does not depend on the order of its keys."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _require_valid(document: dict[str, Any]) -> None:
    with suppress(RecursionError):  # too deep even to be written: ``parse`` says so
        # PostgreSQL's JSON takes neither NUL nor half of a surrogate pair.
        if UNSTORABLE.search(json.dumps(document, ensure_ascii=False)):
            raise DocumentUnstorable
    parse(document)


def _add_version(
    template: PosterTemplate, document: dict[str, Any], *, number: int, by: User | None,
    at: datetime,
) -> PosterTemplateVersion:  # fmt: skip
    return template.versions.create(
        number=number, document=document, sha256=digest_of(document), created_by=by, created_at=at
    )


def _lock(template: PosterTemplate) -> None:
    advisory_lock(f"posters.template:{template.pk}")
