"""Whether text can be read on a colour: the contrast of two colours as WCAG defines it."""

from __future__ import annotations

BLACK, WHITE = "#000000", "#ffffff"
_LINEAR_BELOW = 0.04045


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21.

    Source: WCAG 2.2, definitions of contrast ratio and of relative luminance; sRGB's threshold is IEC 61966-2-1's.
    """
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def blend(colour: str, share: float, ground: str) -> str:
    """Return what a colour that covers a share (0 to 1) of the light from behind it looks like."""
    mixed = (round(share * c + (1 - share) * g) for c, g in zip(_channels(colour), _channels(ground), strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def readable_on(colour: str, share: float, ground: str) -> str:
    """Return black or white, whichever is read better on a colour that covers a share of the ground."""
    behind = blend(colour, share, ground)
    return max((BLACK, WHITE), key=lambda ink: contrast(ink, behind))


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(share: float) -> float:
    return share / 12.92 if share <= _LINEAR_BELOW else ((share + 0.055) / 1.055) ** 2.4


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
