"""
What colour somebody sees, and how well it stands out.

A colour is red, green, blue from 0 to 255 and alpha from 0 to 1. Contrast is that of WCAG 2,
from 1 (none) to 21 (black on white).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Colour(NamedTuple):
    """A colour, transparent or not."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0

    def over(self, other: Colour) -> Colour:
        """Return what is seen when this is painted over *other*."""
        rest = other.alpha * (1 - self.alpha)
        alpha = self.alpha + rest
        if not alpha:
            return CLEAR
        red, green, blue = (
            (mine * self.alpha + theirs * rest) / alpha
            for mine, theirs in zip(self[:3], other[:3], strict=True)
        )
        return Colour(red, green, blue, alpha)

    def faded(self, opacity: float) -> Colour:
        """Return the colour at *opacity*, from 0 to 1."""
        return self._replace(alpha=self.alpha * opacity)


CLEAR = Colour(0, 0, 0, 0)
WHITE = Colour(255, 255, 255)


class Coat(NamedTuple):
    """One element's background, and the opacity of it and everything inside."""

    fill: Colour
    opacity: float = 1.0


def seen(coats: Sequence[Coat], mark: Colour = CLEAR) -> Colour:
    """
    Return what is seen where *mark* is painted in the innermost of nested elements.

    *coats* are those of the elements, from the outside in.
    """
    inner = mark
    for coat in reversed(coats):
        inner = inner.over(coat.fill).faded(coat.opacity)
    return inner


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast of two opaque colours."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (_linear(part / 255) for part in colour[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
