import base64

import pytest

from deidkit.cli import cli
from deidkit.cli.exits import invoke
from deidkit.errors import KeyFileError
from deidkit.keys import Keys, load_key_file, new_key_file

SECRET = bytes(range(32))


def test_derivations_depend_on_key_and_input_alone():
    one, same, other = Keys(SECRET), Keys(SECRET), Keys(bytes(32))
    assert one.uid("1.2.3") == same.uid("1.2.3") == one.uid("1.2.3\0")
    assert len({one.uid("1.2.3"), one.uid("1.2.4"), other.uid("1.2.3")}) == 3
    assert one.pseudonym("A") == same.pseudonym("A") != other.pseudonym("A")
    assert one.fingerprint() != other.fingerprint()


def test_derivations_stay_what_they_are():
    """Runs of later versions have to give a patient the same pseudonym, dates and UIDs."""
    keys = Keys(SECRET)
    assert keys.digest("p", "a", b"b").hex() == "017bf7e0e0e8a51bfda2f49c55e77967b25e84bcd8a39f168a60b116a265c045"
    assert keys.uid("1.2.3") == "2.25.83088135239994569368819267435068870575"
    assert keys.pseudonym("A") == "QWGMW5HRQNIV"
    assert keys.date_shift("A") == 1561
    assert keys.content_name(b"x") == "ae929a9672051f4388576de82b6bf0e0"
    assert keys.fingerprint() == "e4928179ceba4bb1"


def test_uids_hold_the_digest_with_version_and_variant_of_a_custom_uuid():
    """RFC 9562 5.8: version 8 in the upper half of byte 6, variant 10 in the upper bits of byte 8, all other bits free."""
    keys = Keys(SECRET)
    for value in map(str, range(64)):
        digest, uid = keys.digest("uid", value)[:16], int(keys.uid(value)[5:])
        mask = ~(0xF << 76 | 0x3 << 62)
        assert uid & mask == int.from_bytes(digest, "big") & mask
        assert (uid >> 76) & 0xF == 8 and (uid >> 62) & 0x3 == 2


def test_uid_is_a_valid_uuid_derived_uid():
    for value in ("1.2.3", "", "x" * 200, "\udce4"):
        uid = Keys(SECRET).uid(value)
        assert uid.startswith("2.25.") and len(uid) <= 44
        assert uid[5:].isdigit() and not uid[5:].startswith("0") and int(uid[5:]) < 2**128


def test_parts_cannot_be_confused():
    keys = Keys(SECRET)
    assert keys.digest("p", "ab", "c") != keys.digest("p", "a", "bc") != keys.digest("pa", "b", "c")


def test_date_shift_stays_in_range():
    shifts = {Keys(SECRET).date_shift(str(n), 30) for n in range(300)}
    assert shifts == set(range(1, 31))


def test_key_file_round_trip(tmp_path):
    made = new_key_file(tmp_path / "key")
    assert load_key_file(tmp_path / "key") == made
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(KeyFileError, match="never overwritten"):
        new_key_file(tmp_path / "key")


@pytest.mark.parametrize(
    ("text", "mode", "message"),
    [
        (None, 0o600, "does not exist"),
        ("hello", 0o600, "does not begin"),
        ("deidkit-key-v1:%%%", 0o600, "base64"),
        ("deidkit-key-v1:AAAA", 0o600, "32 bytes"),
        ("deidkit-key-v1:" + "A" * 43 + "=", 0o644, "chmod 600"),
        *(("deidkit-key-v1:" + "A" * 43 + "=", 0o600 | bit, "chmod 600") for bit in (0o40, 0o20, 0o10, 0o4, 0o2, 0o1)),
    ],
)
def test_bad_key_files_are_refused(tmp_path, text, mode, message):
    path = tmp_path / "key"
    if text is not None:
        path.write_text(text)
        path.chmod(mode)
    with pytest.raises(KeyFileError, match=message):
        load_key_file(path)


@pytest.mark.parametrize(
    "secret", [bytes(32), b"\xff" * 32, b"A" * 32, b"\x01\x02" * 16, b"password" * 4, b"00112233445566778899aabbccddeeff"]
)
def test_a_key_that_can_be_guessed_is_refused(tmp_path, secret):
    path = tmp_path / "key"
    path.write_text("deidkit-key-v1:" + base64.b64encode(secret).decode() + "\n")
    path.chmod(0o600)
    with pytest.raises(KeyFileError, match="can be guessed"):
        load_key_file(path)
    before = path.read_bytes()
    assert invoke(cli, ["keys", "check", str(path)]) == 2
    (tmp_path / "in.dcm").write_bytes(b"no image")
    assert invoke(cli, ["run", str(tmp_path / "in.dcm"), "--output", str(tmp_path / "out"), "--key", str(path)]) == 2
    assert not (tmp_path / "out").exists() and path.read_bytes() == before


def test_new_keys_are_taken(tmp_path):
    for number in range(50):
        made = new_key_file(tmp_path / f"{number}.key")
        assert load_key_file(tmp_path / f"{number}.key") == made


def test_keys_do_not_show_themselves():
    assert SECRET.hex() not in repr(Keys(SECRET)) and "..." in repr(Keys(SECRET))
