"""Everything a person reads is translated, completely and into the right script."""

import re

import pytest

from connector.domain import troubles
from connector.domain.programme import mistakes
from plugin_php import build, pot

LOCALES = ("zh_TW", "zh_HK")
PLACEHOLDER = re.compile(r"%(?:\d+\$)?[sd]|%%|\{\w+\}")
CODED = re.compile(r"'(\w+)'\s+=> __\( '([^']+)', ")
# Simplified forms of characters that these translations use again and again.
SIMPLIFIED = set("连订单设积优请码顾员级专网错误验证执动时间据传输应开没这个来为会与")


def translations(locale: str) -> dict[str, str]:
    catalogue = build.read_po((build.HERE / f"languages/{build.SLUG}-{locale}.po").read_text())
    catalogue.pop("")
    return catalogue


def test_the_template_holds_the_sentences_of_the_sources() -> None:
    assert pot.TEMPLATE.read_text() == pot.template(), "run: python plugin_php/pot.py"


def test_every_sentence_in_the_sources_is_found_by_the_template() -> None:
    shipped = [path for path in build.HERE.rglob("*.php") if "tests" not in path.relative_to(build.HERE).parts]
    calls = sum(path.read_text().count(f"'{build.SLUG}' )") for path in shipped)
    header_fields = 2
    assert len(list(pot.sentences())) == calls + header_fields


@pytest.mark.parametrize("locale", LOCALES)
def test_a_translation_has_every_sentence_and_no_other(locale: str) -> None:
    wanted = {f"{context}\x04{text}" if context else text for _, _, context, text in pot.sentences()}
    assert set(translations(locale)) == wanted


@pytest.mark.parametrize("locale", LOCALES)
def test_a_translation_keeps_every_placeholder(locale: str) -> None:
    for key, sentence in translations(locale).items():
        assert sorted(PLACEHOLDER.findall(key)) == sorted(PLACEHOLDER.findall(sentence)), key


@pytest.mark.parametrize("locale", LOCALES)
def test_a_translation_is_written_in_traditional_characters(locale: str) -> None:
    for sentence in translations(locale).values():
        assert not SIMPLIFIED & set(sentence), sentence


def test_taiwan_and_hong_kong_each_have_their_own_words() -> None:
    assert translations("zh_TW")["Points"] == "點數"
    assert translations("zh_HK")["Points"] == "積分"


@pytest.mark.parametrize(
    ("name", "english"), [("ProgrammeMistakes", mistakes.SENTENCES), ("StoreTroubles", troubles.SENTENCES)]
)
def test_the_plugin_has_a_sentence_for_every_code_of_the_connector(name: str, english: dict[str, str]) -> None:
    source = (build.HERE / f"src/Admin/{name}.php").read_text()
    assert dict(CODED.findall(source)) == {code: text.replace("'", "’") for code, text in english.items()}
