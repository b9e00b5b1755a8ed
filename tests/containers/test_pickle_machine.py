"""The interpreter: every opcode, no execution, no exhaustion."""

from __future__ import annotations

import math
import pickle
import pickletools
import struct
import subprocess
import sys
import time
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
from builders import Call, Name, Persistent, legacy_bytes, pickle_bytes, tensor_call, write_torch_zip
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.containers import open_checkpoint, pickle_machine, pickle_state
from generators.containers.cursor import LINE_LIMIT_BYTES
from generators.containers.pickle_machine import run_pickle
from generators.containers.pickle_opcodes import HANDLERS
from generators.containers.segments import MemorySegment
from generators.containers.storages import StorageTable
from generators.containers.torch_legacy import read_nested
from generators.containers.values import COMPUTED, ByteRun, Global, Opaque, PickleDict, PickleSet, Value


def run(data: bytes) -> pickle_machine.PickleRun:
    return run_pickle(MemorySegment(data), 0, StorageTable("", "", read_nested), "data.pkl")


def to_python(value: Value) -> Any:
    match value:
        case PickleDict():
            return {to_python(k): to_python(v) for k, v in value.items()}
        case PickleSet():
            return frozenset(map(to_python, value.items))
        case list():
            return [to_python(v) for v in value]
        case tuple():
            return tuple(to_python(v) for v in value)
        case ByteRun():
            data = value.segment.read(0, value.segment.size)
            return data if value.kind == "bytes" else data.decode()
        case _:
            return value


def test_every_opcode_of_the_standard_library_is_known() -> None:
    codes = {ord(opcode.code): opcode.name for opcode in pickletools.opcodes}
    assert {name for code, name in codes.items() if code not in HANDLERS} == {"STOP"}
    assert set(HANDLERS) < set(codes)


leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=300)
    | st.binary(max_size=300)
)
hashable = st.recursive(leaves, lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3), max_leaves=5)
trees = st.recursive(
    leaves | st.frozensets(hashable, max_size=3),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(hashable, inner, max_size=5) | st.tuples(inner, inner),
    max_leaves=15,
)


@settings(max_examples=150, deadline=None)
@given(value=trees, protocol=st.integers(0, 5))
def test_data_comes_out_as_the_standard_library_reads_it(value: Any, protocol: int) -> None:
    data = pickle.dumps(value, protocol)
    outcome = run(data)
    assert (outcome.complete, outcome.end, outcome.findings) == (True, len(data), ())
    expected = pickle.loads(data)
    # a set of another order, -0.0 and 0.0, True and 1: equal is what torch's reader would have, too
    assert to_python(outcome.value) == expected


@pytest.mark.parametrize("size", [65_535, 65_536, 300_000])
def test_long_values_stay_in_the_file_and_keep_their_content(size: int) -> None:
    for value in (b"x" * size, "é" * (size // 2), bytearray(b"y" * size)):
        for protocol in (4, 5):
            expected = bytes(value) if isinstance(value, bytearray) else value
            assert to_python(run(pickle.dumps([value, 1], protocol)).value) == [expected, 1]


def test_text_opcodes_of_old_protocols() -> None:
    assert run(b"(lp0\nI1\naI01\naL5L\naF1.5\naS'a\\x41'\naVb\\u00e9\nag0\n0.").value == [1, True, 5, 1.5, "aA", "bé"]
    assert math.isnan(run(b"Fnan\n.").value)
    assert run(b"T\x02\x00\x00\x00abU\x01c\x86.").value == ("ab", "c")


def objects_in(value: Any, protocol: int = 2) -> tuple[Any, frozenset[Global]]:
    outcome = run(pickle_bytes(value, protocol))
    return outcome.value, outcome.globals


def test_unknown_calls_become_opaque_objects() -> None:
    value, named = objects_in(Call("mine", "Thing", (1, "a"), {"x": 2}))
    assert isinstance(value, Opaque)
    assert (value.kind, value.args) == ("mine.Thing", (1, "a"))
    assert value.states[0].get("x") == 2
    assert named == {Global("mine", "Thing")}


def test_known_containers_are_what_they_are() -> None:
    assert to_python(run(pickle.dumps(OrderedDict(a=1, b=2), 2)).value) == {"a": 1, "b": 2}
    assert objects_in(Call("torch", "Size", ([2, 3],)))[0] == (2, 3)
    assert objects_in(Call("_codecs", "encode", ("\xff\x00", "latin1")))[0] == b"\xff\x00"
    assert objects_in(Call("__builtin__", "set", ([1],)))[0].items == [1]


# hostile streams

CANARY = "touch {path}"


def hostile_pickles(command: str) -> dict[str, bytes]:
    """Return ways to call os.system that CPython's unpickler would follow."""
    text = command.encode()
    call = Call("os", "system", (command,))
    return {
        "reduce": pickle_bytes(call),
        "stack_global": pickle_bytes(call, 4),
        "inst": b"(S'" + text + b"'\nios\nsystem\n.",
        "obj": b"(cos\nsystem\nS'" + text + b"'\no.",
        "newobj": b"\x80\x02cos\nsystem\n(S'" + text + b"'\nt\x81.",
        "newobj_ex": b"\x80\x04cos\nsystem\n(S'" + text + b"'\nt}\x92.",
        "memo": b"\x80\x04\x8c\x02os\x94\x8c\x06system\x940 0h\x00h\x01\x93".replace(b" ", b"")
        + b"\x8c"
        + bytes([len(text)])
        + text
        + b"\x85R.",
        "build": b"\x80\x02cmine\nThing\n)R}X\x0c\x00\x00\x00__setstate__cos\nsystem\nsbS'" + text + b"'\nb.",
        "dict_value": pickle_bytes({"w": call, "epoch": 3}),
        "dict_key": b"\x80\x02}cos\nsystem\nS'" + text + b"'\n\x85RK\x01s.",
        "persistent": pickle_bytes(Persistent(("storage", call, "0", "cpu", 1))),
        "through_getattr": pickle_bytes(Call("builtins", "getattr", (Name("os", "x"), "system"))),
        "dotted_name": pickle_bytes(Call("torch.serialization", "os.system", (command,)), 4),
        "rebuild": pickle_bytes(
            Call("torch._tensor", "_rebuild_from_type_v2", (Name("os", "system"), Name("a", "B"), (command,), {}))
        ),
        "newobj_function": pickle_bytes(Call("copyreg", "__newobj__", (Name("os", "system"), command))),
        "after_stop": pickle_bytes({"epoch": 1}) + pickle_bytes(call),
    }


@pytest.mark.parametrize("way", hostile_pickles(""))
def test_nothing_runs_and_everything_is_reported(tmp_path: Path, way: str) -> None:
    canary = tmp_path / "canary"
    data = hostile_pickles(CANARY.format(path=canary))[way]
    zipped = write_torch_zip(tmp_path / "x.pt", data, {})
    (tmp_path / "y.pt").write_bytes(legacy_bytes(data, []))
    (tmp_path / "z.pkl").write_bytes(b"\x80\x02" + data if data[:1] != b"\x80" else data)
    for path in (zipped, tmp_path / "y.pt", tmp_path / "z.pkl"):
        if way == "after_stop" and path.name == "y.pt":
            continue  # there the next pickle is the list of storage keys; it has a test of its own
        with open_checkpoint(path) as reader:
            dangerous = [f for f in reader.container.findings if f.code == "global-runs-code"]
            assert dangerous, path.name
            assert {f.where for f in dangerous} <= set(reader.container.globals)
            assert {f.severity for f in dangerous} == {"error"}
    assert not canary.exists()


def test_the_hostile_pickles_would_run_in_the_standard_library(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    program = "import pickle, sys; pickle.loads(sys.stdin.buffer.read())"
    data = hostile_pickles(CANARY.format(path=canary))
    for way in ("reduce", "stack_global", "inst", "obj", "memo", "dict_value", "dict_key"):
        subprocess.run([sys.executable, "-c", program], input=data[way], check=False, capture_output=True)
        assert canary.exists(), way
        canary.unlink()


def test_reading_imports_neither_torch_nor_the_named_module(tmp_path: Path) -> None:
    module = tmp_path / "trapmodule.py"
    module.write_text("raise SystemExit('imported')")
    path = write_torch_zip(
        tmp_path / "x.pt", pickle_bytes({"w": Call("trapmodule", "f"), "v": tensor_call("0", (1,))}), {}
    )
    program = (
        "import sys; from pathlib import Path; from generators.containers import open_checkpoint\n"
        f"open_checkpoint(Path({str(path)!r})).close()\n"
        "print(sorted({'torch', 'pickle', 'numpy', 'trapmodule'} & set(sys.modules)))"
    )
    root = Path(__file__).resolve().parents[2]
    outcome = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": f"{root}:{tmp_path}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert outcome.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("module", "name", "code"),
    [
        *(("os", n, "global-runs-code") for n in ("system", "popen", "remove")),
        *((m, "x", "global-runs-code") for m in ("posix", "nt", "subprocess", "runpy", "pty", "ctypes", "timeit")),
        *((m, "x", "global-loads-code") for m in ("importlib", "pickle", "cPickle", "dill", "mine.cloudpickle")),
        *((m, "x", "global-gadget") for m in ("operator", "_operator", "functools", "sys")),
        *((m, "x", "global-network") for m in ("socket", "urllib.request", "xmlrpclib")),
        ("shutil", "rmtree", "global-files"),
        ("signal", "alarm", "global-process"),
        *(("builtins", n, "global-runs-code") for n in ("eval", "exec", "compile")),
        ("builtins", "getattr", "global-gadget"),
        ("builtins", "__import__", "global-loads-code"),
        ("builtins", "open", "global-files"),
        ("__builtin__", "eval", "global-runs-code"),
        ("builtins", "dict.__class__", "global-gadget"),
        ("torch", "load", "global-loads-code"),
        ("torch.hub", "load", "global-loads-code"),
        ("torch.nn.modules.module", "functools.sys.modules", "global-gadget"),
        ("torch.serialization", "os.system", "global-runs-code"),
        ("torch.serialization", "os", "global-runs-code"),
        ("random", "_os.system", "global-runs-code"),
        ("collections", "OrderedDict.__init__.__globals__", "global-gadget"),
        ("pathlib", "Path.write_text", "global-files"),
        ("uuid", "_get_command_stdout", "global-runs-code"),
        ("mine", "Trainer.eval", "global-unknown"),
        ("mine", "trace", "global-unknown"),
        ("pathlib._local", "PosixPath", None),
        ("uuid", "UUID", None),
        ("mine", "Model", "global-unknown"),
        ("torch.nn.modules.conv", "Conv2d", "global-unknown"),
        ("builtins", "print", "global-unknown"),
        ("torch.nested._internal.nested_tensor", "_rebuild_njt", None),
        ("torch._dynamo.decorators", "_DimRange", None),
        ("torch._dynamo.decorators", "disable", "global-runs-code"),
        ("torch", "FloatStorage", None),
        ("torch.cuda", "HalfStorage", None),
        ("torch", "bfloat16", None),
        ("torch", "FloatTensor", None),
        ("collections", "OrderedDict", None),
        ("__builtin__", "set", None),
        ("copy_reg", "_reconstructor", None),
        ("numpy", "dtype", None),
        ("numpy", "float64", None),
        ("numpy._core.multiarray", "scalar", None),
        ("numpy.dtypes", "Float64DType", None),
    ],
)
def test_verdict_of_a_global(tmp_path: Path, module: str, name: str, code: str | None) -> None:
    path = write_torch_zip(tmp_path / "x", pickle_bytes({"w": Name(module, name)}), {})
    with open_checkpoint(path) as reader:
        assert reader.container.globals == (f"{module}.{name}",)
        assert [(f.code, f.where) for f in reader.container.findings] == ([(code, f"{module}.{name}")] if code else [])


# long lines


@pytest.mark.parametrize(
    "long",
    [
        b"S'" + b"a" * 70_000 + b"'\n",
        b"V" + b"a" * 70_000 + b"\n",
        b"L" + b" " * 70_000 + b"1L\n",
        b"F" + b"0" * 70_000 + b"1\n",
        b"Np" + b" " * 70_000 + b"7\n",
    ],
)
def test_a_call_behind_a_long_line_is_found(long: bytes) -> None:
    outcome = run(long + b"0cos\nsystem\n(tR.")
    assert outcome.complete
    assert outcome.globals == {Global("os", "system")}


@pytest.mark.parametrize("stream", [b"cos\nsystem%b\n(tR.", b"(ios\nsystem%b\n."])
def test_a_name_of_any_length_is_a_name(stream: bytes) -> None:
    outcome = run(stream % (b".__call__" * 10_000))
    assert {g.name for g in outcome.globals} == {COMPUTED}


def test_a_line_without_end_costs_a_bounded_part_of_the_file() -> None:
    outcome = run(b"V" + b"a" * (LINE_LIMIT_BYTES + 1) + b"\n.")
    assert [f.code for f in outcome.findings] == ["pickle-budget"]


# malformed streams

MALFORMED = {
    "empty": b"",
    "no stop": b"\x80\x02}",
    "unknown opcode": b"\xff.",
    "stack underflow": b"R.",
    "pop of nothing": b"0.",
    "stop of nothing": b".",
    "tuple of too few": b"K\x01\x87.",
    "mark missing": b"K\x01t.",
    "append to nothing": b"K\x01a.",
    "append to an int": b"K\x01K\x02a.",
    "setitem of an int": b"K\x01K\x02K\x03s.",
    "memo entry missing": b"h\x05.",
    "negative memo": b"g-1\n.",
    "bad int": b"Iabc\n.",
    "bad long": b"Labc\n.",
    "bad float": b"Fabc\n.",
    "huge decimal": b"I" + b"9" * 60_000 + b"\n.",
    "bad string": b"Sabc\n.",
    "bad escape": b"S'\\x'\n.",
    "bad unicode": b"V\\u12\n.",
    "bad utf-8": b"X\x01\x00\x00\x00\xff.",
    "bytes beyond the end": b"B\xff\xff\xff\x7f.",
    "text beyond the end": b"X\xff\xff\xff\xff.",
    "bytes of 2**64": b"\x8e" + b"\xff" * 8 + b".",
    "negative string": b"T\xff\xff\xff\xff.",
    "negative long": b"\x8b\xff\xff\xff\xff.",
    "huge long": b"\x8b\x00\x00\x10\x00" + b"\x01" * (1 << 20) + b".",
    "protocol 9": b"\x80\x09N.",
    "global without newline": b"cos",
    "global of bytes": b"C\x01aC\x01b\x93.",
    "obj of nothing": b"(o.",
    "endless line": b"I" + b"1" * 200_000,
    "build of nothing": b"b.",
    "persistent of nothing": b"Q.",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_streams_end_in_a_finding(name: str) -> None:
    outcome = run(MALFORMED[name])
    if name == "obj of nothing":
        assert outcome.complete
        return
    assert not outcome.complete
    (finding,) = outcome.findings
    assert finding.code in {"pickle-truncated", "pickle-malformed", "pickle-budget"}
    assert finding.where.startswith("data.pkl@")


def test_a_truncated_stream_gives_what_it_had_built() -> None:
    data = pickle_bytes({"epoch": 3, "net": {"a": tensor_call("0", (2,)), "b": tensor_call("1", (3,))}, "end": 1})
    seen = set()
    for end in range(len(data)):
        outcome = run(data[:end])
        assert not outcome.complete
        if isinstance(outcome.value, PickleDict) and isinstance(outcome.value.get("net"), PickleDict):
            seen.add(tuple(k for k, v in outcome.value.get("net").items() if hasattr(v, "shape")))
    assert seen >= {(), ("a",), ("a", "b")}


def deep_list(depth: int) -> bytes:
    return b"]" * depth + b"a" * (depth - 1) + b"."


HOSTILE_SHAPES = {
    "deep list": deep_list(200_000),
    "deep tuple": b"N" + b"\x85" * 200_000 + b".",
    "deep tuple as a key": b"}N" + b"\x85" * 200_000 + b"K\x01s.",
    "deep dict": b"}" + b"K\x01}" * 100_000 + b"s" * 100_000 + b".",
    "deep marks": b"(" * 300_000 + b".",
    "deep objects": b"cm\nC\n" + b")\x81cm\nC\n" * 1 + b"N" + b"\x85" * 100_000 + b"R.",
    "deep states": b"cm\nC\n)\x81q\x00" * 1 + b"h\x00b" * 100_000 + b".",
    "a list in itself": b"]q\x00h\x00a.",
    "a dict in itself": b"}q\x00K\x01h\x00s.",
    "an object in itself": b"cm\nC\n)\x81q\x00}K\x01h\x00sb.",
    "a doubling tree": b"K\x01" + b"2\x86" * 200 + b".",
    "a doubling list": b"K\x01" + b"2\x86" * 60 + b"]q\x00h\x00a\x86.",
    "colliding keys": b"}("
    + b"".join(b"\x8a\x10" + ((2**61 - 1) * i).to_bytes(16, "little") + b"N" for i in range(40_000))
    + b"u.",
    "many duplicates": b"]" + b"2" * 200_000 + b".",
    "nested calls": b"ccopyreg\n__newobj__\nq\x00" + b"h\x00" * 50_000 + b"N" + b"\x86" * 50_000 + b"R.",
    "reconstructors": b"ccopyreg\n_reconstructor\n(" + b"ccopyreg\n_reconstructor\n" * 50_000 + b"tR.",
}


NOTICED = {
    "deep list": "tree-too-deep",
    "deep tuple": "tree-too-deep",
    "deep dict": "tree-too-deep",
    "deep marks": "pickle-malformed",
    "deep states": "value-contains-itself",
    "a list in itself": "value-contains-itself",
    "a dict in itself": "value-contains-itself",
    "an object in itself": "value-contains-itself",
    "a doubling tree": "tree-too-large",
    "a doubling list": "tree-too-large",
    "nested calls": "tensor-malformed",
    "reconstructors": "tensor-malformed",
}


@pytest.mark.parametrize("name", HOSTILE_SHAPES)
def test_hostile_shapes_neither_crash_nor_hang(tmp_path: Path, name: str) -> None:
    path = write_torch_zip(tmp_path / "x", HOSTILE_SHAPES[name], {})
    started = time.monotonic()
    with open_checkpoint(path) as reader:
        assert len(reader.container.objects) <= 10_000
        for entry in reader.container.objects:
            assert len(entry.text) <= 200
        assert NOTICED.get(name) in [None, *(f.code for f in reader.container.findings)]
    assert time.monotonic() - started < 20


def test_budgets_end_in_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, limit, data in (
        ("MAX_OPCODES", 10_000, b"N0" * 20_000 + b"N."),
        ("MAX_OBJECTS", 1000, b"]0" * 20_000 + b"N."),
        ("MAX_MEMO", 1000, b"N" + b"".join(b"r" + struct.pack("<I", i) for i in range(20_000)) + b"."),
        ("MAX_TEXT_BYTES", 1000, b"\x8c\xff" + b"x" * 255 + (b"0\x8c\xff" + b"x" * 255) * 10 + b"."),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(pickle_machine if name == "MAX_OPCODES" else pickle_state, name, limit)
            (finding,) = run(data).findings
            assert finding.code == "pickle-budget", name


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_never_raise(data: bytes) -> None:
    outcome = run(data)
    assert outcome.complete == (outcome.findings == ())


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=4))
def test_mutated_pickles_never_raise(changes: list[tuple[float, int]]) -> None:
    stream = bytearray(_REALISTIC)
    for place, value in changes:
        stream[int(place * len(stream))] = value
    run(bytes(stream))


def test_a_finding_says_where(tmp_path: Path) -> None:
    assert run(b"\x80\x02K\x01\xff.").findings[0].where == "data.pkl@5"


_REALISTIC = pickle_bytes(
    {
        "epoch": 3,
        "net": Call("collections", "OrderedDict", (), {"_metadata": {"": {"version": 1}}}),
        "w": tensor_call("0", (2, 3)),
        "p": Call("torch._utils", "_rebuild_parameter", (tensor_call("1", (4,)), True, None)),
        "s": Call("torch._utils", "_rebuild_sparse_tensor", (Name("torch", "x"), (tensor_call("2", (2,)), None, (3,)))),
        "n": Call("numpy.core.multiarray", "scalar", (Call("numpy", "dtype", ("f8", False, True), (3, "<")), b"x" * 8)),
        "l": [1, 2.5, None, (True, "a")],
    }
)


# pickles inside values


def codes_of(path: Path) -> set[str]:
    with open_checkpoint(path) as reader:
        return {finding.code for finding in reader.container.findings}


def test_bytes_that_only_begin_like_a_pickle_are_not_reported(tmp_path: Path) -> None:
    values = [
        b"\x80\x04" + bytes(range(256)),
        b"\x80",
        b"PK\x03\x04 no archive",
        b"cat\ndog\nbird\n",
        b"\x80\x02}."[:-1],
    ]
    assert codes_of(write_torch_zip(tmp_path / "x", pickle_bytes({"v": values}, 4), {})) == set()


def test_a_lone_storage_is_an_ordinary_value(tmp_path: Path) -> None:
    inner = legacy_bytes(pickle_bytes(tensor_call("0", (2,), legacy=(None,))), [("0", 2, bytes(8))])
    index = pickle_bytes({"w": Call("torch.storage", "_load_from_bytes", (inner,))})
    assert codes_of(write_torch_zip(tmp_path / "x", index, {})) == set()


@pytest.mark.parametrize("text", [b"cat\ndog\nR is a letter\n", b"import os\nsystem\n", b"I1\n.", b"N.\n" * 99])
def test_text_is_not_taken_for_a_pickle_that_calls(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "x").write_bytes(text)
    assert codes_of(tmp_path / "x") == {"text-file"}


def test_a_text_pickle_with_a_long_way_to_its_call_is_still_one(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"N0" * 100_000 + b"cos\nsystem\n(S'id'\ntR.")
    assert codes_of(tmp_path / "x") == {"pickle-not-torch", "global-runs-code"}


def test_pickles_in_pickles_share_one_budget(tmp_path: Path) -> None:
    inner = pickle_bytes([0] * 2_000_000, 4)
    started = time.monotonic()
    path = write_torch_zip(tmp_path / "x", pickle_bytes([inner] * 1 + [inner[:-1] + b"." for _ in range(20)], 4), {})
    assert "pickle-budget" in codes_of(path)
    assert time.monotonic() - started < 60
