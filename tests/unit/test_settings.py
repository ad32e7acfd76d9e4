"""The environment, read once and refused in sentences."""

from pathlib import Path

import pytest

from connector.settings import SettingsError, load_settings


def test_without_an_environment_everything_lives_in_one_folder_on_this_machine(tmp_path: Path) -> None:
    settings = load_settings({"REGULARS_DATA_DIR": str(tmp_path)})
    assert settings.database_url == f"sqlite:///{tmp_path / 'regulars.db'}"
    assert settings.redis_url is None
    assert settings.public_url == "http://127.0.0.1:8700"
    assert settings.workers == 2


def test_the_folder_follows_the_users_data_home(tmp_path: Path) -> None:
    assert load_settings({"XDG_DATA_HOME": str(tmp_path)}).data_dir == tmp_path / "regulars"


def test_an_ipv6_address_is_written_in_brackets() -> None:
    assert load_settings({"REGULARS_HOST": "::1"}).public_url == "http://[::1]:8700"


def test_a_public_address_needs_no_slash_at_its_end() -> None:
    settings = load_settings({"REGULARS_PUBLIC_URL": "https://regulars.example/"})
    assert settings.public_url == "https://regulars.example"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("REGULARS_PORT", "http", "REGULARS_PORT is 'http'; it must be a whole number from 1 to 65535."),
        ("REGULARS_PORT", "0", "REGULARS_PORT is '0'; it must be a whole number from 1 to 65535."),
        ("REGULARS_WORKERS", "257", "REGULARS_WORKERS is '257'; it must be a whole number from 1 to 256."),
        ("REDIS_URL", "localhost:6379", "REDIS_URL must begin with redis://, rediss:// or unix://."),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(name: str, value: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        load_settings({name: value})
    assert str(refusal.value) == sentence
