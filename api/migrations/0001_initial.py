from django.db import migrations, models

from common.create_models import CreateModels


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name='IdempotentReply',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('caller', models.CharField(max_length=64, verbose_name='caller')),
                    ('method', models.CharField(max_length=8, verbose_name='method')),
                    ('path', models.CharField(max_length=255, verbose_name='path')),
                    ('key', models.CharField(max_length=255, verbose_name='key')),
                    ('request_hash', models.CharField(max_length=64, verbose_name='hash of the request')),
                    ('status', models.PositiveSmallIntegerField(verbose_name='HTTP status')),
                    ('body', models.JSONField(verbose_name='answer')),
                    ('created_at', models.DateTimeField(db_index=True, verbose_name='created at')),
                ],
                options={
                    'verbose_name': 'idempotent reply',
                    'verbose_name_plural': 'idempotent replies',
                    'constraints': [
                        models.UniqueConstraint(fields=('caller', 'method', 'path', 'key'), name='idempotent_reply_unique'),
                    ],
                },
            ),
        ),
    ]
