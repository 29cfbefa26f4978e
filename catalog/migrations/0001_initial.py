import common.base_models
import django.contrib.postgres.fields
import django.db.models.deletion
import mptt.fields
from django.db import migrations, models

from common.create_models import CreateModels


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        CreateModels(
            migrations.CreateModel(
                name='Category',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('code', models.CharField(max_length=80, unique=True, verbose_name='code')),
                    ('name', models.CharField(max_length=80, verbose_name='name')),
                    ('parent', mptt.fields.TreeForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='catalog.category', verbose_name='parent')),
                    ('industry', models.CharField(blank=True, choices=[('beauty', 'beauty'), ('food', 'food'), ('baby', 'mother and baby'), ('fashion', 'fashion'), ('digital', 'digital'), ('education', 'education'), ('home', 'home and living'), ('health', 'health')], db_default='', default='', help_text='Empty: that of the category above.', max_length=12, verbose_name='industry')),
                    ('lft', models.PositiveIntegerField(editable=False)),
                    ('rght', models.PositiveIntegerField(editable=False)),
                    ('tree_id', models.PositiveIntegerField(db_index=True, editable=False)),
                    ('level', models.PositiveIntegerField(editable=False)),
                ],
                options={
                    'verbose_name': 'category',
                    'verbose_name_plural': 'categories',
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('industry__in', ['', 'beauty', 'food', 'baby', 'fashion', 'digital', 'education', 'home', 'health'])), name='category_industry_valid'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Product',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('name', models.CharField(max_length=200, verbose_name='name')),
                    ('category', mptt.fields.TreeForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='products', to='catalog.category', verbose_name='category')),
                    ('status', models.CharField(choices=[('draft', 'draft'), ('on_sale', 'on sale'), ('off_sale', 'off sale')], default='draft', max_length=10, verbose_name='status')),
                    ('images', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=500), blank=True, db_default=models.Value('{}'), default=list, help_text='The first is the main picture.', size=None, verbose_name='addresses of pictures')),
                    ('url', models.CharField(blank=True, db_default='', default='', max_length=500, verbose_name='address of its page')),
                    ('mini_path', models.CharField(blank=True, db_default='', default='', max_length=500, verbose_name='path in the mini-program')),
                ],
                options={
                    'verbose_name': 'product',
                    'verbose_name_plural': 'products',
                    'ordering': ['-id'],
                    'permissions': [('import_product', 'Can import products')],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'on_sale', 'off_sale'])), name='product_status_valid'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='Sku',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('product', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='skus', to='catalog.product', verbose_name='product')),
                    ('code', models.CharField(max_length=80, unique=True, verbose_name='SKU code')),
                    ('variety', models.CharField(blank=True, max_length=80, verbose_name='variety')),
                    ('kind', models.CharField(choices=[('physical', 'physical'), ('virtual', 'virtual')], default='physical', max_length=10, verbose_name='kind')),
                    ('price', models.BigIntegerField(help_text='In fen.', verbose_name='price')),
                    ('cost', models.BigIntegerField(blank=True, help_text='In fen; empty when not known.', null=True, verbose_name='cost')),
                    ('original_price', models.BigIntegerField(blank=True, help_text='In fen, as the mall reports it.', null=True, verbose_name='price before a reduction')),
                ],
                options={
                    'verbose_name': 'SKU',
                    'verbose_name_plural': 'SKUs',
                    'ordering': ['code'],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('price__gte', 0)), name='sku_price_not_negative'),
                        models.CheckConstraint(condition=models.Q(('cost__gte', 0)), name='sku_cost_not_negative'),
                        models.CheckConstraint(condition=models.Q(('original_price__gte', 0)), name='sku_original_price_not_negative'),
                        models.CheckConstraint(condition=models.Q(('kind__in', ['physical', 'virtual'])), name='sku_kind_valid'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='AskedPrice',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('sku', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='asked_prices', to='catalog.sku', verbose_name='SKU')),
                    ('price', models.BigIntegerField(help_text='In fen.', verbose_name='price')),
                    ('since', models.DateTimeField(verbose_name='since')),
                    ('until', models.DateTimeField(null=True, verbose_name='until')),
                ],
                options={
                    'verbose_name': 'asked price',
                    'verbose_name_plural': 'asked prices',
                    'ordering': ['sku', 'since'],
                    'indexes': [
                        models.Index(fields=['sku', 'until'], name='askedprice_sku_idx'),
                    ],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('until', None), ('until__gte', models.F('since')), _connector='OR'), name='askedprice_ends_after_start'),
                        models.UniqueConstraint(condition=models.Q(('until', None)), fields=('sku',), name='askedprice_one_now'),
                    ],
                },
            ),
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
                    'indexes': [
                        models.Index(fields=['kind', 'row_id', 'valid_until'], name='catalog_history_row_idx'),
                        models.Index(fields=['valid_until'], name='catalog_history_until_idx'),
                    ],
                },
            ),
            migrations.CreateModel(
                name='ProductPicture',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('public_id', common.base_models.PublicIdField(default=common.base_models.public_id, editable=False, max_length=20, unique=True, verbose_name='public id')),
                    ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pictures', to='catalog.product', verbose_name='product')),
                    ('position', models.PositiveSmallIntegerField(help_text='The lowest is the main picture.', verbose_name='position')),
                    ('source_url', models.CharField(blank=True, max_length=500, verbose_name='address at the mall')),
                    ('status', models.CharField(choices=[('waiting', 'to be fetched'), ('stored', 'stored'), ('failed', 'not fetched'), ('removed', 'removed'), ('erasing', 'being erased')], default='waiting', max_length=8, verbose_name='status')),
                    ('due_at', models.DateTimeField(null=True, verbose_name='to be fetched at')),
                    ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                    ('failed_at', models.DateTimeField(null=True, verbose_name='failed at')),
                    ('reason', models.CharField(blank=True, max_length=20, verbose_name='reason')),
                    ('stored_at', models.DateTimeField(null=True, verbose_name='stored at')),
                    ('removed_at', models.DateTimeField(null=True, verbose_name='removed at')),
                    ('sha256', models.CharField(blank=True, max_length=64, verbose_name='SHA-256 of the stored picture')),
                    ('width', models.PositiveIntegerField(default=0, verbose_name='width')),
                    ('height', models.PositiveIntegerField(default=0, verbose_name='height')),
                ],
                options={
                    'verbose_name': 'picture of a product',
                    'verbose_name_plural': 'pictures of products',
                    'ordering': ['product', 'position', 'id'],
                    'indexes': [
                        models.Index(condition=models.Q(('status', 'waiting')), fields=['due_at'], name='picture_due_idx'),
                        models.Index(condition=models.Q(('status__in', ['removed', 'erasing'])), fields=['removed_at'], name='picture_removed_idx'),
                        models.Index(condition=models.Q(('sha256', ''), _negated=True), fields=['sha256'], name='picture_sha256_idx'),
                    ],
                    'constraints': [
                        models.CheckConstraint(condition=models.Q(('status__in', ['waiting', 'stored', 'failed', 'removed', 'erasing'])), name='picture_status_valid'),
                        models.CheckConstraint(condition=models.Q(models.Q(('status', 'waiting'), _negated=True), models.Q(('due_at__isnull', False), models.Q(models.Q(('source_url', ''), _negated=True), models.Q(('sha256', ''), _negated=True), _connector='OR')), _connector='OR'), name='picture_waiting_has_source'),
                        models.CheckConstraint(condition=models.Q(models.Q(('status', 'stored'), _negated=True), models.Q(models.Q(('sha256', ''), _negated=True), ('height__gt', 0), ('stored_at__isnull', False), ('width__gt', 0)), _connector='OR'), name='picture_stored_has_file'),
                        models.CheckConstraint(condition=models.Q(models.Q(('status', 'failed'), _negated=True), models.Q(('failed_at__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='picture_failed_has_reason'),
                        models.CheckConstraint(condition=models.Q(models.Q(('removed_at__isnull', False), ('status__in', ['removed', 'erasing'])), models.Q(models.Q(('status__in', ['removed', 'erasing']), _negated=True), ('removed_at', None)), _connector='OR'), name='picture_removed_has_time'),
                        models.CheckConstraint(condition=models.Q(models.Q(('position__lt', 100), ('source_url', '')), models.Q(models.Q(('source_url', ''), _negated=True), ('position__gte', 100)), _connector='OR'), name='picture_uploads_come_first'),
                        models.UniqueConstraint(condition=models.Q(models.Q(('source_url', ''), _negated=True), ('status__in', ['waiting', 'stored', 'failed'])), fields=('product', 'source_url'), name='picture_address_once'),
                        models.UniqueConstraint(condition=models.Q(('source_url', ''), ('status__in', ['waiting', 'stored'])), fields=('product', 'sha256'), name='picture_upload_once'),
                    ],
                },
            ),
        ),
    ]
