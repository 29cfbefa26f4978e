import common.base_models
import django.db.models.deletion
import mptt.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='CatalogHistory',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('product', 'category of a product'), ('category', 'parent of a category'), ('sku', 'cost of an SKU')], max_length=8, verbose_name='kind')),
                ('row_id', models.BigIntegerField(verbose_name='row')),
                ('value', models.BigIntegerField(null=True, verbose_name='value')),
                ('valid_until', models.DateTimeField(verbose_name='valid until')),
            ],
            options={
                'verbose_name': 'former value',
                'verbose_name_plural': 'former values',
                'indexes': [models.Index(fields=['kind', 'row_id', 'valid_until'], name='catalog_history_row_idx'), models.Index(fields=['valid_until'], name='catalog_history_until_idx')],
            },
        ),
        migrations.CreateModel(
            name='Category',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=80, unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('lft', models.PositiveIntegerField(editable=False)),
                ('rght', models.PositiveIntegerField(editable=False)),
                ('tree_id', models.PositiveIntegerField(db_index=True, editable=False)),
                ('level', models.PositiveIntegerField(editable=False)),
                ('parent', mptt.fields.TreeForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='catalog.category', verbose_name='parent')),
            ],
            options={
                'verbose_name': 'category',
                'verbose_name_plural': 'categories',
            },
        ),
        migrations.CreateModel(
            name='Product',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('status', models.CharField(choices=[('draft', 'draft'), ('on_sale', 'on sale'), ('off_sale', 'off sale')], default='draft', max_length=10, verbose_name='status')),
                ('category', mptt.fields.TreeForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='products', to='catalog.category', verbose_name='category')),
            ],
            options={
                'verbose_name': 'product',
                'verbose_name_plural': 'products',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Sku',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=80, unique=True, verbose_name='SKU code')),
                ('variety', models.CharField(blank=True, max_length=80, verbose_name='variety')),
                ('kind', models.CharField(choices=[('physical', 'physical'), ('virtual', 'virtual')], default='physical', max_length=10, verbose_name='kind')),
                ('price', models.BigIntegerField(help_text='In fen.', verbose_name='price')),
                ('cost', models.BigIntegerField(blank=True, help_text='In fen; empty when not known.', null=True, verbose_name='cost')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='skus', to='catalog.product', verbose_name='product')),
            ],
            options={
                'verbose_name': 'SKU',
                'verbose_name_plural': 'SKUs',
                'ordering': ['code'],
            },
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'on_sale', 'off_sale'])), name='product_status_valid'),
        ),
        migrations.AddConstraint(
            model_name='sku',
            constraint=models.CheckConstraint(condition=models.Q(('price__gte', 0)), name='sku_price_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='sku',
            constraint=models.CheckConstraint(condition=models.Q(('cost__gte', 0)), name='sku_cost_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='sku',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['physical', 'virtual'])), name='sku_kind_valid'),
        ),
    ]
