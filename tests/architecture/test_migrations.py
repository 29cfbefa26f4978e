"""A room creates its tables in one step, which keeps the set-up of a database fast."""

from __future__ import annotations

import pytest
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from common.create_models import CreateModels
from tests.architecture.test_floors import WITH_TABLES


@pytest.mark.parametrize("room", sorted(WITH_TABLES))
def test_the_first_migration_creates_all_tables_in_one_step(room: str) -> None:
    first = MigrationLoader(None).disk_migrations[room, "0001_initial"]
    created = [step for step in first.operations if not isinstance(step, migrations.RunSQL)]
    assert [type(step) for step in created] == [CreateModels]


@pytest.mark.django_db
def test_models_that_point_to_each_other_are_created_and_dropped_together() -> None:
    key = models.BigAutoField(primary_key=True)
    step = CreateModels(
        migrations.CreateModel("Left", [("id", key), ("right", _pointer("trial.Right"))]),
        migrations.CreateModel("Right", [("id", key), ("left", _pointer("trial.Left"))]),
    )
    before = ProjectState()
    assert before.apps.all_models == {}  # rendered, as while a database is migrated
    after = before.clone()
    step.state_forwards("trial", after)

    with connection.schema_editor() as editor:
        step.database_forwards("trial", editor, before, after)
    assert {"trial_left", "trial_right"} <= _tables()

    with connection.schema_editor() as editor:
        step.database_backwards("trial", editor, after, before)
    assert not {"trial_left", "trial_right"} & _tables()


def _pointer(to: str) -> models.ForeignKey[models.Model, models.Model]:
    return models.ForeignKey(to, models.PROTECT, null=True)


def _tables() -> set[str]:
    return set(connection.introspection.table_names())
