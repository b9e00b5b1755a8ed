from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generators.containers.array_storages import Latin1Segment, SwappedSegment
from generators.containers.segments import MemorySegment

BLOCK = 1 << 18


@pytest.mark.parametrize("lead", [b"", b"a", b"\xff", b"a\xff"])
def test_bytes_spelled_as_text_come_back_at_every_block_boundary(lead: bytes) -> None:
    data = lead + bytes([0xE9]) * BLOCK + bytes(range(256)) * 600
    segment = Latin1Segment(MemorySegment(data.decode("latin-1").encode("utf-8")), len(data))
    for start in (0, BLOCK // 2 - 2, BLOCK // 2, BLOCK - 1, BLOCK + 3, 5, len(data) - 1, len(data), len(data) + 1, -1):
        assert segment.read(start, 1000) == (data[start : start + 1000] if start >= 0 else b""), start
    assert segment.read(0, len(data) + 9) == data


def test_a_text_shorter_than_it_should_be_ends() -> None:
    text = "é" * 10
    segment = Latin1Segment(MemorySegment(text.encode()), 20)
    assert segment.read(0, 20) == b"\xe9" * 10
    assert segment.read(10, 5) == b""


@given(st.binary(max_size=64), st.sampled_from([2, 4, 8]), st.integers(-2, 70), st.integers(-2, 70))
def test_numbers_of_the_other_byte_order_are_turned_round(data: bytes, width: int, start: int, size: int) -> None:
    whole = data[: len(data) - len(data) % width]
    turned = b"".join(whole[i : i + width][::-1] for i in range(0, len(whole), width))
    found = SwappedSegment(MemorySegment(data), width).read(start, size)
    assert found == (turned[start : start + size] if start >= 0 and size > 0 else b"")
