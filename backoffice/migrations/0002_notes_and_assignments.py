import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common import guards

GUARDS = [guards.append_only("backoffice_note"), guards.append_only("backoffice_assignment")]


class Migration(migrations.Migration):

    dependencies = [
        ('backoffice', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Assignment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('label', models.CharField(max_length=80, verbose_name='kind of row')),
                ('object_id', models.CharField(max_length=40, verbose_name='row')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='written by')),
                ('to', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='assignee')),
            ],
            options={
                'verbose_name': 'assignment',
                'verbose_name_plural': 'assignments',
                'ordering': ['-id'],
                'abstract': False,
                'indexes': [models.Index(fields=['label', 'object_id', '-id'], name='assignment_of_row')],
            },
        ),
        migrations.CreateModel(
            name='Note',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('label', models.CharField(max_length=80, verbose_name='kind of row')),
                ('object_id', models.CharField(max_length=40, verbose_name='row')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('text', models.CharField(max_length=1000, verbose_name='note')),
                ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='written by')),
            ],
            options={
                'verbose_name': 'note',
                'verbose_name_plural': 'notes',
                'ordering': ['-id'],
                'abstract': False,
                'indexes': [models.Index(fields=['label', 'object_id', '-id'], name='note_of_row')],
                'constraints': [models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='office_note_has_text')],
            },
        ),
        guards.install(*GUARDS),
    ]
