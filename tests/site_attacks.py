"""Checkpoints of which every string attacks the page that shows it."""

from __future__ import annotations

from pathlib import Path

from builders import Call, Name, float32_bytes, pickle_bytes, safetensors_bytes, tensor_call
from hostile.zip_forge import Entry, forge_zip, torch_entries
from render.hostile import HOSTILE

MARK = "window.pwned"
"""What every script sets, if it runs."""
ELSEWHERE = "https://elsewhere.invalid/x"
"""What every address asks for, if it is followed."""

ATTACKS = (
    f"<script>{MARK}=1</script>",
    f"</script><script>{MARK}=2</script>",
    f"<img src={ELSEWHERE} onerror={MARK}=3>",
    f"</code></td></tr></table><svg onload={MARK}=4></svg>",
    f'" autofocus onfocus="{MARK}=5" x="',
    f"' onmouseover='{MARK}=6",
    f"[link](javascript:{MARK}=7)",
    f"![image]({ELSEWHERE}.png)",
    f"<iframe src='{ELSEWHERE}'></iframe>",
    f"<style>@import url({ELSEWHERE}.css)</style>",
    f"<link rel=stylesheet href={ELSEWHERE}.css>",
    f"<base href={ELSEWHERE}>",
    f"<meta http-equiv=refresh content='0;url={ELSEWHERE}'>",
    f"<form action={ELSEWHERE}><input autofocus onfocus={MARK}=8>",
    f"<details open ontoggle={MARK}=9>",
    f"</title><script>{MARK}=10</script>",
    f"-->]]></style></textarea><script>{MARK}=11</script>",
    f"&lt;script&gt;{MARK}=12&lt;/script&gt;",
    f"\u003cscript\u003e{MARK}=13\u003c/script\u003e",
    f"{{{{ {MARK} }}}}{{% raw %}}{{: onclick={MARK}=14 }}",
    "</text><foreignObject><body xmlns='http://www.w3.org/1999/xhtml'><b>x</b></body></foreignObject>",
    "x\n\n# heading\n\n<b>bold</b>\n\n---\ntitle: other\n---",
    "a|b|c",
)
FILE_NAME = f'"><img src=x onerror={MARK}=20>.pt'
"""As hostile as a file's name can be without a slash."""


def write_attacking_checkpoints(folder: Path) -> Path:
    """Write two files under the ids of published ones; return the folder to look in."""
    for entry, content, name in (
        ("convnextpose-xs", _torch_file(), FILE_NAME),
        ("convnextpose-s", _safetensors_file(), FILE_NAME.replace(".pt", ".safetensors")),
    ):
        (folder / entry).mkdir(parents=True)
        (folder / entry / name).write_bytes(content)
    return folder


def _torch_file() -> bytes:
    texts = (*ATTACKS, *(text for text in HOSTILE if 0 < len(text) < 1000))
    tensors = {f"{text}.weight": tensor_call(str(i), (2,)) for i, text in enumerate(texts)}
    root = {
        "network": tensors,
        "globals": [Name(text, text) for text in ATTACKS],
        "calls": [Call(text, text, (text,), {text: text}) for text in ATTACKS],
        "values": {text: text for text in texts},
        "damaged": {text: tensor_call(text, (3,)) for text in ATTACKS},
    }
    data = [Entry(name=f"{ATTACKS[2]}/data/{i}", data=float32_bytes(0.5, 1.5)) for i in range(len(texts))]
    records = [Entry(name=f"{ATTACKS[2]}/data/{text}", data=b"x") for text in ATTACKS if "\n" not in text]
    return forge_zip(torch_entries(pickle_bytes(root, 4), *data, *records, root=ATTACKS[2]))


def _safetensors_file() -> bytes:
    header: dict[str, object] = {"__metadata__": {text: text for text in ATTACKS}}
    for i, text in enumerate(ATTACKS):
        dtype = text if i % 5 == 0 else "F32"
        header[text] = {"dtype": dtype, "shape": [1], "data_offsets": [4 * i, 4 * i + 4]}
    return safetensors_bytes(header, bytes(4 * len(ATTACKS)))
