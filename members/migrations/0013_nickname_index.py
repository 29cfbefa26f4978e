import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations

import members.models.people


class Migration(migrations.Migration):
    atomic = False  # members are read and written meanwhile

    dependencies = [
        ('members', '0012_nickname_grams'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='member',
            index=django.contrib.postgres.indexes.GinIndex(members.models.people.NicknameGrams('nickname'), name='member_nickname_grams'),
        ),
    ]
