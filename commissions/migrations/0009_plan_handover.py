"""Let a draft wait for its publication by a second person, and fix it meanwhile."""

import re

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common import guards

CREATED = re.compile(
    r"^CREATE (FUNCTION commissions_reject_published_rule_change.*?\$\$.*?\$\$;)", re.MULTILINE | re.DOTALL
)
DROP = """
DROP TRIGGER status_transitions ON commissions_plan;
DROP TRIGGER published_immutable ON commissions_plan;
"""


def plan_guards(statuses, comes_from, deletable):
    return DROP + guards.transitions(
        "commissions_plan", statuses=statuses, comes_from=comes_from, editable_in=["draft"],
        constraint="plan_published_immutable",
    ) + guards.row_guard(
        "commissions_plan", on="DELETE", name="published_immutable", when=deletable,
        constraint="plan_published_immutable", message="a published plan is immutable",
    )


class Migration(migrations.Migration):

    dependencies = [
        ('commissions', '0008_announced_accruals'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='plan',
            options={'ordering': ['-id'], 'permissions': [('publish_plan', 'Can publish commission plans')], 'verbose_name': 'commission plan', 'verbose_name_plural': 'commission plans'},
        ),
        migrations.RemoveConstraint(
            model_name='plan',
            name='plan_published_has_publisher',
        ),
        migrations.AddField(
            model_name='plan',
            name='note',
            field=models.CharField(blank=True, db_default='', max_length=200, verbose_name='note to the reviewer'),
        ),
        migrations.AddField(
            model_name='plan',
            name='planned_start',
            field=models.DateTimeField(blank=True, null=True, verbose_name='planned start'),
        ),
        migrations.AddField(
            model_name='plan',
            name='return_reason',
            field=models.CharField(blank=True, db_default='', max_length=200, verbose_name='reason for the return'),
        ),
        migrations.AddField(
            model_name='plan',
            name='reviewer',
            field=models.ForeignKey(blank=True, db_index=False, help_text='Empty: to everyone who may publish plans.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='handed to'),
        ),
        migrations.AddField(
            model_name='plan',
            name='submitted_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='handed over at'),
        ),
        migrations.AddField(
            model_name='plan',
            name='submitted_by',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='handed over by'),
        ),
        migrations.AlterField(
            model_name='plan',
            name='status',
            field=models.CharField(choices=[('draft', 'draft'), ('submitted', 'waiting for publication'), ('published', 'published')], default='draft', max_length=10, verbose_name='status'),
        ),
        migrations.AddConstraint(
            model_name='plan',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('number', None), ('published_at', None), ('published_by', None), ('status__in', ['draft', 'submitted'])), models.Q(('number__isnull', False), ('published_at__isnull', False), ('published_by__isnull', False), ('status', 'published')), _connector='OR'), name='plan_published_has_publisher'),
        ),
        migrations.AddConstraint(
            model_name='plan',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reviewer', None), ('status', 'draft'), ('submitted_at', None), ('submitted_by', None)), models.Q(('status', 'submitted'), ('submitted_at__isnull', False), ('submitted_by__isnull', False)), ('status', 'published'), _connector='OR'), name='plan_submitted_has_submitter'),
        ),
        migrations.RunSQL(
            "CREATE OR REPLACE " + CREATED.search(guards.read(__file__, "plans"))[1], migrations.RunSQL.noop
        ),
        migrations.RunSQL(
            plan_guards(
                ["draft", "submitted", "published"],
                {"submitted": ["draft"], "draft": ["submitted"], "published": ["draft", "submitted"]},
                "OLD.status <> 'draft'",
            ),
            plan_guards(["draft", "published"], {"published": ["draft"]}, "OLD.status = 'published'"),
        ),
    ]
