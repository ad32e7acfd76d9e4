from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from cryptography.fernet import Fernet

from connector.db.vault import Vault, VaultError, open_vault


def test_a_sealed_secret_opens_again_and_does_not_show(vault):
    sealed = vault.seal("cs_of_a_shop")

    assert vault.open(sealed) == "cs_of_a_shop"
    assert b"cs_of_a_shop" not in sealed


def test_the_same_secret_looks_different_each_time_it_is_sealed(vault):
    assert vault.seal("cs_of_a_shop") != vault.seal("cs_of_a_shop")


def test_a_secret_sealed_with_another_key_says_which_setting_to_mend(vault):
    sealed = Vault(Fernet.generate_key().decode()).seal("cs_of_a_shop")

    with pytest.raises(VaultError, match=r"Set REGULARS_SECRET_KEY to the key this database was made with"):
        vault.open(sealed)


def test_a_secret_that_was_altered_is_refused(vault):
    sealed = bytearray(vault.seal("cs_of_a_shop"))
    sealed[-5] ^= 1

    with pytest.raises(VaultError):
        vault.open(bytes(sealed))


@pytest.mark.parametrize("key", ["too-short", "not base64 at all!", "A" * 43])
def test_a_malformed_key_is_refused_with_what_would_be_accepted(key):
    with pytest.raises(VaultError, match="REGULARS_SECRET_KEY is not a Fernet key"):
        Vault(key)


def test_a_key_is_made_on_first_use_in_a_file_only_its_owner_reads(tmp_path):
    key_file = tmp_path / "data" / "secret.key"

    sealed = open_vault(None, key_file).seal("cs_of_a_shop")

    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert open_vault(None, key_file).open(sealed) == "cs_of_a_shop"
    assert list(key_file.parent.iterdir()) == [key_file]


def test_a_key_that_is_set_is_used_and_none_is_made(tmp_path, secret_key):
    key_file = tmp_path / "secret.key"

    sealed = open_vault(secret_key, key_file).seal("cs_of_a_shop")

    assert Vault(secret_key).open(sealed) == "cs_of_a_shop"
    assert not key_file.exists()


def test_a_key_file_that_holds_no_key_is_refused_and_left_alone(tmp_path):
    key_file = tmp_path / "secret.key"
    key_file.write_text("")

    with pytest.raises(VaultError, match=r"secret\.key does not hold an encryption key"):
        open_vault(None, key_file)
    assert key_file.read_text() == ""


def test_processes_that_start_together_share_one_key(tmp_path):
    for attempt in range(20):
        key_file = tmp_path / str(attempt) / "secret.key"
        together = Barrier(4)

        def start(_: int, key_file=key_file, together=together) -> Vault:
            together.wait()
            return open_vault(None, key_file)

        with ThreadPoolExecutor(4) as pool:
            first, *others = pool.map(start, range(4))

        assert [other.open(first.seal("cs_of_a_shop")) for other in others] == ["cs_of_a_shop"] * 3
