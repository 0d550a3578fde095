"""Names and addresses that a policy file may contain: hosts, links, mail."""

from __future__ import annotations

import re
from string import ascii_lowercase, digits
from unicodedata import normalize

from consent.policy.mistakes import shown
from consent.policy.signs import UNSEEN, visible
from consent.policy.values import Pattern

_LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_NAME = rf"(localhost|{_LABEL}(\.{_LABEL})+)"
_PORT = "(:[1-9][0-9]{0,4})?"
_PATH = "(/[A-Za-z0-9._~%!$&'()*+,;=:@/-]*)?"
#: How much of a path is repeated, in characters.
_SHOWN = 40
_SCRIPT = r"\.(js|php)$"
_IN_URL = rf'[^\s{UNSEEN}\\"<>]'
_URL = rf'https?://[^\s{UNSEEN}\\"<>\[\]/?#@]+([/?#]{_IN_URL}*)?'
_IN_MAIL = rf'[^\s{UNSEEN}@<>,;:"()\[\]\\.]'
#: What stands between labels, and letters that names keep, unlike in the standard's first edition,
#: which Python has (UTS 46, section 4; RFC 5894, section 7.2).
_DOTS = re.compile("[.\u3002\uff0e\uff61]")
_KEPT = re.compile("[\u00df\u03c2\u200c\u200d]")
#: What nobody sees, which browsers leave out. Python does so with less of it, as of Unicode 3.2.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
#: Letters of other looks that older Pythons do not know (Unicode 16 and 17).
_LOOKS = {0xA7F1: "s", **dict(enumerate(ascii_lowercase + digits, 0x1CCD6))}
_SCHEME = re.compile("^[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def _host_hint(given: object) -> str | None:
    """Offer the host name in *given*, without what does not belong to it."""
    if not isinstance(given, str):
        return None
    text = given.strip()
    scheme = _SCHEME.match(text)
    bare = text[scheme.end() :] if scheme else text
    why = f'without "{scheme.group()}"' if scheme else ""
    host, _, path = re.split("[?#]", bare)[0].partition("/")
    better = f"{in_dns(host)}/{path}" if path else in_dns(host)
    if not HOST.fits(better):
        return why or None
    return ", ".join(filter(None, (shown(better), why)))


def _own_host_hint(given: object) -> str | None:
    """Offer the one host in *given*, and the folder of a script."""
    if not isinstance(given, str):
        return None
    place = re.sub(rf"^(//|\*\.)|/[^/]*{_SCRIPT}", "", given.strip())
    if place.startswith("/") and re.fullmatch(_PATH, place):
        return f'the name of the host before it, as in "verein.example{place[:_SHOWN]}"'
    return _host_hint(place)


def _site_hint(given: object) -> str | None:
    """Offer the host name in *given* without port and path."""
    if not isinstance(given, str):
        return None
    bare = _SCHEME.sub("", given.strip(), count=1)
    host = in_dns(re.split("[/:?#]", bare)[0]).removeprefix("*.")
    return shown(host) if SITE.fits(host) else None


def in_dns(host: str) -> str:
    """Return *host* in small letters, and what is no ASCII as it stands in the DNS."""
    try:
        return ".".join(map(_label, _DOTS.split(_mapped(host.lower()))))
    except UnicodeError:
        return host.lower()


def _mapped(host: str) -> str:
    """Return *host* with letters of other looks as they are meant, and without what is unseen."""
    if host.isascii():
        return host
    return normalize("NFKC", _UNSEEN.sub("", host).translate(_LOOKS)).lower()


def _label(label: str) -> str:
    if _KEPT.search(label):
        return f"xn--{label.encode('punycode').decode('ascii')}"
    return label if label.isascii() else label.encode("idna").decode("ascii")


def _link_hint(given: object) -> str | None:
    text = visible(given).strip().replace(" ", "%20") if isinstance(given, str) else ""
    if not text or "{{" in text:
        return None
    if EMAIL.fits(re.sub("^mailto:", "", text, flags=re.IGNORECASE)):
        return "a page; the e-mail address is that of the controller"
    better = text if LINK.fits(text) else _with_scheme(text) or f"/{text}"
    return shown(better) if LINK.fits(better) else None


def _with_scheme(text: str) -> str | None:
    """Return *text* as an address if it looks like one, else None."""
    scheme, colon, rest = text.partition(":")
    if colon:
        return f"{scheme.lower()}:{rest}"
    if text.startswith("//"):
        return f"https:{text}"
    host = re.split("[/?#]", text)[0].lower()
    page = re.search(r"\.(html?|php|aspx?)$", host)
    return f"https://{text}" if re.fullmatch(_NAME, host) and not page else None


def _mail_hint(given: object) -> str | None:
    if not isinstance(given, str):
        return None
    seen = visible(given).strip()
    better = re.sub(r"\s*[\[(]?(?:at|@)[\])]?\s+|\s*[\[(](?:at|ät)[\])]\s*", "@", seen)
    better = re.sub("^mailto:", "", better, flags=re.IGNORECASE)
    better = re.sub("^[^<>]*<([^<>]+)>$", r"\1", better)
    return shown(better) if better != given and EMAIL.fits(better) else None


SITE = Pattern(
    wanted="a host name such as verein.example",
    pattern=_NAME,
    longest=253,
    hint=_site_hint,
)
HOST = Pattern(
    wanted='a host name, perhaps with "*." before it and a port or path after it',
    pattern=rf"(\*\.)?{_NAME}{_PORT}{_PATH}",
    longest=500,
    hint=_host_hint,
    name="host",
)
OWN_HOST = Pattern(
    wanted="the host name of the site's own installation, perhaps with the path of its folder",
    pattern=f"{_NAME}{_PORT}{_PATH}",
    never=_SCRIPT,
    longest=500,
    hint=_own_host_hint,
)
LINK = Pattern(
    wanted='a path such as "/datenschutz", or an address with https://',
    pattern=rf'/([^\s{UNSEEN}\\"<>/]{_IN_URL}*)?|{_URL}',
    hint=_link_hint,
    name="link",
)
EMAIL = Pattern(
    wanted="an e-mail address",
    pattern=rf"{_IN_MAIL}+(\.{_IN_MAIL}+)*@({_IN_MAIL}+\.)+{_IN_MAIL}{{2,}}",
    longest=254,
    hint=_mail_hint,
)
