"""What a file is that is no checkpoint: a page, an error, a pointer, another program's format."""

from __future__ import annotations

import json
import re
from typing import Any

from generators.containers.global_policy import printable
from generators.containers.index import Index
from generators.containers.leaves import cut
from generators.containers.segments import Segment
from generators.containers.sniff import name_other
from generators.model.checkpoint import ContainerFormat
from generators.model.finding import Finding

PAGE_BYTES = 1 << 16
"""Of a page; what it is about stands at its beginning."""
REPLY_BYTES = 1 << 20
_SHOWN_BYTES = 80
_TITLE = re.compile(r"<title[^>]{0,200}>(.{0,300}?)</title", re.IGNORECASE | re.DOTALL)
_DRIVE_QUOTA = ("uc-error-caption", "quota exceeded", "too many users have viewed or downloaded")
_DRIVE_SCAN = ("uc-warning-caption", "uc-download-link", "virus scan warning", 'id="download-form"')
"""Marks of Google Drive's pages: names in their markup, whatever the language, and the English titles.

Source: the pages as the download programs gdown (``parse_url.py``, ``download.py``) and rclone look for them."""
_LOGIN = ('type="password"', "type='password'", "accounts.google.com/servicelogin", "accounts.google.com/v3/signin")
_LOGIN_TITLE = re.compile(r"\b(sign in|log in|login|iniciar sesión|acceder)\b|로그인", re.IGNORECASE)
_MISSING_TITLE = re.compile(r"\b404\b|not found|no encontrad[oa]|찾을 수 없", re.IGNORECASE)
_XML_CODE = re.compile(r"<(?:code|message)>(.{0,200}?)</", re.IGNORECASE | re.DOTALL)
_ERROR_KEYS = ("error", "errors", "error_description", "message", "detail", "msg")
_FEW_KEYS = 8
_LFS = re.compile(r"^oid (\S{1,100})$.{0,200}?^size (\d{1,20})$", re.MULTILINE | re.DOTALL)
_COMPRESSIONS = (
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"7z", "7z"),
    (b"Rar!", "rar"),
)
_KERAS = re.compile(rb"keras_version|model_weights|layer_names|/_layer_checkpoint_dependencies")


def describe_other(file: Segment) -> Index:
    """Say what a file of no known kind is."""
    code = name_other(file)
    match code:
        case "lfs-pointer":
            finding = _lfs_pointer(file)
        case "html-page":
            finding = _page(file)
        case "compressed-file":
            finding = Finding(code=code, severity="error", found=_compression(file))
        case "hdf5-file" if _KERAS.search(file.read(0, PAGE_BYTES)):
            finding = Finding(code="keras-file", severity="error")
        case _:
            start = file.read(0, _SHOWN_BYTES).decode("utf-8", "backslashreplace")
            finding = Finding(code=code, severity="error", found=cut(printable(start)))
    kind: ContainerFormat = "executorch" if code == "executorch-file" else "unknown"
    return Index(format=kind, findings=(finding,))


def describe_json(file: Segment) -> Index:
    """Say what a JSON file is: the answer of a server that has no file to give, or something else."""
    text = file.read(0, REPLY_BYTES).decode("utf-8", "backslashreplace")
    reply = parse_json(text) if file.size <= REPLY_BYTES else None
    said = _said(reply)
    code = "server-error" if said else "json-file"
    return Index(
        format="unknown", findings=(Finding(code=code, severity="error", found=cut(said or text[:_SHOWN_BYTES])),)
    )


def parse_json(text: str) -> Any:  # noqa: ANN401 - JSON
    """Return what a JSON text says, None where it says nothing."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _said(reply: Any) -> str:  # noqa: ANN401
    """Return what an error reply says; empty where it is none."""
    if not isinstance(reply, dict):
        return ""
    keys = [key for key in _ERROR_KEYS if reply.get(key)]
    if not keys or (keys[0] not in _ERROR_KEYS[:3] and len(reply) > _FEW_KEYS):
        return ""
    value = reply[keys[0]]
    if isinstance(value, dict):
        value = value.get("message") or value.get("code") or value
    return printable(str(value))


def _compression(file: Segment) -> str:
    head = file.read(0, 8)
    return next(name for start, name in _COMPRESSIONS if head.startswith(start))


def _lfs_pointer(file: Segment) -> Finding:
    text = file.read(0, 1024).decode("utf-8", "backslashreplace")
    found = _LFS.search(text)
    expected = f"{found[1]}, {found[2]} B" if found else ""
    return Finding(code="lfs-pointer", severity="error", expected=printable(expected), found=f"{file.size} B")


def _page(file: Segment) -> Finding:
    text = file.read(0, PAGE_BYTES).decode("utf-8", "backslashreplace")
    small = text.lower()
    title = _TITLE.search(text)
    shown = " ".join(title[1].split()) if title else ""
    code = "html-page"
    if "<html" not in small and "<!doctype html" not in small and "<error" in small:
        code, shown = "server-error", ", ".join(_XML_CODE.findall(text)[:2])
    elif any(mark in small for mark in _DRIVE_QUOTA):
        code = "html-drive-quota"
    elif any(mark in small for mark in _DRIVE_SCAN):
        code = "html-drive-scan"
    elif _MISSING_TITLE.search(shown):
        code = "html-not-found"
    elif any(mark in small for mark in _LOGIN) or _LOGIN_TITLE.search(shown):
        code = "html-login"
    return Finding(
        code=code, severity="error", found=cut(printable(shown or text[:_SHOWN_BYTES].strip("\ufeff \t\r\n")))
    )
