from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from members.models import Member


@pytest.mark.django_db
@pytest.mark.parametrize("weeks", [-1, 53])
def test_other_weeks_than_those_of_a_year_are_refused(weeks: int) -> None:
    with pytest.raises(CommandError, match="--weeks"):
        call_command("demo", "--prepare-only", "--weeks", str(weeks))

    assert not Member.objects.exists()
