"""
Markup that is there but cannot run or load.

A ``<template>`` is inert by the HTML standard: nothing in it runs, loads or is found by a
preload scanner, whether our script arrives or not (requirements GA-02).
"""

from __future__ import annotations


def inert(service: str, markup: str, placeholder: str = "") -> str:
    """
    Return *markup* made inert until *service* is granted, after its *placeholder*.

    >>> inert("matomo", "<script src=x></script>")
    '<template data-consent="matomo"><script src=x></script></template>'
    """
    return f'{placeholder}<template data-consent="{service}">{markup}</template>'
