"""Record who gave a binding a later expiry, and refuse an earlier one."""

import datetime

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common import guards


class Migration(migrations.Migration):

    dependencies = [
        ('distribution', '0005_application_queue'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BindingExtension',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('expired_at', models.DateTimeField(verbose_name='expiry before')),
                ('expires_at', models.DateTimeField(verbose_name='expiry after')),
                ('reason', models.CharField(max_length=200, verbose_name='reason')),
                ('by_member', models.BigIntegerField(editable=False)),
                ('at', models.DateTimeField(verbose_name='at')),
                ('binding', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='extensions', to='distribution.binding', verbose_name='binding')),
                ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
            ],
            options={
                'verbose_name': 'extension of a binding',
                'verbose_name_plural': 'extensions of bindings',
                'ordering': ['-id'],
                'constraints': [
                    models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('expired_at'))), name='binding_extension_is_later'),
                    models.CheckConstraint(condition=models.Q(('expired_at__gt', models.F('at'))), name='binding_extension_in_force'),
                    models.CheckConstraint(condition=models.Q(('expires_at__lte', models.expressions.CombinedExpression(models.F('at'), '+', models.Value(datetime.timedelta(days=3650))))), name='binding_extension_within_limit'),
                    models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='binding_extension_reason_not_empty'),
                ],
            },
        ),
        guards.install(
            guards.append_only("distribution_bindingextension"),
            guards.read(__file__, "extensions"),
            # Orders and staff only ever move an expiry to a later moment: a writer with an old
            # copy of the row must not take back what another one has given.
            guards.row_guard(
                "distribution_binding", name="expiry_only_later",
                when="NEW.expires_at IS NOT NULL"
                " AND (OLD.expires_at IS NULL OR NEW.expires_at < OLD.expires_at)"
                " AND NEW.expires_at IS DISTINCT FROM OLD.expires_at",
                constraint="binding_expiry_only_later",
                message="an expiry moves to a later moment only",
            ),
        ),
    ]
