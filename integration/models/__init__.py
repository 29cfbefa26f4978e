from integration.models.clients import SCOPES, ApiClient, MemberMetadata
from integration.models.mall_import import MallImport, MallImportFile

__all__ = ["SCOPES", "ApiClient", "MallImport", "MallImportFile", "MemberMetadata"]
