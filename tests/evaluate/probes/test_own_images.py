from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from generators.errors import EvaluationError
from generators.evaluate.probes import gathering, photographs
from generators.evaluate.probes.gathering import gather_probes
from generators.evaluate.probes.own_images import own_probe, read_own_images

Image = pytest.importorskip("PIL.Image")


def _picture(folder: Path, name: str = "me.png") -> Path:
    path = folder / name
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (120, 100, 3), dtype=np.uint8)).save(path)
    return path


def test_an_image_with_its_box_becomes_a_probe_that_is_never_shown(tmp_path: Path) -> None:
    _picture(tmp_path)
    (tmp_path / "me.toml").write_text("box = [10, 10, 60, 100]\nfocal_pixels = 1000.0\ndistance_mm = 3000.0\n")
    (own,) = read_own_images(tmp_path)
    probe = own_probe(own, np.random.default_rng(1))
    assert probe.crops.shape == (5, 256, 256, 3)
    assert not probe.may_show
    # a pixel of the image is 3 mm; the square is 1.25 times 99 pixels, moved a little
    assert probe.pixels_mm == pytest.approx(3 * 1.25 * 99 / 256, rel=0.02)


def test_json_says_the_same_as_toml(tmp_path: Path) -> None:
    _picture(tmp_path)
    (tmp_path / "me.json").write_text(json.dumps({"box": [10, 10, 60, 100]}))
    (own,) = read_own_images(tmp_path)
    assert own.box == (10, 10, 60, 100)
    assert own.millimetres is None


@pytest.mark.parametrize(
    ("box", "what"),
    [
        (None, "has no box"),
        ("box = [1, 2, 3]", "can't be read as a box"),
        ("box = ", "can't be read as a box"),
        ('box = [1, 2, 3, 4]\nname = "x"', "can't be read as a box"),
        ("box = [500, 500, 10, 10]", "no part"),
    ],
)
def test_a_bad_box_is_an_error_with_place_and_remedy(tmp_path: Path, box: str | None, what: str) -> None:
    _picture(tmp_path)
    if box is not None:
        (tmp_path / "me.toml").write_text(box)
    with pytest.raises(EvaluationError, match=what) as caught:
        read_own_images(tmp_path)
    assert "me." in caught.value.where
    assert caught.value.remedy


def test_a_file_that_is_no_image_is_an_error_with_place_and_remedy(tmp_path: Path) -> None:
    (tmp_path / "me.png").write_bytes(b"\x89PNG\r\n\x1a\nno more")
    (tmp_path / "me.toml").write_text("box = [1, 2, 3, 4]")
    with pytest.raises(EvaluationError, match="can't be read as an image") as caught:
        read_own_images(tmp_path)
    assert caught.value.where.endswith("me.png")


def test_a_missing_package_and_missing_images_are_stated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photographs, "PACKAGE", "no_such_package")
    probes, missing = gather_probes((1, 2), tmp_path / "nothing")
    assert [set(shown) for shown in probes.values()] == [{"drawn"}, {"drawn"}]
    assert [(m.what, m.reason) for m in missing] == [("photograph", "package-missing"), ("own", "none-given")]


def test_a_damaged_photograph_is_stated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = tmp_path / "astronaut.png"
    damaged.write_bytes(b"no image")
    monkeypatch.setattr(gathering, "find_photograph", lambda: damaged)
    probes, missing = gather_probes((1,), tmp_path / "nothing")
    assert "photograph" not in probes[1]
    assert (missing[0].what, missing[0].reason) == ("photograph", "malformed")
