"""Where WordPress, WooCommerce and the programs that run them come from."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import requests

WORDPRESS_ZIP = "https://wordpress.org/latest.zip"
WOOCOMMERCE_ZIP = "https://downloads.wordpress.org/plugin/woocommerce.zip"
THEME = "twentytwentyfive"

# Servers live here, and an ordinary user's PATH leaves these out.
_SYSTEM_FOLDERS = ("/usr/sbin", "/usr/local/sbin")

HOW_TO_PROVIDE = (
    "unpack WordPress and WooCommerce into ~/.cache/regulars/wordpress and ~/.cache/regulars/woocommerce "
    "(or point REGULARS_WORDPRESS_DIR and REGULARS_WOOCOMMERCE_DIR at them) and run scripts/system-packages"
)


class RealStoreUnavailableError(Exception):
    """The real store cannot be started here; the message says in one line what is missing."""


@dataclass(frozen=True)
class Sources:
    """Two folders, never written to, and the programs found on this machine."""

    wordpress: Path
    woocommerce: Path
    mariadbd: str
    mariadb_install_db: str
    php_fpm: str
    nginx: str


def find_sources() -> Sources:
    """Everything a real store needs, or RealStoreUnavailableError naming the first thing that is missing."""
    return Sources(
        mariadbd=_program("mariadbd"),
        mariadb_install_db=_program("mariadb-install-db"),
        php_fpm=_php_fpm(),
        nginx=_program("nginx"),
        wordpress=wordpress_folder(),
        woocommerce=woocommerce_folder(),
    )


def wordpress_folder() -> Path:
    """WordPress' own files, or RealStoreUnavailableError."""
    return _folder("wordpress", "REGULARS_WORDPRESS_DIR", WORDPRESS_ZIP, "wp-settings.php")


def woocommerce_folder() -> Path:
    """The released plugin's files, or RealStoreUnavailableError."""
    return _folder("woocommerce", "REGULARS_WOOCOMMERCE_DIR", WOOCOMMERCE_ZIP, "woocommerce.php")


def find_chromium() -> str:
    """The browser's path: REGULARS_CHROMIUM, else Debian's Chromium, else Chrome."""
    named = os.environ.get("REGULARS_CHROMIUM")
    if named:
        return named
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    raise RealStoreUnavailableError("Chromium is not installed: run scripts/system-packages")


def _search_path() -> str:
    return os.pathsep.join([os.environ.get("PATH", ""), *_SYSTEM_FOLDERS])


def _program(name: str) -> str:
    found = shutil.which(name, path=_search_path())
    if found is None:
        raise RealStoreUnavailableError(f"{name} is not installed: {HOW_TO_PROVIDE}")
    return found


def _php_fpm() -> str:
    """The newest php-fpm: Debian names the program after its version (php-fpm8.2)."""
    plain = shutil.which("php-fpm", path=_search_path())
    if plain:
        return plain
    found = sorted(
        (program for folder in _SYSTEM_FOLDERS for program in Path(folder).glob("php-fpm[0-9]*")),
        key=lambda program: [int(number) for number in re.findall(r"\d+", program.name)],
    )
    if not found:
        raise RealStoreUnavailableError(f"php-fpm is not installed: {HOW_TO_PROVIDE}")
    return str(found[-1])


def _folder(name: str, variable: str, address: str, proof: str) -> Path:
    """The folder `variable` names, else the cached one, else the official zip unpacked into the cache."""
    named = os.environ.get(variable)
    folder = Path(named).expanduser() if named else Path.home() / ".cache" / "regulars" / name
    if (folder / proof).is_file():
        return folder.resolve()
    if named:
        raise RealStoreUnavailableError(f"{variable} names a folder without {proof}: {HOW_TO_PROVIDE}")
    _download(address, folder)
    if not (folder / proof).is_file():
        raise RealStoreUnavailableError(f"{name} is missing: {HOW_TO_PROVIDE}")
    return folder.resolve()


def _download(address: str, folder: Path) -> None:
    """Unpack the zip at `address`, whose single top folder becomes `folder`; all or nothing."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as work:
        archive = Path(work) / "download.zip"
        try:
            with requests.get(address, stream=True, timeout=(3, 30)) as answer:
                answer.raise_for_status()
                with archive.open("wb") as target:
                    for piece in answer.iter_content(1 << 20):
                        target.write(piece)
            with zipfile.ZipFile(archive) as unpacked:
                unpacked.extractall(work)
        except (requests.RequestException, zipfile.BadZipFile, OSError) as reason:
            raise RealStoreUnavailableError(
                f"{folder.name} is missing and could not be downloaded: {HOW_TO_PROVIDE}"
            ) from reason
        unpacked_folder = Path(work) / folder.name
        if unpacked_folder.is_dir() and not folder.exists():
            unpacked_folder.rename(folder)
