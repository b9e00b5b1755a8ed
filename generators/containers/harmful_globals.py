"""What names in a pickle could do if they were called: harm by kind, as data.

A blocklist is never complete; that is what the verdict *unknown* is for. The
lists let a report say what a name can do, instead of only that it is foreign.

Source: the modules' own documentation and code in CPython 3.11 to 3.14,
PyTorch 2.13 and NumPy 2; the names that scanners were found to miss are in the
advisories of picklescan and fickling, which ``tests/hostile`` cites one by one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Harm = Literal["runs-code", "loads-code", "files", "network", "gadget", "process"]
"""What a name can do; the earlier one counts where several apply."""

HARMFUL_MODULES: Mapping[Harm, frozenset[str]] = {
    "runs-code": frozenset(
        {
            *("os", "posix", "nt", "subprocess", "_posixsubprocess", "_winapi", "commands", "popen2", "pty", "pipes"),
            *("runpy", "code", "codeop", "timeit", "cProfile", "profile", "trace", "bdb", "pdb", "doctest", "pydoc"),
            *("idlelib", "lib2to3", "test", "unittest", "cgitb", "_pyrepl", "_osx_support", "_aix_support", "imaplib"),
            *("asyncio", "multiprocessing", "_multiprocessing", "multiprocess", "billiard", "loky", "concurrent"),
            *("ctypes", "_ctypes", "cffi", "distutils", "setuptools", "pip", "ensurepip", "venv", "webbrowser"),
            *("antigravity", "platform", "_bootsubprocess", "turtledemo", "tkinter", "_tkinter", "Tkinter", "pexpect"),
            *("paramiko", "numexpr"),
        }
    ),
    "loads-code": frozenset(
        {
            *("importlib", "imp", "zipimport", "pkgutil", "_frozen_importlib", "_imp", "site", "pickle", "_pickle"),
            *("cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "jsonpickle", "yaml", "compileall"),
            *("py_compile", "dbm", "anydbm"),
        }
    ),
    "files": frozenset(
        {
            *("shutil", "tempfile", "fileinput", "pathlib", "_io", "tarfile", "zipfile", "gzip", "bz2", "lzma"),
            *("linecache", "glob", "posixpath", "ntpath", "genericpath", "mmap", "netrc", "sqlite3", "_sqlite3"),
        }
    ),
    "network": frozenset(
        {
            *(
                "socket",
                "_socket",
                "ssl",
                "_ssl",
                "urllib",
                "urllib2",
                "urllib3",
                "http",
                "httplib",
                "httpx",
                "aiohttp",
            ),
            *("aiohttp", "requests", "ftplib", "smtplib", "smtpd", "poplib", "nntplib", "telnetlib", "xmlrpc"),
            *(
                "xmlrpclib",
                "socketserver",
                "SocketServer",
                "wsgiref",
                "asyncore",
                "asynchat",
                "fsspec",
                "huggingface_hub",
            ),
        }
    ),
    "gadget": frozenset(
        {
            *("operator", "_operator", "inspect", "gc", "sys", "types", "functools", "_functools", "atexit", "sched"),
            *("threading", "_thread", "thread", "codecs"),
        }
    ),
    "process": frozenset({*("signal", "_signal", "faulthandler", "resource")}),
}
"""Modules that serve for harm in one way or another, with all below them."""

HARMFUL_BUILTINS: Mapping[Harm, frozenset[str]] = {
    "runs-code": frozenset({"eval", "exec", "execfile", "compile", "breakpoint", "help"}),
    "loads-code": frozenset({"__import__", "reload", "__build_class__", "__loader__"}),
    "files": frozenset({"open", "file"}),
    "gadget": frozenset(
        {
            *("getattr", "setattr", "delattr", "hasattr", "globals", "locals", "vars", "apply", "map", "filter"),
            *("reduce", "type", "super", "classmethod", "staticmethod", "property", "memoryview"),
        }
    ),
    "process": frozenset({"exit", "quit", "input", "raw_input"}),
}
"""Names of ``builtins``."""

HARMFUL_NAMES: Mapping[Harm, frozenset[str]] = {
    "runs-code": frozenset(
        {
            "torch.compile",
            "torch.jit.annotations.parse_type_line",
            "torch.jit.annotations.get_signature",
            "torch.jit.unsupported_tensor_ops.execWrapper",
            "torch.fx.experimental.symbolic_shapes.ShapeEnv.evaluate_guards_expression",
            "torch.fx.experimental.symbolic_shapes.ShapeEnv.evaluate_symexpr",
            "torch.fx.graph_module._exec_with_source",
            "torch.fx.graph_module._forward_from_src",
            "torch.fx.graph_module.reduce_graph_module",
            "torch.fx.graph_module.reduce_package_graph_module",
            "torch.fx.graph_module._deserialize_graph_module",
            "torch.testing._internal.common_utils.shell",
            "numpy.testing._private.utils.runstring",
            "numpy.testing.runstring",
            "pandas.eval",
            "pandas.core.computation.eval.eval",
            "uuid._get_command_stdout",
            "logging.config.listen",
            "logging.config.dictConfig",
            "logging.config.fileConfig",
            "logging.config._resolve",
            "typing.get_type_hints",
            "typing.ForwardRef",
            "typing.ForwardRef._evaluate",
            "sympy.sympify",
        }
    ),
    "loads-code": frozenset(
        {
            "torch.load",
            "torch.serialization.load",
            "torch.serialization._legacy_load",
            "torch.serialization._load",
            "torch.utils._config_module.ConfigModule.load_config",
            "torch.utils._config_module.load_config",
            "torch.utils.data.datapipes.utils.decoder.basichandlers",
            "torch.distributed.distributed_c10d._tensor_to_object",
            "numpy.load",
            "numpy.lib.npyio.load",
            "numpy.lib._npyio_impl.load",
            "numpy.lib.format.read_array",
            "numpy.ctypeslib.load_library",
            "pandas.read_pickle",
            "pandas.io.pickle.read_pickle",
        }
    ),
    "files": frozenset(
        {
            "torch.save",
            "torch.serialization.save",
            "torch.from_file",
            "torch.UntypedStorage.from_file",
            "numpy.save",
            "numpy.savez",
            "numpy.savetxt",
            "numpy.fromfile",
            "numpy.memmap",
            "numpy.loadtxt",
            "numpy.genfromtxt",
            "numpy.ndarray.tofile",
            "io.open",
            "io.open_code",
            "io.FileIO",
            "io.OpenWrapper",
            "codecs.open",
            "logging.FileHandler",
            "logging.basicConfig",
            "logging.handlers.RotatingFileHandler",
            "logging.handlers.TimedRotatingFileHandler",
            "logging.handlers.WatchedFileHandler",
        }
    ),
    "network": frozenset(
        {
            "logging.handlers.SocketHandler",
            "logging.handlers.DatagramHandler",
            "logging.handlers.HTTPHandler",
            "logging.handlers.SMTPHandler",
            "logging.handlers.SysLogHandler",
        }
    ),
    "gadget": frozenset(
        {
            "copyreg.add_extension",
            "copyreg.constructor",
            "copyreg.pickle",
            "itertools.imap",
            "itertools.ifilter",
            "itertools.starmap",
            "itertools.accumulate",
            "string.Formatter",
        }
    ),
    "process": frozenset(),
}
"""Single names of modules that are otherwise harmless or unknown."""

REACHED_MODULES = frozenset(
    {*("os", "sys", "posix", "nt", "subprocess", "builtins", "importlib", "shutil", "socket", "ctypes", "pickle")}
)
"""Modules that others import under their own name: ``torch.serialization.os`` is ``os``."""

VENDORED_MODULES = frozenset({"pickle", "cloudpickle", "dill", "joblib", "subprocess"})
"""Modules that packages carry a copy or a namesake of, below any package."""

HARMFUL_PREFIXES: tuple[tuple[str, Harm], ...] = (
    ("torch.hub.", "loads-code"),
    ("torch.jit.load", "loads-code"),
    ("torch.jit._script.", "runs-code"),
    ("torch.jit.frontend.", "runs-code"),
    ("torch.ops.", "loads-code"),
    ("torch._ops.", "loads-code"),
    ("torch.classes.", "loads-code"),
    ("torch.package.", "loads-code"),
    ("torch.multiprocessing.", "runs-code"),
    ("torch.distributed.rpc.", "runs-code"),
    ("torch.distributed.elastic.", "runs-code"),
    ("torch.distributed.run.", "runs-code"),
    ("torch.distributed.launcher.", "runs-code"),
    ("torch.utils.cpp_extension.", "runs-code"),
    ("torch.utils._cpp_extension_versioner.", "runs-code"),
    ("torch.utils.collect_env.", "runs-code"),
    ("torch.utils.bottleneck.", "runs-code"),
    ("torch.utils.benchmark.", "runs-code"),
    ("torch.utils.model_zoo.", "loads-code"),
    ("torch.utils.hipify.", "files"),
    ("torch._inductor.", "runs-code"),
    ("torch._dynamo.", "runs-code"),
    ("torch._export.", "loads-code"),
    ("torch.export.", "loads-code"),
    ("torch.testing._internal.", "runs-code"),
    ("numpy.f2py.", "runs-code"),
    ("numpy.distutils.", "runs-code"),
    ("numpy.testing._private.", "runs-code"),
    ("uuid._", "runs-code"),
)
"""Beginnings of dotted paths."""
