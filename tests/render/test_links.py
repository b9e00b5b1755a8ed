from __future__ import annotations

import pytest

from generators.errors import RenderError
from generators.render.links import check_id, page_url, relative_url


@pytest.mark.parametrize(
    ("source", "target", "anchor", "expected"),
    [
        ("index.md", "claims.md", "claim-x", "claims/#claim-x"),
        ("claims.md", "checkpoints/a.md", "size", "../checkpoints/a/#size"),
        ("checkpoints/a.md", "checkpoints/index.md", "", "../"),
        ("checkpoints/index.md", "checkpoints/a.md", "", "a/"),
        ("checkpoints/a.md", "index.md", "", "../../"),
        ("checkpoints/a.md", "evidence/a.json", "", "../../evidence/a.json"),
        ("index.md", "charts/sizes-light.svg", "", "charts/sizes-light.svg"),
        ("claims.md", "claims.md", "claim-x", "#claim-x"),
        ("index.md", "index.md", "", "./"),
    ],
)
def test_an_address_leads_from_one_published_page_to_the_other(
    source: str, target: str, anchor: str, expected: str
) -> None:
    assert relative_url(source, target, anchor) == expected


def test_a_page_is_published_as_a_folder() -> None:
    assert page_url("checkpoints/index.md") == "checkpoints/"
    assert page_url("index.md") == ""
    assert page_url("charts/x.svg") == "charts/x.svg"


@pytest.mark.parametrize("text", ["", ".", "..", "a/b", "a b", "<x>", "a\n", "ñ"])
def test_an_id_that_could_leave_its_folder_or_its_attribute_is_refused(text: str) -> None:
    with pytest.raises(RenderError) as caught:
        check_id(text)
    assert caught.value.code == "unsafe-id"
