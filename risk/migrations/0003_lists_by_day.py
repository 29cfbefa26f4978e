from django.contrib.postgres.indexes import BrinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False  # rows are read and written meanwhile

    dependencies = [
        ('risk', '0002_guards'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='assessment',
            index=BrinIndex(autosummarize=True, fields=['at'], name='assessment_by_day'),
        ),
    ]
