"""
Markup that is there but cannot run or load.

A ``<template>`` is inert by the HTML standard: nothing in it runs, loads or is found by a
preload scanner, whether our script arrives or not (requirements GA-02).
"""

from __future__ import annotations

CLOSING = "</template>"


def held(banner: str, *, notice: str, signals: str, state: str) -> str:
    """
    Return the *banner* inert, for a page that is the same for every visitor.

    The script finds out whether to show it: at once if the visitor's cookie was made under the
    same *notice* (its ref) and no *signals* say otherwise, else by asking at *state*.

    >>> held("<p>", notice="n", signals="gpc", state="/s")
    '<template data-consent-held="n" data-signals="gpc" data-state="/s"><p></template>'
    """
    facts = f'data-consent-held="{notice}" data-signals="{signals}" data-state="{state}"'
    return f"<template {facts}>{banner}{CLOSING}"


def opening(service: str, placeholder: str = "") -> str:
    """
    Return what makes the markup after it inert until :data:`CLOSING`.

    >>> opening("matomo") + "<script src=x></script>" + CLOSING
    '<template data-consent="matomo"><script src=x></script></template>'
    """
    return f'{placeholder}<template data-consent="{service}">'
