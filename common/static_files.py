"""Names of static files that contain the hash of their content, also for ES modules."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage

MODULES = ("h5/*.js", "posters/editor/*.js", "twotier/admin/*.js")
IMPORT = (
    r"""(?P<matched>(?P<head>(?:import|export)\s[^"';]*?from\s*|import\s*)"""
    r"""["'](?P<url>\.[^"']*)["'])"""
)


class ModuleStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Also rewrites the imports of our modules, so that browsers cache them forever.

    Only those: a text of others that looks like an import would stop ``collectstatic``.
    """

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        *((folder, ((IMPORT, '%(head)s"%(url)s"'),)) for folder in MODULES),
    )
