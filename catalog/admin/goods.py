# mypy: allow-any-generics, allow-subclassing-any
"""Categories, products and their SKUs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Max, Min, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from mptt.exceptions import InvalidMove
from mptt.forms import MPTTAdminForm
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.enums import ActionVariant

from backoffice import menu, office
from backoffice.base import NOTHING, ModelAdmin, column, status_column, value_column, yuan_column
from backoffice.dialogs import action_button
from backoffice.fields import YuanField
from backoffice.import_pages import links_of
from backoffice.pages import Page, PagesMixin
from backoffice.panels import PanelsMixin
from backoffice.search import Search
from catalog import services
from catalog.admin.picture_panel import PicturesMixin
from catalog.admin.pictures import PicturesForm, thumbnail
from catalog.category_tree import CategoryTooDeep, require_room, save_category
from catalog.models import Category, Product, ProductPicture, ProductQuerySet, Sku
from catalog.picture_lists import add_pictures, delete_draft, fetch_again
from common import clock
from common.keys import is_row_key
from common.money import format_yuan
from members.models import User

INDENT = "\u3000"  # a select collapses ordinary blanks


class CategoryChoice:
    """Indents the categories of a select by their level."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        return super().formfield_for_foreignkey(  # type: ignore[misc]  # of the model admin
            db_field, request, level_indicator=INDENT, **options
        )


class CategoryForm(MPTTAdminForm):
    def clean(self) -> Any:
        cleaned = super().clean()
        if "parent" in self.cleaned_data:
            try:
                require_room(self.instance, self.cleaned_data["parent"])
            except CategoryTooDeep as error:
                self.add_error("parent", str(error))
        return cleaned


@admin.register(Category)
class CategoryAdmin(CategoryChoice, ModelAdmin):
    form = CategoryForm
    list_before_template = "admin/backoffice/links.html"
    list_display = ["tree_name", "parent", "code"]
    list_display_links = ["tree_name"]
    list_select_related = ["parent"]
    list_per_page = 200
    ordering = ["tree_id", "lft"]
    sortable_by = ()
    search_fields = ["name", "code"]
    fields = ["name", "code", "parent", "industry"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        by: Any = request.user
        # The whole row: the columns of the tree are not in the form.
        save_category(category=obj, by=by, at=clock.now())

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        tree = {"title": _("As a tree"), "url": office.url("categories"), "variant": "default"}
        context = {**(extra_context or {}), "pages": [tree]}
        response: HttpResponse = super().changelist_view(request, context)
        return response

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except InvalidMove:  # the tree has moved since the form was checked
            messages.error(request, _("A category cannot be below itself. Nothing was moved."))
        return HttpResponseRedirect(request.get_full_path())

    @column(_("category"))
    def tree_name(self, category: Category) -> str:
        return format_html(
            '<span style="padding-inline-start:{}rem">{}</span>',
            1.5 * category.level,
            category.name,
        )


class CategoryFilter(DropdownFilter):
    """A category with its descendants."""

    title = _("category")
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[int, str]]:
        tree = Category.objects.order_by("tree_id", "lft")
        return [(category.pk, INDENT * category.level + category.name) for category in tree]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        chosen = str(self.value() or "")
        if not chosen:
            return queryset
        top = Category.objects.filter(pk=chosen).first() if is_row_key(chosen) else None
        if top is None:
            return queryset.none()
        return queryset.filter(category__in=top.get_descendants(include_self=True))


class SkuForm(forms.ModelForm):
    price = YuanField(label=_("price"), help_text=_("In yuan."))
    cost = YuanField(label=_("cost"), help_text=_("In yuan; empty if unknown."), required=False)


class SkuInline(TabularInline):
    model = Sku
    form = SkuForm
    extra = 0
    show_change_link = False
    hide_title = True
    price_in_yuan = yuan_column(_("price"), "price")
    cost_in_yuan = yuan_column(_("cost"), "cost")
    readonly_fields = ["price_in_yuan", "cost_in_yuan"]

    def get_fields(self, request: HttpRequest, obj: Product | None = None) -> list[str]:
        if self.has_change_permission(request, obj):
            return ["code", "variety", "kind", "price", "cost"]
        return ["code", "variety", "kind", *self.readonly_fields]

    def has_delete_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        # Deleting the last SKU would leave a product on sale with nothing to buy.
        draft = obj is None or obj.status == Product.Status.DRAFT
        return draft and bool(super().has_delete_permission(request, obj))


@admin.register(Product)
class ProductAdmin(CategoryChoice, Search, PicturesMixin, PanelsMixin, PagesMixin, ModelAdmin):
    list_display = ["picture", "name", "category", "status_badge", "skus", "prices"]
    chips = ["status"]
    list_display_links = ["picture", "name"]
    list_select_related = ["category"]
    list_filter = [("status", ChoicesDropdownFilter), CategoryFilter]
    search_fields = ["name"]
    search_help_text = _("Words of the name, or the start of a SKU")
    fields = ["name", "category", "status", "public_id"]
    readonly_fields = ["status", "public_id"]
    inlines = [SkuInline]
    actions_detail = ["put_on_sale", "take_off_sale", "fetch_again"]
    pages = (
        Page(
            name="add_pictures",
            title=_("Add pictures"),
            permission="catalog.add_productpicture",
            form=PicturesForm,
            run=lambda self, *args, **values: self.add_pictures(*args, **values),
            intro=_("Uploaded pictures come before those of the mall."),
            of_row=True,
        ),
    )
    button_statuses: ClassVar = {
        "put_on_sale": Product.COMES_FROM[Product.Status.ON_SALE],
        "take_off_sale": Product.COMES_FROM[Product.Status.OFF_SALE],
    }
    status_badge = status_column({"on_sale": "success", "off_sale": "warning", "draft": "info"})
    skus = value_column(_("SKUs"), "sku_count")

    def links(self, request: HttpRequest, row: Any = None) -> list[dict[str, Any]]:
        # Pictures are added in their panel; its form posts to the page.
        return [] if row else [*super().links(request), *links_of(request, "catalog.product")]

    def search(self, rows: Any, term: str) -> QuerySet[Product]:
        products: ProductQuerySet = rows
        return products.search(term)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        products: QuerySet[Product] = super().get_queryset(request)
        return products.annotate(
            sku_count=Count("skus"), lowest=Min("skus__price"), highest=Max("skus__price"),
            main_picture=Subquery(
                ProductPicture.objects.shown().filter(product=OuterRef("pk")).values("sha256")[:1]
            ),
        )  # fmt: skip

    def get_fields(self, request: HttpRequest, obj: Product | None = None) -> list[str]:
        return self.fields if obj else ["name", "category"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        draft = not isinstance(obj, Product) or obj.status == Product.Status.DRAFT
        return draft and bool(super().has_delete_permission(request, obj))

    @action_button(
        _("Put on sale"),
        question=_("Buyers can find and buy it from now on."),
        done=_("It is on sale."),
        permission="change",
        icon="storefront",
        variant=ActionVariant.PRIMARY,
    )
    def put_on_sale(self, row: Product, *, by: User, at: datetime) -> None:
        services.put_on_sale(product=row, by=by, at=at)

    @action_button(
        _("Take off sale"),
        question=_("Buyers can no longer find it. Existing orders do not change."),
        done=_("It is off sale."),
        permission="change",
        icon="remove_shopping_cart",
    )
    def take_off_sale(self, row: Product, *, by: User, at: datetime) -> None:
        services.take_off_sale(product=row, by=by, at=at)

    @action_button(
        _("Fetch pictures again"),
        question=_("Workers try the addresses again from which they got no picture."),
        done=_("The pictures are being fetched."),
        permission="change",
        icon="refresh",
    )
    def fetch_again(self, row: Product, *, by: User, at: datetime) -> None:
        fetch_again(product=row, at=at)

    def hidden_buttons(self, row: Product, by: Any) -> Collection[str]:
        has_failed = row.pictures.filter(status=ProductPicture.Status.FAILED).exists()
        return () if has_failed else ["fetch_again"]

    def add_pictures(self, row: Product, *, pictures: list[Any], by: User, at: datetime) -> str:
        files = [(file.name, file.read()) for file in pictures]
        add_pictures(product=row, files=files, by=by, at=at)
        return str(_("The pictures are stored."))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        rows, counts, missing, protected = super().get_deleted_objects(objs, request)
        # Pictures go with their draft, although nobody deletes them by themselves.
        return rows, counts, set(missing) - {ProductPicture._meta.verbose_name}, protected

    def delete_model(self, request: HttpRequest, obj: Product) -> None:
        delete_draft(product=obj)

    @column(_("picture"))
    def picture(self, product: Any) -> str:
        path = ProductPicture(sha256=product.main_picture or "").square_path
        return thumbnail(path, of=product)

    @column(_("price"))
    def prices(self, product: Any) -> str:
        if product.lowest is None:
            return NOTHING
        low, high = format_yuan(product.lowest), format_yuan(product.highest)
        return low if low == high else f"{low} – {high}"


menu.register(
    "goods",
    (_("Products"), "inventory_2", "catalog.product"),
    (_("Categories"), "account_tree", "catalog.category"),
)
