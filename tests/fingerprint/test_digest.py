from __future__ import annotations

from generators.fingerprint.digest import digest_layout, digest_weights


def test_the_order_of_the_tensors_does_not_matter() -> None:
    rows = [("a", "float32", (2, 3), "00"), ("b", "int64", (), "11")]
    assert digest_weights(rows) == digest_weights(reversed(rows))
    layout = [row[:3] for row in rows]
    assert digest_layout(layout) == digest_layout(reversed(layout))


def test_every_field_matters_and_none_runs_into_the_next() -> None:
    rows = [
        ("a", "float32", (2, 3), "00"),
        ("a", "float32", (2, 3), "01"),
        ("a", "float32", (23,), "00"),
        ("a", "float32", (3, 2), "00"),
        ("af", "loat32", (2, 3), "00"),
        ("b", "float32", (2, 3), "00"),
    ]
    assert len({digest_weights([row]) for row in rows}) == len(rows)
    assert len({digest_layout([row[:3]]) for row in rows}) == len(rows) - 1


def test_a_name_that_is_half_a_character_has_a_digest() -> None:
    assert digest_layout([("\udcff", "float32", ())]) != digest_layout([("\udcfe", "float32", ())])
