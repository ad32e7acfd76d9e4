"""Finding the two folders of the real store, and saying in one line what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real_store import sources
from tests.real_store.sources import RealStoreUnavailableError


def test_a_named_folder_that_is_not_wordpress_is_refused_by_its_variables_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGULARS_WORDPRESS_DIR", str(tmp_path))
    with pytest.raises(RealStoreUnavailableError, match=r"REGULARS_WORDPRESS_DIR.*wp-settings\.php") as refusal:
        sources.wordpress_folder()
    assert "\n" not in str(refusal.value)


def test_a_named_folder_is_used_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "woocommerce.php").touch()
    monkeypatch.setenv("REGULARS_WOOCOMMERCE_DIR", str(tmp_path))
    assert sources.woocommerce_folder() == tmp_path.resolve()


def test_the_cached_folder_is_found_without_any_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cached = tmp_path / ".cache" / "regulars" / "woocommerce"
    cached.mkdir(parents=True)
    (cached / "woocommerce.php").touch()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("REGULARS_WOOCOMMERCE_DIR", raising=False)
    assert sources.woocommerce_folder() == cached.resolve()


def test_a_download_that_fails_leaves_nothing_behind_and_says_how_to_provide_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("REGULARS_WORDPRESS_DIR", raising=False)
    monkeypatch.setattr(sources, "WORDPRESS_ZIP", "http://127.0.0.1:9/latest.zip")
    with pytest.raises(RealStoreUnavailableError, match="scripts/system-packages"):
        sources.wordpress_folder()
    assert list((tmp_path / ".cache" / "regulars").iterdir()) == []
