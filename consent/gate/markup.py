"""
Markup that is there but cannot run or load.

A ``<template>`` is inert by the HTML standard: nothing in it runs, loads or is found by a
preload scanner, whether our script arrives or not (requirements GA-02).
"""

from __future__ import annotations

CLOSING = "</template>"


def opening(service: str, placeholder: str = "") -> str:
    """
    Return what makes the markup after it inert until :data:`CLOSING`.

    >>> opening("matomo") + "<script src=x></script>" + CLOSING
    '<template data-consent="matomo"><script src=x></script></template>'
    """
    return f'{placeholder}<template data-consent="{service}">'
