"""
Bring what is said and done about cookie notices in browsers: filter lists, and autoconsent.

The browser tests run against them. They come from the npm registry, need no Node, and lie beside
the installed packages, never in the repository: their licences are not ours. What is there
already is not asked for again. Which registry is asked is npm's own setting: the variable
NPM_CONFIG_REGISTRY, else ``registry`` in ~/.npmrc, else the public one.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import shutil
import sys
import tarfile
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path

PUBLIC = "https://registry.npmjs.org"

#: Seconds without a single byte, and how often to ask.
PATIENCE, TRIES = 60, 3


@dataclass(frozen=True)
class Package:
    """One version of one npm package, and what is taken out of it."""

    name: str
    version: str
    integrity: str  #: SHA-512 in base64, as the registry states it
    takes: dict[str, str]  #: name of a file in the package -> name here

    @property
    def folder(self) -> Path:
        """Where its files lie in this environment."""
        return Path(sys.prefix) / "share" / self.name / self.version

    @property
    def is_there(self) -> bool:
        """Whether nothing is missing."""
        return all((self.folder / name).is_file() for name in self.takes.values())


#: The newest: what DuckDuckGo's browsers and add-ons run.
AUTOCONSENT = Package(
    "@duckduckgo/autoconsent",
    "16.23.0",
    "NTmDhASFf5pUsSwg2TyT9R75GYUcuYZXPyBnRcYgJgozg6RLeXXP9uH8ADxA364yQ2gJBMu83AN/D24Y4nkPKg==",
    {"dist/autoconsent.playwright.js": "autoconsent.js", "rules/rules.json": "rules.json"},
)

#: The last that runs rules of Consent-O-Matic and brings the hiding rules of EasyList Cookie.
AUTOCONSENT_WITH_CONSENT_O_MATIC = Package(
    "@duckduckgo/autoconsent",
    "15.1.0",
    "BirbOjabN7gDY0uqJMlR7X/whW3MP6g7DNgzeghFpudDqE5e7sU/ox7Q+9+zO9kBFsOYXUY6nUwKDEoWJjeAag==",
    {
        "dist/autoconsent.playwright.js": "autoconsent.js",
        "rules/filterlist.txt": "easylist-cookie.txt",
    },
)

#: AdGuard's lists, and those of others that AdGuard ships: the base filter contains EasyList,
#: the German one EasyList Germany.
LISTS = Package(
    "@adguard/dnr-rulesets",
    "3.3.20260320140136",
    "n0DqlWWlDYs4P6UdG1H5HQR/nVCMMxq6B6JMj6gvcP4uMvjmLKQw6rPg07vy5+Mn0ty9Q/3OYQldiHsqNSPzuQ==",
    {
        f"dist/filters/declarative/ruleset_{number}/ruleset_{number}.json": f"{name}.txt"
        for number, name in {
            2: "base",
            3: "tracking",
            4: "social",
            6: "german",
            16: "french",
            18: "cookie-notices",
            19: "popups",
            20: "app-banners",
            21: "other-annoyances",
            22: "widgets",
            217: "polish-cookies",
            243: "swedish",
            249: "nordic",
        }.items()
    },
)

PACKAGES = [AUTOCONSENT, AUTOCONSENT_WITH_CONSENT_O_MATIC, LISTS]


def registry() -> str:
    """Return the address that npm would ask."""
    for name, value in os.environ.items():
        if name.lower() == "npm_config_registry" and value:
            return value.rstrip("/")
    settings = Path.home() / ".npmrc"
    lines = settings.read_text(encoding="utf-8").splitlines() if settings.is_file() else []
    for name, _, value in (line.partition("=") for line in lines):
        if name.strip() == "registry":
            return value.strip().rstrip("/")
    return PUBLIC


def download(package: Package) -> bytes:
    """Fetch the archive of *package*. Raises OSError if it cannot be had or is another one."""
    short = package.name.rpartition("/")[2]
    url = f"{registry()}/{package.name}/-/{short}-{package.version}.tgz"
    for left in reversed(range(TRIES)):
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE) as answer:  # noqa: S310 as npm does
                archive: bytes = answer.read()
            break
        except OSError:
            if not left:
                raise
    if base64.b64encode(hashlib.sha512(archive).digest()).decode() != package.integrity:
        raise OSError(f"{package.name} {package.version}: not the bytes that were published")
    return archive


def unpack(package: Package, archive: bytes, folder: Path) -> None:
    """Put the wanted files of *archive* into a new *folder*."""
    folder.mkdir()
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        for inside, name in package.takes.items():
            member = tar.extractfile(f"package/{inside}")
            content = member.read() if member else b""
            if inside.endswith(".json") and name.endswith(".txt"):  # compiled, beside its source
                content = json.loads(content)[0]["metadata"]["rawFilterList"].encode()
            (folder / name).write_bytes(content)


def bring(package: Package) -> None:
    """Install *package*, all of it or nothing."""
    if package.is_there:
        return
    print(f"downloading {package.name} {package.version} ...", file=sys.stderr)  # noqa: T201
    archive = download(package)
    package.folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=package.folder.parent) as made:
        unpack(package, archive, Path(made, "new"))
        shutil.rmtree(package.folder, ignore_errors=True)
        Path(made, "new").rename(package.folder)


if __name__ == "__main__":
    try:
        for package in PACKAGES:
            bring(package)
    except OSError as problem:
        sys.exit(f"{problem}")
