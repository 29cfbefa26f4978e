"""The client of WeChat Pay's API v3: signed transport, notifications and statements.

It knows nothing of payouts, payments or refunds; whatever uses WeChat Pay shares it.
"""
