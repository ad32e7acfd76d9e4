"""Write the translation template from the plugin's sources.

``python plugin_php/pot.py`` writes ``languages/regulars-for-woocommerce.pot``. Run it after changing a sentence; a
test fails while the template or a translation lags behind.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

SLUG = "regulars-for-woocommerce"
HERE = Path(__file__).resolve().parent
TEMPLATE = HERE / "languages" / f"{SLUG}.pot"

HEADER = f"""\
# Copyright (C) The Regulars contributors
# This file is distributed under the GPL-2.0-or-later.
msgid ""
msgstr ""
"Project-Id-Version: Regulars for WooCommerce\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"X-Domain: {SLUG}\\n"
"""

STRING = r"'((?:[^'\\]|\\.)*)'"
CALL = re.compile(
    rf"(?:/\*\s*translators:\s*(?P<note>[^*]+?)\s*\*/\s*(?:[^;\n]*?))?"
    rf"\b(?:esc_html|esc_attr)?_{{1,2}}(?P<kind>e|x)?\(\s*{STRING}\s*(?:,\s*{STRING}\s*)?,\s*'{SLUG}'\s*\)"
)
PLUGIN_FIELDS = re.compile(r"^ \* (?:Plugin Name|Description): (.+)$", re.MULTILINE)


def sentences() -> Iterator[tuple[str, str, str, str]]:
    """Yield every translatable sentence as (file, note for translators, context, sentence), in the order of files."""
    for path in sorted(HERE.rglob("*.php")):
        name = path.relative_to(HERE).as_posix()
        if name.startswith("tests/"):
            continue
        text = path.read_text()
        if name == f"{SLUG}.php":
            for field in PLUGIN_FIELDS.findall(text):
                yield name, "Shown in the list of plugins", "", field
        for call in CALL.finditer(text):
            first, second = (None if part is None else _unquote(part) for part in call.group(3, 4))
            yield name, call.group("note") or "", second or "", str(first)


def template() -> str:
    """Return the text of the template: one entry per sentence and context, with the files that use it."""
    entries: dict[tuple[str, str], tuple[str, list[str]]] = {}
    for name, note, context, sentence in sentences():
        _, files = entries.setdefault((context, sentence), (note, []))
        if name not in files:
            files.append(name)
    blocks = [HEADER]
    for (context, sentence), (note, files) in entries.items():
        lines = [f"#. translators: {note}"] if note else []
        lines.append("#: " + " ".join(files))
        lines += [f"msgctxt {json.dumps(context, ensure_ascii=False)}"] if context else []
        lines += [f"msgid {json.dumps(sentence, ensure_ascii=False)}", 'msgstr ""']
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def _unquote(quoted: str) -> str:
    """Return what a single-quoted PHP string holds."""
    return re.sub(r"\\(['\\])", r"\1", quoted)


if __name__ == "__main__":
    TEMPLATE.write_text(template())
