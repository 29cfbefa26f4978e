"""No unlawful form is handed over or published, whatever way it came into a draft."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from common.errors import TwotierError
from events.models import Event
from incentives.models import Budget, PeriodKind, Reward, Version
from incentives.services.drafts import edit
from incentives.services.publication import publish, submit
from incentives.services.versions import IncentiveNotLawful
from incentives.terms import copy_rewards
from members.models import User
from tests.cast import NOON
from tests.incentives.offers import draft, reward
from tests.incentives.unlawful_terms import ARTICLES, LANGUAGES, STRUCTURES, WORDS
from tests.shop import sku

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.mark.parametrize(("code", "fields", "given"), STRUCTURES.values(), ids=list(STRUCTURES))
def test_an_unlawful_structure_is_never_published(
    code: str, fields: dict[str, Any], given: Reward, qian: User, feng: User
) -> None:
    version = draft()
    store(version, fields, given)

    assert_refused(version, code, qian, feng)


@pytest.mark.parametrize(
    ("code", "text"), [(code, text) for code, texts in WORDS.items() for text in texts]
)
def test_unlawful_words_are_never_published(code: str, text: str, qian: User, feng: User) -> None:
    assert_refused(draft(terms=text), code, qian, feng)
    if len(text) <= (Version._meta.get_field("name").max_length or 0):
        assert_refused(draft(name=text), code, qian, feng)


@pytest.mark.parametrize("metric", ["tier3_sales", "entry_fees", "headcount"])
def test_a_metric_outside_the_list_is_not_even_drafted(metric: str, qian: User) -> None:
    version = draft()
    with pytest.raises(IncentiveNotLawful):
        edit(version=version, by=qian, at=NOON, rewards=[reward()], metric=metric)

    assert Version.objects.get().metric == "own_orders"


def store(version: Version, fields: dict[str, Any], given: Reward) -> None:
    """Put terms into a draft past the services, as a script at the database might."""
    [copy] = copy_rewards([given])
    copy.version = version
    if given.kind == Reward.Kind.LEVEL:
        level = given.level
        assert level is not None, "the table has a level"
        copy.level = type(level).objects.create(rank=90 + level.rank, name=level.name)
    if given.kind == Reward.Kind.GIFT:
        copy.gift = sku()
    version.rewards.all().delete()
    copy.save()
    Version.objects.filter(pk=version.pk).update(**{"period": PeriodKind.MONTH, **fields})
    version.refresh_from_db()


def assert_refused(version: Version, code: str, editor: User, publisher: User) -> None:
    """Check that both verbs name the article in both languages, and that nothing moved."""
    before = _state(version)
    for place, language in enumerate(LANGUAGES):
        with translation.override(language):
            errors = [
                _refusal(lambda: submit(version=version, by=editor, at=NOON)),
                _refusal(lambda: publish(version=version, by=publisher, at=NOON)),
            ]
            for error in errors:
                assert code in error.data["codes"]
                assert all(ARTICLES[found][place] in str(error) for found in error.data["codes"])
    assert _state(version) == before
    assert not Version.objects.published().exists()
    assert not Budget.objects.exists()
    assert not Event.objects.filter(name__in=MOVED).exists()


MOVED = ("incentives.version_submitted", "incentives.version_published")


def _refusal(attempt: Any) -> TwotierError:
    with pytest.raises(IncentiveNotLawful) as error:
        attempt()
    return error.value


def _state(version: Version) -> tuple[Any, ...]:
    row = Version.objects.get(pk=version.pk)
    return row.status, row.number, row.editors, row.submitted_by, row.published_by, row.starts_at
