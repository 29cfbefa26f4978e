from django.contrib.postgres.indexes import BrinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False  # rows are read and written meanwhile

    dependencies = [
        ('ledger', '0004_conversion_valid'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='transfer',
            index=BrinIndex(autosummarize=True, fields=['created_at'], name='transfer_by_day'),
        ),
    ]
