from catalog.models.goods import Category, Industry, Product, ProductQuerySet, Sku, lock_tree
from catalog.models.history import AskedPrice, CatalogHistory
from catalog.models.pictures import FROM_MALL, ProductPicture
