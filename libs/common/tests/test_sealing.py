"""What is sealed opens with its key, for its owner, unchanged; else not at all."""

import base64
import os

import pytest
from cryptography.exceptions import InvalidTag

from common.sealing import Seal, decrypt, encrypt, new_key


def key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def test_a_seal_opens_only_for_its_own_row() -> None:
    seal = Seal.from_text(key(), "A_KEY")
    sealed = seal.close(b"JBSWY3DPEHPK3PXP", belongs_to="a")
    assert b"JBSWY3DPEHPK3PXP" not in sealed.body
    assert seal.open(sealed, belongs_to="a") == b"JBSWY3DPEHPK3PXP"
    with pytest.raises(InvalidTag):
        seal.open(sealed, belongs_to="b")


def test_a_replaced_key_still_opens_what_it_sealed() -> None:
    old, new = key(), key()
    sealed = Seal.from_text(old, "A_KEY").close(b"secret", belongs_to="a")
    both = Seal.from_text(f"{new}, {old}", "A_KEY")
    assert both.open(sealed, belongs_to="a") == b"secret"
    assert both.close(b"secret", belongs_to="a").key_id == both.key_id != sealed.key_id
    with pytest.raises(KeyError):
        Seal.from_text(new, "A_KEY").open(sealed, belongs_to="a")


@pytest.mark.parametrize("text", ["", "not base64!", base64.b64encode(b"short").decode()])
def test_a_wrong_key_is_refused_at_start_and_names_its_setting(text: str) -> None:
    with pytest.raises(ValueError, match="A_KEY"):
        Seal.from_text(text, "A_KEY")


def test_a_changed_byte_is_noticed() -> None:
    own = new_key()
    body = encrypt(own, b"secret", "a")
    assert decrypt(own, body, "a") == b"secret"
    for place in range(len(body)):
        changed = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        with pytest.raises(InvalidTag):
            decrypt(own, changed, "a")
