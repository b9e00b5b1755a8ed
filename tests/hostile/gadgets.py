"""Names that make a pickle dangerous: those that scanners were found to miss, and the classes of harm.

Source of the advisory ids: the advisories of picklescan and fickling on GitHub, and the CVE records.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterator

from builders import Apply, Call, Name, Persistent, pickle_bytes, tensor_call
from hostile.case import Canary, Case
from hostile.zip_forge import torch_zip

RUNS, LOADS, FILES = ("global-runs-code",), ("global-loads-code",), ("global-files",)


def gadget_cases(canary: Canary) -> Iterator[Case]:
    """Yield a case for each name."""
    for name, (payload, expected, advisories, needs) in _payloads(canary).items():
        stream = pickle_bytes({"weight": tensor_call("0", (2,)), "extra": payload}, 4)
        bare = pickle_bytes(payload, 4)
        yield Case(
            id=f"gadget-{name}",
            kind="gadgets",
            content=lambda stream=stream: torch_zip(stream, {"0": bytes(8)}),
            expected=expected,
            advisories=advisories,
            stream=bare,
            live="" if needs == ("never",) else "pickle",
            needs=() if needs == ("never",) else needs,
        )


_Payload = tuple[object, tuple[str, ...], tuple[str, ...], tuple[str, ...]]


def _payloads(c: Canary) -> dict[str, _Payload]:
    return {**_standard_library(c), **_files(c), **_loaders(c), **_numpy_and_torch(c), **_unfired(c)}


def _standard_library(c: Canary) -> dict[str, _Payload]:
    space = Call("argparse", "Namespace", (), {"labels": []})
    return {
        "os-system": (Call("os", "system", (c.shell,)), RUNS, (), ()),
        "subprocess-popen": (Call("subprocess", "check_call", (c.argv,)), RUNS, (), ()),
        "builtins-exec": (Call("builtins", "exec", (c.code,)), RUNS, (), ()),
        "pty-spawn": (Call("pty", "spawn", (c.argv,)), RUNS, ("GHSA-r7v6-mfhq-g3m2",), ()),
        "runpy-run-code": (Call("runpy", "_run_code", (c.code, {})), RUNS, (), ()),
        "timeit": (
            Call("timeit", "timeit", ("0", c.code, Name("time", "perf_counter"), 1)),
            RUNS,
            ("GHSA-v7x6-rv5q-mhwc",),
            (),
        ),
        "cprofile-runctx": (Call("cProfile", "runctx", (c.code, {}, {})), RUNS, ("GHSA-9w88-8rmg-7g2p",), ()),
        "profile-run": (
            Call("profile", "Profile.run", (Call("profile", "Profile"), c.code)),
            RUNS,
            ("GHSA-x696-vm39-cp64",),
            (),
        ),
        "trace-run": (
            Call("trace", "Trace.run", (Call("trace", "Trace", (0, 0)), c.code)),
            RUNS,
            ("GHSA-5qwp-399c-mjwf",),
            (),
        ),
        "doctest-debug-script": (
            Call("doctest", "debug_script", (c.code, True)),
            RUNS,
            ("GHSA-fqq6-7vqf-w3fg",),
            (),
        ),
        "pip-main": (Call("pip", "main", (["check", "--log", c.path],)), RUNS, ("CVE-2025-1716",), ("pip",)),
        "ensurepip-run-pip": (
            Call("ensurepip", "_run_pip", (["check", "--log", c.path],)),
            RUNS,
            ("GHSA-xp4f-hrf8-rxw7",),
            ("ensurepip", "pip"),
        ),
        "idlelib-object-tree": (
            Call(
                "idlelib.debugobj",
                "ObjectTreeItem.SetText",
                (Call("idlelib.debugobj", "ObjectTreeItem", ("a", 1, Name("builtins", "str"))), c.code),
            ),
            RUNS,
            ("GHSA-3vg9-h568-4w9m",),
            ("tkinter", "idlelib"),
        ),
        "idlelib-get-entity": (
            Call("idlelib.autocomplete", "AutoComplete.get_entity", (None, c.code)),
            RUNS,
            ("GHSA-6w4w-5w54-rjvr",),
            ("tkinter", "idlelib"),
        ),
        "lib2to3-make-label": (
            Call("lib2to3.pgen2.pgen", "ParserGenerator.make_label", (None, space, f"''.join([]) or {c.code}")),
            RUNS,
            ("GHSA-p9w7-82w4-7q8m",),
            ("lib2to3",),
        ),
        "code-runcode": (
            Call("code", "InteractiveInterpreter.runcode", (Call("code", "InteractiveInterpreter"), c.code)),
            RUNS,
            (),
            (),
        ),
        "bdb-run": (Call("bdb", "Bdb.run", (Call("bdb", "Bdb"), c.code)), RUNS, (), ()),
        "pydoc-pipepager": (Call("pydoc", "pipepager", ("", c.shell)), RUNS, (), ()),
        "webbrowser": (
            Call("webbrowser", "BackgroundBrowser.open", (Call("webbrowser", "BackgroundBrowser", ("touch",)), c.path)),
            RUNS,
            (),
            (),
        ),
        "asyncio-subprocess": (
            Call(
                "asyncio.unix_events",
                "_UnixSubprocessTransport._start",
                (Call("argparse", "Namespace"), c.shell, True, None, None, None, 0),
            ),
            RUNS,
            ("CVE-2025-10157",),
            (),
        ),
        "multiprocessing-spawnv": (
            Call(
                "multiprocessing.util",
                "spawnv_passfds",
                (b"/bin/sh", [b"sh", b"-c", c.shell.encode()], []),
            ),
            RUNS,
            (),
            (),
        ),
        "uuid-command": (Call("uuid", "_get_command_stdout", ("touch", c.path)), RUNS, ("CVE-2026-56315",), ()),
        "imaplib-stream": (Call("imaplib", "IMAP4_stream", (c.shell,)), RUNS, ("CVE-2026-56315",), ()),
        "osx-support": (
            Call("_osx_support", "_read_output", (c.shell,)),
            RUNS,
            ("CVE-2026-56315", "GHSA-5hwf-rc88-82xm"),
            (),
        ),
        "test-support": (
            Call("test.support.script_helper", "assert_python_ok", ("-c", c.code)),
            RUNS,
            (),
            ("test.support",),
        ),
        "typing-hints": (
            Call(
                "typing",
                "get_type_hints",
                (Call("argparse", "Namespace", (), {"__annotations__": {"x": f"{c.code} or int"}}),),
            ),
            RUNS,
            (),
            (),
        ),
        "logging-config": (
            Call(
                "logging.config",
                "dictConfig",
                ({"version": 1, "formatters": {"f": {"()": "os.system", "command": c.shell}}},),
            ),
            RUNS,
            (),
            (),
        ),
        "ctypes": (
            Apply(Call("builtins", "getattr", (Call("ctypes", "CDLL", (None,)), "system")), c.shell.encode()),
            ("global-runs-code", "global-gadget", "call-computed"),
            (),
            (),
        ),
        "code-object": (
            Apply(
                Call("types", "FunctionType", (Call("marshal", "loads", (_marshalled(c.code),)), {})),
            ),
            ("global-loads-code", "global-gadget", "call-computed"),
            ("GHSA-565g-hwwr-4pp3",),
            (),
        ),
        "python-2-commands": (Call("commands", "getoutput", (c.shell,)), RUNS, (), ("never",)),
    }


def _marshalled(code: str) -> bytes:
    return marshal.dumps(compile(code, "canary", "exec"))


def _files(c: Canary) -> dict[str, _Payload]:
    return {
        "builtins-open": (Call("builtins", "open", (c.path, "w")), FILES, (), ()),
        "io-fileio": (Call("_io", "FileIO", (c.path, "w")), FILES, (), ()),
        "logging-filehandler": (Call("logging", "FileHandler", (c.path,)), FILES, ("CVE-2026-56304",), ()),
        "pathlib-touch": (Call("pathlib", "Path.touch", (Call("pathlib", "Path", (c.path,)),)), FILES, (), ()),
        "zipfile": (Call("zipfile", "ZipFile", (c.path, "w")), FILES, (), ()),
        "shutil-copy": (Call("shutil", "copyfile", (__file__, c.path)), FILES, (), ()),
        "distutils-write": (Call("distutils.file_util", "write_file", (c.path, ["x"])), RUNS, (), ("distutils",)),
        "numpy-memmap": (Call("numpy", "memmap", (c.path, "uint8", "w+", 0, (4,))), FILES, (), ("numpy",)),
    }


def _loaders(c: Canary) -> dict[str, _Payload]:
    inner = pickle_bytes(Call("os", "system", (c.shell,)), 4)
    both = ("global-loads-code", "global-runs-code", "pickle-nested")
    stream = Call("io", "BytesIO", (inner,))
    return {
        "pickle-loads": (Call("pickle", "loads", (inner,)), both, (), ()),
        "c-pickle-loads": (Call("_pickle", "loads", (inner,)), both, (), ()),
        "pickle-unpickler": (
            Call("pickle", "Unpickler.load", (Call("pickle", "_Unpickler", (stream,)),)),
            both,
            (),
            ("never",),
        ),
        "lib2to3-grammar": (
            Call("lib2to3.pgen2.grammar", "Grammar.loads", (Call("lib2to3.pgen2.grammar", "Grammar"), inner)),
            ("global-runs-code", "pickle-nested"),
            ("GHSA-f54q-57x4-jg88",),
            ("lib2to3",),
        ),
        "pkgutil-resolve": (
            Apply(Call("pkgutil", "resolve_name", ("os:system",)), c.shell),
            ("global-loads-code", "call-computed"),
            ("GHSA-vvpj-8cmc-gx39",),
            (),
        ),
        "importlib-import": (
            Apply(Call("builtins", "getattr", (Call("importlib", "import_module", ("os",)), "system")), c.shell),
            ("global-loads-code", "global-gadget", "call-computed"),
            (),
            (),
        ),
        "numpy-load": (
            Call("numpy", "load", (stream, None, True)),
            both,
            (),
            ("numpy",),
        ),
        "torch-load": (
            Call("torch.serialization", "load", (stream, None, None)),
            both,
            (),
            ("never",),
        ),
        "torch-load-from-bytes": (
            Call("torch.storage", "_load_from_bytes", (inner,)),
            ("global-runs-code", "pickle-nested"),
            (),
            ("torch",),
        ),
        "torch-decoder": (
            Call("torch.utils.data.datapipes.utils.decoder", "basichandlers", ("pickle", inner)),
            both,
            ("GHSA-h3qp-7fh3-f8h4",),
            ("torch",),
        ),
        "torch-config-module": (
            Call("torch.utils._config_module", "ConfigModule.load_config", (None, inner)),
            both,
            ("GHSA-vv6j-3g6g-2pvj",),
            ("torch",),
        ),
        "dill-loads": (Call("dill", "loads", (inner,)), both, (), ("dill",)),
        "joblib-load": (Call("joblib", "load", (stream,)), both, (), ("joblib",)),
    }


def _numpy_and_torch(c: Canary) -> dict[str, _Payload]:
    return {
        "numpy-f2py": (Call("numpy.f2py.crackfortran", "getlincoef", (c.code, [])), RUNS, (), ("numpy",)),
        "numpy-runstring": (
            Call("numpy.testing._private.utils", "runstring", (c.code, {})),
            RUNS,
            (),
            ("numpy",),
        ),
        "torch-exec-wrapper": (
            Call("torch.jit.unsupported_tensor_ops", "execWrapper", (c.code, {}, {})),
            RUNS,
            ("GHSA-vr7h-p6mm-wpmh",),
            ("torch",),
        ),
        "torch-collect-env": (
            Call("torch.utils.collect_env", "run", (c.shell,)),
            RUNS,
            ("GHSA-f745-w6jp-hpxx",),
            ("torch",),
        ),
        "torch-guards-expression": (
            Call(
                "torch.fx.experimental.symbolic_shapes",
                "ShapeEnv.evaluate_guards_expression",
                (None, c.code, ()),
            ),
            RUNS,
            ("GHSA-f4x7-rfwp-v3xw",),
            ("torch",),
        ),
        "torch-guard-builder": (
            Call(
                "torch._dynamo.guards",
                "GuardBuilder.get",
                (Call("argparse", "Namespace", (), {"scope": {}, "src_get_value_cache": {}}), c.code),
            ),
            RUNS,
            ("GHSA-86cj-95qr-2p4f",),
            ("never",),
        ),
        "torch-compile-file": (
            Call("torch._inductor.codecache", "compile_file", ("", "", ["sh", "-c", c.shell])),
            RUNS,
            (),
            ("never",),
        ),
        "torch-rpc": (
            Call(
                "torch.distributed.rpc.internal",
                "_run_function",
                (Call("torch.distributed.rpc.internal", "PythonUDF", (Name("os", "system"), (c.shell,), {})),),
            ),
            RUNS,
            ("CVE-2024-5480",),
            ("torch",),
        ),
    }


def _unfired(c: Canary) -> dict[str, _Payload]:
    """Names whose harm this interpreter or torch doesn't have, or that can't be shown with a file alone."""
    return {
        "torch-parse-type-line": (
            Call("torch.jit.annotations", "parse_type_line", (f"# type: ({c.code}) -> int", None, None)),
            RUNS,
            ("CVE-2022-45907",),
            ("never",),
        ),
        "torch-bottleneck": (
            Call("torch.utils.bottleneck.__main__", "run_cprofile", (c.code, {})),
            RUNS,
            ("GHSA-4r9r-ch6f-vxmx",),
            ("never",),
        ),
        "pyrepl-pager": (Call("_pyrepl.pager", "pipe_pager", ("", c.shell)), RUNS, ("CVE-2026-56315",), ("never",)),
        "cloudpickle-subimport": (Call("cloudpickle.cloudpickle", "subimport", ("os",)), LOADS, (), ("never",)),
        "smtp": (Call("smtplib", "SMTP", ("localhost", 9)), ("global-network",), (), ("never",)),
        "urlopen": (Call("urllib.request", "urlopen", ("http://localhost:9/",)), ("global-network",), (), ("never",)),
        "signal": (Call("signal", "alarm", (1,)), ("global-process",), (), ("never",)),
        "unheard-of": (Call("vendor.plugin", "activate", (c.path,)), ("global-unknown",), (), ("never",)),
        "persistent-module": (
            Persistent(("module", Name("os", "system"), "x.py", "source")),
            RUNS,
            (),
            ("never",),
        ),
    }
