from django.contrib.postgres.indexes import BrinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False  # rows are read and written meanwhile

    dependencies = [
        ('sharing', '0003_forbidden_words'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='visit',
            index=BrinIndex(autosummarize=True, fields=['at'], name='visit_by_day'),
        ),
    ]
