"""Files whose structure lies: archives, sizes, shapes, strings, damage, and asking for too much."""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Iterator
from typing import Any

from builders import (
    Call,
    Name,
    Persistent,
    legacy_bytes,
    pickle_bytes,
    safetensors_bytes,
    storage_id,
    tensor_call,
)
from hostile.case import Canary, Case, Kind
from hostile.zip_forge import Entry, forge_zip, torch_entries, torch_zip
from render.hostile import HOSTILE

_CLEAN = pickle_bytes({"weight": tensor_call("0", (2,))})
_DATA = Entry(name="archive/data/0", data=bytes(8))


def file_cases(canary: Canary) -> Iterator[Case]:
    """Yield the cases of this module."""
    yield from _zip_cases(canary)
    yield from _layout_cases()
    yield from _exhaustion_cases()
    yield from _string_cases()
    yield from _damage_cases()


def _case(kind: Kind, name: str, content: bytes, *expected: str, **told: Any) -> Case:
    return Case(id=f"{kind}-{name}", kind=kind, content=lambda: content, expected=expected, **told)


def _zip_cases(c: Canary) -> Iterator[Case]:
    call = pickle_bytes(Call("os", "system", (c.shell,)))
    runs = "global-runs-code"
    yield _case(
        "zip",
        "local-name-differs",
        torch_zip(call, {}, local_name="archive/data.txt"),
        runs,
        "record-disagrees",
        live="torch",
        advisories=("CVE-2025-1944",),
    )
    for bit in (0, 5, 6, 13):
        yield _case(
            "zip",
            f"local-flag-{bit}",
            torch_zip(call, {}, local_flags=1 << bit),
            runs,
            live="torch",
            advisories=("CVE-2025-1945",),
        )
    yield _case(
        "zip", "encrypted-flag", torch_zip(call, {}, flags=1), "record-unreadable", advisories=("CVE-2025-1945",)
    )
    yield _case(
        "zip",
        "wrong-checksum",
        torch_zip(call, {}, crc32=1),
        runs,
        "record-crc",
        live="torch",
        advisories=("CVE-2025-10156",),
    )
    yield _case("zip", "listed-twice", torch_zip(_CLEAN, {"0": bytes(8)}, repeat=2), "record-repeated")
    twin = Entry(name="archive/data.pkl", data=call)
    yield _case(
        "zip", "two-indexes", forge_zip(torch_entries(_CLEAN, _DATA, twin)), runs, "record-repeated", live="torch"
    )
    yield _case(
        "zip", "two-roots", forge_zip([*torch_entries(_CLEAN, _DATA), Entry(name="other/data.pkl", data=call)]), runs
    )
    hidden = Entry(name="archive/data/1", data=call, listed=False)
    yield _case("zip", "unlisted-record", forge_zip(torch_entries(_CLEAN, _DATA, hidden)), "zip-hidden-bytes")
    climbing = Entry(name="archive/../../../../tmp/x", data=b"x")
    yield _case("zip", "climbing-name", forge_zip(torch_entries(_CLEAN, _DATA, climbing)), "record-name")
    absolute = Entry(name="/etc/passwd", data=b"x")
    yield _case("zip", "absolute-name", forge_zip([*torch_entries(_CLEAN, _DATA), absolute]), "record-name")
    backslash = Entry(name="archive\\..\\x", data=b"x")
    yield _case("zip", "backslash-name", forge_zip([*torch_entries(_CLEAN, _DATA), backslash]), "record-name")
    nul = Entry(name="archive/data.pkl\0.txt", data=call)
    yield _case("zip", "nul-in-name", forge_zip([*torch_entries(_CLEAN, _DATA), nul]), "record-name", runs)
    yield _case("zip", "size-lies", torch_zip(_CLEAN, {"0": bytes(8)}, central_size=1 << 30), "record-disagrees")
    yield _case("zip", "count-lies", forge_zip(torch_entries(_CLEAN, _DATA), count=1), "zip-end-disagrees")
    yield _case("zip", "bytes-behind", forge_zip(torch_entries(_CLEAN, _DATA), tail=call), "zip-trailing-bytes")
    whole = forge_zip(torch_entries(_CLEAN, _DATA))
    yield _case("zip", "two-archives", whole + torch_zip(call, {}), runs)
    overlap = bytearray(whole)
    at = overlap.rindex(b"archive/data/0") - 4
    overlap[at : at + 4] = struct.pack("<I", 0)
    yield _case("zip", "overlapping-records", bytes(overlap), "records-overlap")
    yield _case("zip", "directory-lost", whole[: whole.index(b"PK\x01\x02")], "zip-directory-missing")


def _tensor_file(name: str, tensor: object, storages: dict[str, bytes], *expected: str) -> Case:
    return _case("layout", name, torch_zip(pickle_bytes({"weight": tensor}), storages), *expected)


def _layout_cases() -> Iterator[Case]:
    outside = "tensor-outside-storage"
    eight = {"0": bytes(8)}
    yield _tensor_file("beyond-storage", tensor_call("0", (4,), count=2), eight, outside)
    yield _tensor_file("negative-offset", tensor_call("0", (1,), count=2, offset=-1), eight, outside)
    yield _tensor_file("huge-offset", tensor_call("0", (1,), count=2, offset=1 << 62), eight, outside)
    yield _tensor_file("negative-stride", tensor_call("0", (2,), count=2, strides=(-1,)), eight, outside)
    yield _tensor_file(
        "huge-stride", tensor_call("0", (2, 2), count=4, strides=(1 << 60, 1)), {"0": bytes(16)}, outside
    )
    yield _tensor_file("negative-size", tensor_call("0", (-2,), count=2), eight, outside)
    yield _tensor_file("huge-size", tensor_call("0", (1 << 62,), count=2), eight, outside)
    yield _tensor_file("too-many-dimensions", tensor_call("0", (1,) * 65, count=1), {"0": bytes(4)}, "tensor-malformed")
    yield _tensor_file("strides-missing", tensor_call("0", (2, 1), count=2, strides=(1,)), eight, "tensor-malformed")
    yield _tensor_file(
        "amplified", tensor_call("0", (1 << 40,), count=1, strides=(0,)), {"0": bytes(4)}, "tensor-amplified"
    )
    yield _tensor_file("larger-than-file", tensor_call("0", (1 << 32,)), eight, "storage-short")
    yield _tensor_file("storage-missing", tensor_call("9", (2,)), eight, "storage-missing")
    yield _case(
        "layout",
        "set-item-on-a-list",
        torch_zip(b"\x80\x02]K\x00K\x01s.", {}),
        "pickle-malformed",
        advisories=("CVE-2026-24747",),
    )
    yield _case(
        "layout",
        "elements-and-bytes-differ",
        torch_zip(pickle_bytes({"a": tensor_call("0", (1 << 20,))}), eight),
        "storage-short",
        advisories=("CVE-2026-24747",),
    )
    unknown = pickle_bytes(Persistent(("drive", "0")))
    yield _case("layout", "persistent-id-of-no-kind", torch_zip(unknown, {}), "persistent-id-unknown")
    kind = pickle_bytes(Call("torch._utils", "_rebuild_tensor_v2", (storage_id("0", 2, "EvilStorage"), 0, (2,), (1,))))
    yield _case("layout", "storage-of-no-type", torch_zip(kind, eight), "persistent-id-unknown")
    legacy = legacy_bytes(pickle_bytes({"w": tensor_call("0", (2,), legacy=(None,))}), [("0", 1 << 40, bytes(8))])
    yield _case("layout", "legacy-count-lies", legacy, "storage-size", carrier="torch-legacy")
    negative = legacy_bytes(pickle_bytes({"w": tensor_call("0", (2,), legacy=(None,))}), [("0", -5, bytes(8))])
    yield _case("layout", "legacy-negative-count", negative, "storage-size", carrier="torch-legacy")
    yield from _safetensors_cases()


def _safetensors(name: str, header: object, data: bytes, *expected: str, length: int | None = None) -> Case:
    content = safetensors_bytes(header, data, length=length)
    return _case("layout", f"safetensors-{name}", content, *expected, carrier="safetensors", suffix=".safetensors")


def _safetensors_cases() -> Iterator[Case]:
    def entry(start: int, end: int, shape: tuple[int, ...] = (1,), dtype: str = "F32") -> dict[str, object]:
        return {"dtype": dtype, "shape": list(shape), "data_offsets": [start, end]}

    yield _safetensors("overlap", {"a": entry(0, 8, (2,)), "b": entry(4, 12, (2,))}, bytes(12), "records-overlap")
    yield _safetensors("hole", {"a": entry(0, 4), "b": entry(8, 12)}, bytes(12), "safetensors-hole")
    yield _safetensors("beyond-the-end", {"a": entry(0, 1 << 40, (1 << 38,))}, bytes(4))
    yield _safetensors("shape-lies", {"a": entry(0, 4, (1 << 40,))}, bytes(4))
    yield _safetensors("negative-shape", {"a": entry(0, 4, (-1,))}, bytes(4))
    yield _safetensors("unknown-type", {"a": entry(0, 4, (1,), "EVIL")}, bytes(4), "dtype-unknown")
    yield _safetensors(
        "name-twice",
        b'{"a":' + json.dumps(entry(0, 4)).encode() + b',"a":' + json.dumps(entry(0, 4)).encode() + b"}",
        bytes(4),
    )
    yield _safetensors("header-too-long", {"a": entry(0, 4)}, bytes(4), length=1 << 40)
    yield _safetensors("bytes-behind", {"a": entry(0, 4)}, bytes(64), "file-long")


def _exhaustion_cases() -> Iterator[Case]:
    def stream(name: str, data: bytes, *expected: str, **told: Any) -> Case:
        return _case("exhaustion", name, torch_zip(data, {}, **told), *expected)

    def entries(count: int) -> bytes:
        return b"".join(b"r" + struct.pack("<I", i) for i in range(count))

    yield stream("deep-list", b"]" * 200_000 + b"a" * 199_999 + b".", "tree-too-deep")
    yield stream("doubling-tuple", b"K\x01" + b"2\x86" * 200 + b".", "tree-too-large")
    yield stream("itself", b"]q\x00h\x00a.", "value-contains-itself")
    yield stream("endless-marks", b"(" * 1_500_000 + b".", "pickle-budget", deflate=True)
    yield stream("endless-lists", b"]0" * 4_500_000 + b"N.", "pickle-budget", deflate=True)
    yield stream("memo-flood", b"N" + entries(100_000) + b".")
    yield stream("huge-integer", b"\x8b" + struct.pack("<i", 1 << 20) + b"\x01" * (1 << 20) + b".", "pickle-budget")
    yield stream("text-of-16-exabytes", b"\x8d" + b"\xff" * 8 + b"x.", "pickle-truncated")
    yield stream("bytes-of-2-gigabytes", b"B\xff\xff\xff\x7f.", "pickle-truncated")
    collide = b"".join(b"\x8a\x10" + ((2**61 - 1) * i).to_bytes(16, "little") + b"N" for i in range(30_000))
    yield stream("colliding-keys", b"}(" + collide + b"u.")
    bomb = Entry(name="archive/data/0", data=bytes(64 << 20), deflate=True)
    expanded = pickle_bytes({"w": tensor_call("0", (2,))})
    yield _case("exhaustion", "ratio-bomb", forge_zip(torch_entries(expanded, bomb)), "record-ratio")
    yield _case(
        "exhaustion", "bomb-in-the-index", torch_zip(b"N0" * (32 << 20) + b"N.", {}, deflate=True), "pickle-budget"
    )
    yield _case(
        "exhaustion",
        "deep-json",
        safetensors_bytes(b"[" * 200_000, b""),
        carrier="safetensors",
        suffix=".safetensors",
    )


def _string_cases() -> Iterator[Case]:
    texts = [text for text in HOSTILE if len(text) < 1000]
    tensors = {text: tensor_call(str(i), (1,)) for i, text in enumerate(texts)}
    storages = {str(i): bytes(4) for i in range(len(texts))}
    named_tensors = pickle_bytes({"unknown": Name("a", "B"), **tensors}, 4)
    yield _case("strings", "tensor-names", torch_zip(named_tensors, storages), "global-unknown")
    named = [Name(text or "m", text or "n") for text in texts]
    yield _case("strings", "globals", torch_zip(pickle_bytes(named, 4), {}), "global-unknown")
    keys = {text: {text: text} for text in texts}
    yield _case(
        "strings", "keys-and-values", torch_zip(pickle_bytes({"x": Name("a", "B"), **keys}, 4), {}), "global-unknown"
    )
    stored = pickle_bytes({str(i): tensor_call(text, (1,)) for i, text in enumerate(texts)}, 4)
    yield _case("strings", "storage-keys", torch_zip(stored, {}), "storage-missing")
    rooted = forge_zip(
        torch_entries(
            _CLEAN,
            Entry(name="<img src=x onerror=alert(1)>/data/0", data=bytes(8)),
            root="<img src=x onerror=alert(1)>",
        )
    )
    yield _case("strings", "archive-root", rooted)
    meta = {
        "__metadata__": {t.encode("utf-8", "replace").decode(): t.encode("utf-8", "replace").decode() for t in texts}
    }
    entry = {"dtype": "EVIL<b>", "shape": [1], "data_offsets": [0, 4]}
    yield _case(
        "strings",
        "safetensors-metadata",
        safetensors_bytes({**meta, "<script>alert(1)</script>": entry}, bytes(4)),
        "dtype-unknown",
        carrier="safetensors",
        suffix=".safetensors",
    )


def _damage_cases() -> Iterator[Case]:
    whole = torch_zip(_CLEAN, {"0": bytes(8)})
    yield _case("damage", "cut-in-half", whole[: len(whole) // 2])
    yield _case("damage", "last-byte-lost", whole[:-1])
    yield _case("damage", "index-lost", forge_zip([Entry(name="archive/version", data=b"3"), _DATA]), "index-missing")
    index_cut = torch_zip(_CLEAN[:-20], {"0": bytes(8)})
    yield _case("damage", "index-cut", index_cut, "pickle-truncated")
    legacy = legacy_bytes(pickle_bytes({"w": tensor_call("0", (2,), legacy=(None,))}), [("0", 2, bytes(8))])
    yield _case("damage", "legacy-cut", legacy[:-4], "storage-short", carrier="torch-legacy")
    yield _case("damage", "empty", b"", "file-empty", carrier="other")
    yield _case("damage", "zeros", bytes(4096), "zeros-only", carrier="other")
    quota = b"<!doctype html><title>Quota exceeded</title>"
    yield _case("damage", "web-page", quota, "html-drive-quota", carrier="other")
    lfs = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"
    yield _case("damage", "lfs-pointer", lfs, "lfs-pointer", carrier="other")
    noise = random.Random(0).randbytes(4096)
    yield _case("damage", "noise", b"\xfe" + noise, "format-unrecognised", carrier="other")
