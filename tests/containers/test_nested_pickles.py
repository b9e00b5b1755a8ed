"""Archives inside the values of a pickle."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from builders import Call, pickle_bytes, write_torch_zip

from generators.containers import open_checkpoint

CALL = pickle_bytes(Call("os", "system", ("true",)), 4)


def nested_archive(*records: tuple[str, bytes, int]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data, compression in records:
            archive.writestr(name, data, compression)
    return stream.getvalue()


def findings_beside(tmp_path: Path, value: bytes) -> set[str]:
    with open_checkpoint(write_torch_zip(tmp_path / "x", pickle_bytes({"x": value}, 4), {})) as reader:
        return {finding.code for finding in reader.container.findings}


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_nested_record_that_nothing_bounds_is_named_and_the_others_read(tmp_path: Path, compression: int) -> None:
    both = nested_archive(("a", CALL, compression), ("b", CALL, zipfile.ZIP_DEFLATED))
    assert findings_beside(tmp_path, both) == {"nested-unreadable", "global-runs-code", "pickle-nested"}


def test_damage_inside_a_nested_archive_never_raises(tmp_path: Path) -> None:
    whole = nested_archive(("a", CALL * 20, zipfile.ZIP_LZMA))
    for at in range(30, 90):
        damaged = whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]
        assert "pickle-malformed" not in findings_beside(tmp_path, damaged)


def test_what_a_nested_archive_has_too_many_of_or_in_code_is_named(tmp_path: Path) -> None:
    many = nested_archive(*((str(i), b"x", zipfile.ZIP_STORED) for i in range(257)))
    assert findings_beside(tmp_path, many) == {"nested-unreadable"}
    patched = bytearray(nested_archive(("a", CALL, zipfile.ZIP_STORED)))
    patched[6] = patched[patched.index(b"PK\x01\x02") + 8] = 0x20
    assert findings_beside(tmp_path, bytes(patched)) == {"nested-unreadable"}


def test_a_nested_archive_that_only_others_read_is_named(tmp_path: Path) -> None:
    whole = bytearray(nested_archive(("é", CALL, zipfile.ZIP_STORED)))
    whole[whole.rindex("é".encode())] = 0xFF  # a name that is no UTF-8, which torch's reader doesn't mind
    assert findings_beside(tmp_path, bytes(whole)) == {"nested-unreadable"}
