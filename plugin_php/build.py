"""Build the zip that a store owner uploads.

``python plugin_php/build.py`` writes ``dist/regulars-for-woocommerce.zip``. The same sources always give the same
bytes: files are sorted, carry one fixed date and one fixed mode. Translations are compiled here, so that the
repository holds only ``.po`` files and no tool has to be installed.
"""

from __future__ import annotations

import argparse
import ast
import struct
import zipfile
from pathlib import Path

SLUG = "regulars-for-woocommerce"
HERE = Path(__file__).resolve().parent
SHIPPED_FOLDERS = ("assets", "languages", "src", "templates")
SHIPPED_FILES = (f"{SLUG}.php", "uninstall.php", "readme.txt")
# The oldest date a zip can hold; a build must not depend on the clock.
FIXED_DATE = (1980, 1, 1, 0, 0, 0)


def read_po(text: str) -> dict[str, str]:
    """Return the translations of a ``.po`` file by key, the header under the empty key.

    The key is what a ``.mo`` file uses: ``msgctxt`` and ``msgid`` joined by U+0004, singular and plural joined by
    U+0000; plural forms of the translation are joined by U+0000 too. Fuzzy entries and those without a translation
    are left out. Raises ``ValueError`` on a line that is not understood.
    """
    catalogue: dict[str, str] = {}
    for block in text.replace("\r\n", "\n").split("\n\n"):
        fields = _read_entry(block)
        if fields is None:
            continue
        key = fields["msgid"]
        if "msgid_plural" in fields:
            key += "\0" + fields["msgid_plural"]
        if "msgctxt" in fields:
            key = fields["msgctxt"] + "\x04" + key
        forms = [value for name, value in fields.items() if name.startswith("msgstr")]
        if all(forms):
            catalogue[key] = "\0".join(forms)
    return catalogue


def _read_entry(block: str) -> dict[str, str] | None:
    """Return the fields of one entry in their order, or None for a fuzzy entry or a mere comment."""
    fields: dict[str, str] = {}
    current = ""
    for line in block.split("\n"):
        if line.startswith("#,") and "fuzzy" in line:
            return None
        if not line.strip() or line.startswith("#"):
            continue
        name, _, quoted = ("", "", line) if line.startswith('"') else line.partition(" ")
        if name:
            current = name
            fields[current] = ""
        if not current or not (len(quoted) > 1 and quoted[0] == quoted[-1] == '"'):
            raise ValueError(f"not a line of a .po file: {line!r}")
        fields[current] += str(ast.literal_eval(quoted))
    return fields if "msgid" in fields else None


def compile_mo(catalogue: dict[str, str]) -> bytes:
    """Return the ``.mo`` file (GNU gettext, little endian, without a hash table) for a catalogue of ``read_po``."""
    entries = sorted((key.encode(), value.encode()) for key, value in catalogue.items())
    count = len(entries)
    first_table, header_size, row = 28, 28, 8
    offset = header_size + 2 * count * row
    tables: list[bytes] = []
    strings = b""
    for column in (0, 1):
        for entry in entries:
            tables.append(struct.pack("<II", len(entry[column]), offset + len(strings)))
            strings += entry[column] + b"\0"
    header = struct.pack("<7I", 0x950412DE, 0, count, first_table, first_table + count * row, 0, offset)
    return header + b"".join(tables) + strings


def contents() -> dict[str, bytes]:
    """Return the files of the zip by their path below the plugin's folder."""
    paths = [HERE / name for name in SHIPPED_FILES]
    for folder in SHIPPED_FOLDERS:
        paths += [path for path in (HERE / folder).rglob("*") if path.is_file() and path.suffix != ".mo"]
    files = {path.relative_to(HERE).as_posix(): path.read_bytes() for path in paths}
    for name in [name for name in files if name.endswith(".po")]:
        files[name[: -len(".po")] + ".mo"] = compile_mo(read_po(files[name].decode()))
    return files


def build(target: Path) -> Path:
    """Write the zip to ``target`` and return it. Equal sources give equal bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in sorted(contents().items()):
            entry = zipfile.ZipInfo(f"{SLUG}/{name}", FIXED_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, content)
    return target


def main() -> None:
    """Build from the command line."""
    parser = argparse.ArgumentParser(description="Build the plugin's zip.")
    parser.add_argument("--target", type=Path, default=HERE.parent / "dist" / f"{SLUG}.zip", help="where to write")
    print(build(parser.parse_args().target))


if __name__ == "__main__":
    main()
