"""Coupons: what lowers a price, given and used once."""
