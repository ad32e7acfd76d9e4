"""The zip a store owner uploads."""

import gettext
import io
import re
import zipfile
from pathlib import Path

import pytest

from plugin_php import build

FOLDER = "regulars-for-woocommerce/"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    return zipfile.ZipFile(build.build(tmp_path_factory.mktemp("zip") / "plugin.zip"))


def test_the_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    first = build.build(tmp_path / "first.zip").read_bytes()
    assert first == build.build(tmp_path / "second.zip").read_bytes()


def test_everything_lies_in_one_folder_that_wordpress_can_install(archive: zipfile.ZipFile) -> None:
    names = archive.namelist()
    assert all(name.startswith(FOLDER) for name in names)
    for needed in ("regulars-for-woocommerce.php", "uninstall.php", "readme.txt", "src/autoload.php"):
        assert FOLDER + needed in names


def test_tests_and_build_files_stay_at_home(archive: zipfile.ZipFile) -> None:
    assert not [name for name in archive.namelist() if "/tests/" in name or name.endswith(".py")]


def test_every_class_the_plugin_names_is_in_the_zip(archive: zipfile.ZipFile) -> None:
    names = set(archive.namelist())
    for name in [name for name in names if name.endswith(".php")]:
        for used in re.findall(r"^use Regulars\\([\w\\]+);$", archive.read(name).decode(), re.MULTILINE):
            assert f"{FOLDER}src/{used.replace(chr(92), '/')}.php" in names


def test_version_and_minimum_versions_agree_between_header_constant_and_readme(archive: zipfile.ZipFile) -> None:
    main = archive.read(FOLDER + "regulars-for-woocommerce.php").decode()
    readme = archive.read(FOLDER + "readme.txt").decode()

    def field(text: str, name: str) -> str:
        found = re.search(rf"^(?: \* )?{name}: (.+)$", text, re.MULTILINE)
        assert found, name
        return found.group(1)

    version = field(main, "Version")
    assert f"define( 'REGULARS_VERSION', '{version}' );" in main
    assert field(readme, "Stable tag") == version
    assert f"= {version} =" in readme
    for name in ("Requires at least", "Requires PHP"):
        assert field(main, name) == field(readme, name)


@pytest.mark.parametrize("locale", ["zh_TW", "zh_HK"])
def test_compiled_translations_read_as_gettext_reads_them(archive: zipfile.ZipFile, locale: str) -> None:
    compiled = archive.read(f"{FOLDER}languages/regulars-for-woocommerce-{locale}.mo")
    catalogue = gettext.GNUTranslations(io.BytesIO(compiled))
    source = build.read_po((build.HERE / f"languages/regulars-for-woocommerce-{locale}.po").read_text())
    assert len(source) > 100
    for key, sentence in source.items():
        if key:
            context, _, msgid = key.rpartition("\x04")
            assert (catalogue.pgettext(context, msgid) if context else catalogue.gettext(msgid)) == sentence


def test_contexts_plurals_and_fuzzy_entries_are_understood() -> None:
    entries = [
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"',
        'msgctxt "tier"\nmsgid "Gold"\nmsgstr "金"',
        'msgid "one %d"\nmsgid_plural "many %d"\nmsgstr[0] "一 %d"\nmsgstr[1] "多 %d"',
        '#, fuzzy\nmsgid "old"\nmsgstr "舊"',
        'msgid "empty"\nmsgstr ""',
        'msgid "two "\n"lines"\nmsgstr "兩\\n"\n"行"',
    ]
    catalogue = build.read_po("\n\n".join(entries))
    assert catalogue.pop("").startswith("Content-Type")
    assert catalogue == {"tier\x04Gold": "金", "one %d\0many %d": "一 %d\0多 %d", "two lines": "兩\n行"}


def test_a_broken_translation_stops_the_build() -> None:
    with pytest.raises(ValueError, match="not a line"):
        build.read_po('msgid "a"\nmsgstr "b\n')
