"""Modules import each other by names that contain the hash of their content."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.static_files import ModuleStorage


@pytest.mark.parametrize("folder", ["h5", "posters/editor", "twotier/admin"])
def test_a_module_imports_the_hashed_name_of_another(tmp_path: Path, folder: str) -> None:
    sources = {
        f"{folder}/list.js": b'import { yuan } from "./yuan.js";\n',
        f"{folder}/yuan.js": b"export const yuan = 1;\n",
    }
    storage = ModuleStorage(location=tmp_path, base_url="/static/")
    for name, content in sources.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)

    failures = [
        result
        for *_names, result in storage.post_process({name: (storage, name) for name in sources})
        if isinstance(result, Exception)
    ]

    assert failures == []
    module = (tmp_path / storage.stored_name(f"{folder}/list.js")).read_text()
    assert Path(storage.stored_name(f"{folder}/yuan.js")).name in module
