"""
The ``CONSENT_*`` keys of Flask's configuration, read once and checked.

A mistake here stops the start and says which key, what was found and what was wanted.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import URL

from consent.errors import ConfigError
from consent.gate.csp import Directives
from consent.gate.csp import parse as parse_csp
from consent.log.database.connection import file_in, seen_from
from consent.log.stamp import Authority
from consent.policy.file import read
from consent.policy.model import Policy
from consent.web.flood import Rate, read_rate
from consent.web.server import require_threads

#: Decisions per address that are handled normally. An office of a thousand behind one
#: address stays below it; a flood does not.
RATE_LIMIT = "1000 per minute"

KEYS = (
    "CONSENT_POLICY",
    "CONSENT_DATABASE",
    "CONSENT_URL_PREFIX",
    "CONSENT_RATE_LIMIT",
    "CONSENT_STATIC_PAGES",
    "CONSENT_SEAL",
    "CONSENT_LOG_KEY",
    "CONSENT_TSA",
    "CONSENT_TSA_CERTIFICATES",
    "CONSENT_CSP",
    "CONSENT_CSP_REPORT_ONLY",
    "CONSENT_STRICT_COOKIES",
    "CONSENT_AUDITOR",
)

#: Shortest secret key that is taken, in characters or bytes.
KEY_LENGTH = 16

#: What stands in the place of a key in examples, ours among them; everybody can read it.
_EXAMPLE = re.compile(r"(?:replace|change)[-_ ]?(?:me|this)", re.IGNORECASE)

_PREFIX = re.compile(r"(?:/[a-z0-9_-]+)+", re.ASCII)


@dataclass(frozen=True)
class Config:
    """What one app is configured to do."""

    policy: Policy
    policy_file: Path
    database: URL  #: as SQLAlchemy has it
    log_key: Path  #: file of the key that signs the log
    authority: Authority | None  #: who stamps checkpoints; None: nobody
    seals_itself: bool  #: whether the app seals; else ``flask consent seal`` does
    prefix: str
    rate_limit: Rate | None  #: None: no limit
    static_pages: bool  #: whether every visitor gets the same bytes
    csp: Directives | None  #: the site's own Content-Security-Policy; None: we send none
    csp_report_only: bool  #: whether browsers only report what it would refuse
    strict_cookies: bool  #: whether the app may set declared cookies only
    #: Tells the name of the site's own user who may audit; None: nobody is asked.
    auditor: Callable[[], str | None] | None
    session: str  #: name of Flask's session cookie
    #: Retired ones first, the current one last. Who prints the rest does not print these.
    keys: tuple[str | bytes, ...] = field(repr=False)

    @property
    def widens(self) -> bool:
        """Whether only the next page has, or lets through, what is granted on this one."""
        is_enforced = self.csp is not None and not self.csp_report_only
        return (is_enforced or self.is_bare) and not self.static_pages

    @cached_property
    def is_bare(self) -> bool:
        """Whether pages made for one visitor have nothing at all of what is not granted."""
        return self.policy.ungranted == "absent"

    @cached_property
    def to_be_read(self) -> tuple[str, ...]:
        """
        Links to what can be read without deciding, but not with the first layer over it.

        That is the film in sign language, of which a bar hides most on a narrow screen, and all
        that is linked there if the first layer is a dialog (requirements FL-15, LA-06).
        """
        links = self.policy.links
        others = (links.privacy, links.imprint) if self.policy.placement == "modal" else ()
        return tuple(filter(None, (links.sign_language, *others)))


def configure(app: Flask) -> Config:
    """Return the checked configuration of *app*. Raises ConfigError or PolicyError."""
    require_threads()
    _known(app)
    file = _policy_file(app)
    return Config(
        policy=read(file),
        policy_file=file,
        database=_database(app),
        log_key=_log_key(app),
        authority=_authority(app),
        seals_itself=_seals_itself(app.config.get("CONSENT_SEAL", "thread")),
        prefix=_prefix(app.config.get("CONSENT_URL_PREFIX", "/consent")),
        rate_limit=_rate_limit(app.config.get("CONSENT_RATE_LIMIT", RATE_LIMIT)),
        static_pages=_flag(app, "CONSENT_STATIC_PAGES"),
        csp=_csp(app.config.get("CONSENT_CSP")),
        csp_report_only=_flag(app, "CONSENT_CSP_REPORT_ONLY"),
        strict_cookies=_flag(app, "CONSENT_STRICT_COOKIES"),
        auditor=_auditor(app.config.get("CONSENT_AUDITOR")),
        session=app.session_interface.get_cookie_name(app),
        keys=_keys(app),
    )


def _known(app: Flask) -> None:
    for key in app.config:
        if key.startswith("CONSENT_") and key not in KEYS:
            import difflib  # for mistakes alone

            near = difflib.get_close_matches(key, KEYS, n=1)
            hint = f"; hint: {near[0]}" if near else ""
            raise ConfigError(f"{key}: unknown key, wanted one of {', '.join(KEYS)}{hint}")


def _policy_file(app: Flask) -> Path:
    value = app.config.get("CONSENT_POLICY")
    if not isinstance(value, str | Path) or not str(value):
        raise ConfigError(
            f"CONSENT_POLICY: found {_shown(value)}, wanted the path of the site's policy file; "
            'hint: app.config["CONSENT_POLICY"] = "consent.toml"'
        )
    return Path(app.root_path, value)


def _database(app: Flask) -> URL:
    value = app.config.get("CONSENT_DATABASE")
    if value is None:
        return file_in(Path(app.instance_path), "consent.sqlite3")
    if not isinstance(value, str) or not value:
        raise ConfigError(
            f"CONSENT_DATABASE: found {_shown(value)}, wanted a database URL such as "
            "sqlite:////var/lib/site/consent.sqlite3 or postgresql://user@host/name"
        )
    return seen_from(Path(app.instance_path), value)


def _log_key(app: Flask) -> Path:
    value = app.config.get("CONSENT_LOG_KEY", "consent.key")
    if not isinstance(value, str | Path) or not Path(value).suffix:
        raise ConfigError(
            f"CONSENT_LOG_KEY: found {_shown(value)}, wanted the path of a file such as "
            "/var/lib/site/consent.key"
        )
    return Path(app.instance_path, value)


def _authority(app: Flask) -> Authority | None:
    url, file = app.config.get("CONSENT_TSA"), app.config.get("CONSENT_TSA_CERTIFICATES")
    if url is None and file is None:
        return None
    for key, value in (("CONSENT_TSA", url), ("CONSENT_TSA_CERTIFICATES", file)):
        if not isinstance(value, str | Path) or not str(value):
            raise ConfigError(
                f"{key}: found {_shown(value)}, wanted address and certificates of a time stamping"
                " authority, both or none"
            )
    return Authority(str(url), Path(app.root_path, str(file)))


def _seals_itself(value: Any) -> bool:
    if value not in ("thread", "command"):
        raise ConfigError(
            f'CONSENT_SEAL: found {_shown(value)}, wanted "thread", or "command" for '
            "flask consent seal --watch"
        )
    return bool(value == "thread")


def _prefix(value: Any) -> str:
    if not isinstance(value, str) or not _PREFIX.fullmatch(value):
        raise ConfigError(
            f"CONSENT_URL_PREFIX: found {_shown(value)}, wanted a path of small letters, "
            "digits, - and _ that begins with / and does not end with it"
        )
    return value


def _rate_limit(value: Any) -> Rate | None:
    if value is None:
        return None
    try:
        return read_rate(value)
    except ValueError as error:
        raise ConfigError(
            f'CONSENT_RATE_LIMIT: found {_shown(value)}, wanted a rate such as "{RATE_LIMIT}", '
            "or None for no limit"
        ) from error


def _flag(app: Flask, key: str) -> bool:
    value = app.config.get(key, False)
    if not isinstance(value, bool):
        raise ConfigError(f"{key}: found {_shown(value)}, wanted True or False")
    return value


def _csp(value: Any) -> Directives | None:
    if value is None:
        return None
    if not isinstance(value, str | Mapping):
        problem = f"found {_shown(value)}"
    else:
        try:
            return parse_csp(value)
        except ValueError as error:
            problem = str(error)
    raise ConfigError(
        f"CONSENT_CSP: {problem}, wanted the site's own Content-Security-Policy as a text or as a "
        "table of directives; "
        """hint: "default-src 'self'; script-src 'self' 'nonce-{nonce}'" """.rstrip()
    )


def _auditor(value: Any) -> Callable[[], str | None] | None:
    if value is not None and (mistake := unusable(value)):
        raise ConfigError(
            f"CONSENT_AUDITOR: found {mistake}, wanted a function that returns the name of"
            " the current user if they may audit, else None"
        )
    return value  # type: ignore[no-any-return]


def unusable(function: object) -> str | None:
    """Return what *function* is if it cannot just be called for an answer, else None."""
    if not callable(function):
        return _shown(function)
    if inspect.iscoroutinefunction(function):
        return "one that has to be awaited"
    with suppress(ValueError, RuntimeError):  # of what is built in nobody knows
        try:
            inspect.signature(function).bind()
        except TypeError:
            return "one that wants arguments"
    return None


def _keys(app: Flask) -> tuple[str | bytes, ...]:
    fallbacks = app.config.get("SECRET_KEY_FALLBACKS") or []
    if not isinstance(fallbacks, list | tuple):
        raise ConfigError("SECRET_KEY_FALLBACKS: wanted a list of retired keys, newest first")
    if not _is_strong(app.config.get("SECRET_KEY")):
        raise ConfigError(
            "SECRET_KEY: missing or too weak to sign with, wanted at least "
            f"{KEY_LENGTH} random characters; "
            "hint: python3 -c 'import secrets; print(secrets.token_hex(32))'"
        )
    if not all(map(_is_strong, fallbacks)):
        raise ConfigError(
            "SECRET_KEY_FALLBACKS: a retired key is too weak to be trusted, wanted at least "
            f"{KEY_LENGTH} random characters; hint: leave it out, and visitors are asked again"
        )
    return (*reversed(fallbacks), app.config["SECRET_KEY"])


def _is_strong(key: Any) -> bool:
    """Tell whether *key* can hardly be guessed."""
    if not isinstance(key, str | bytes) or len(key) < KEY_LENGTH or len(set(key)) < 6:
        return False
    return not _EXAMPLE.search(key if isinstance(key, str) else key.decode("latin-1"))


def _shown(value: Any) -> str:
    return "nothing" if value is None else repr(value)[:60]
