"""Import products with their SKUs from a file: a row is an SKU."""
