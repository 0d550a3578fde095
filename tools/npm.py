"""
Bring what the browser tests run against from npm's registry: filter lists, autoconsent, scripts of
providers that our adapters speak to, those that put other pages into a page, browsers of years ago.

It fetches them from the one that it is set up for; they lie beside the installed packages, never in
the repository, as their licences are not ours. What is there already is not asked for again.

    python tools/npm.py            # brings what is missing
    python tools/npm.py --missing  # succeeds if something is
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

import brotli


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

#: Scripts of providers that our adapters speak to, as their pages load them.
CLARITY = Package(
    "clarity-js",
    "0.8.70",
    "U5m5yCBnki9faLVN1H40MfbGUgfe4BvHARbZU608+vs3prtq1qBjmdzegf7lZkXGnZcoQYPb/JZlXOG7jTIz/g==",
    {"build/clarity.min.js": "clarity.js"},
)
FRIENDLY_CAPTCHA = Package(
    "friendly-challenge",
    "0.9.20",
    "aldDMirOcXp6/VwLPZPZNG1q0ODsDzOjUzC/BVCwkX4oWFZrqZ7nNfm+cbAVOsx4rCtHXQqVUFNZlvyHdbElSQ==",
    {"widget.js": "widget.js"},
)

#: What puts other pages' content into a page.
HTMX = Package(
    "htmx.org",
    "4.0.1",
    "oF7JgXhDW9UXCy/k1ZYFUQgzu/rm19ORWPSPNL91vPluB2PB9+MV55tyQdH/w7o2EAbTYUG5SDW1R60mdkdqGg==",
    {"dist/htmx.min.js": "htmx.js"},
)
HTMX_2 = Package(
    "htmx.org",
    "2.0.11",
    "Thx/WtpeOQqSrqBCw/A1cwGJGg4UrVa3+sW0GmrM3p4gJgO89ecH4qtbnyzDDWFvBTqjnIMCgELTNt636dtamA==",
    {"dist/htmx.min.js": "htmx.js"},
)
TURBO = Package(
    "@hotwired/turbo",
    "8.0.23",
    "GZ7cijxEZ6Ig71u7rD6LHaRv/wcE/hNsc+nEfiWOkLNqUgLOwo5MNGWOy5ZV9ZUDSiQx1no7YxjTNnT4O6//cQ==",
    {"dist/turbo.es2017-umd.js": "turbo.js"},
)

#: What runs on telephones that get no new one: an older script, or none of ours.
CHROMIUM_84 = Package(
    "chrome-aws-lambda",
    "5.1.0",
    "snpUtZdKhVt6T8+pitkDjdAgv2nVUGtKPp6lv+vX6lUqTwUl/FllsyfFeptLFWsEei6h8YYCqZsvCpNIzqrwEg==",
    {"bin/chromium.br": "chromium"},
)
CHROMIUM_90 = Package(
    "chrome-aws-lambda",
    "8.0.2",
    "a4VEX6DknxISPqGLksZa/JuEnjc4nLXaG0BMp5c9qERvJ/eBHPUJ7oCRQQC+SxSxuxsEwxbBj2RBlCQbivnihg==",
    {"bin/chromium.br": "chromium"},
)

PACKAGES = [
    AUTOCONSENT,
    AUTOCONSENT_WITH_CONSENT_O_MATIC,
    LISTS,
    CLARITY,
    FRIENDLY_CAPTCHA,
    HTMX,
    HTMX_2,
    TURBO,
    CHROMIUM_84,
    CHROMIUM_90,
]


def download(package: Package) -> bytes:
    """Let npm fetch the archive of *package*. Raises OSError if it cannot."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = f"{package.name}@{package.version}"
        command = ["npm", "pack", "--silent", "--pack-destination", folder, wanted]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        if answer.returncode:
            raise OSError(f"npm cannot fetch {wanted}: {answer.stdout}{answer.stderr}")
        [archive] = Path(folder).iterdir()
        return archive.read_bytes()


def unpack(package: Package, archive: bytes, folder: Path) -> None:
    """Put the wanted files of *archive* into a new *folder*."""
    folder.mkdir()
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        for inside, name in package.takes.items():
            member = tar.extractfile(f"package/{inside}")
            content = member.read() if member else b""
            if inside.endswith(".json") and name.endswith(".txt"):  # compiled, beside its source
                content = json.loads(content)[0]["metadata"]["rawFilterList"].encode()
            if inside.endswith(".br"):  # a program
                content = brotli.decompress(content)
                (folder / name).touch(0o755)
            (folder / name).write_bytes(content)


def bring(package: Package) -> None:
    """
    Install *package*, all of it or nothing.

    Raises OSError if it cannot be had or is not what was published.
    """
    if package.is_there:
        return
    print(f"downloading {package.name} {package.version} ...", file=sys.stderr)  # noqa: T201
    archive = download(package)
    if base64.b64encode(hashlib.sha512(archive).digest()).decode() != package.integrity:
        raise OSError(f"{package.name} {package.version}: not the bytes that were published")
    package.folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=package.folder.parent) as made:
        unpack(package, archive, Path(made, "new"))
        shutil.rmtree(package.folder, ignore_errors=True)
        Path(made, "new").rename(package.folder)


def main() -> None:
    """Do what the command line says."""
    if "--missing" in sys.argv:
        sys.exit(all(package.is_there for package in PACKAGES))
    try:
        for package in PACKAGES:
            bring(package)
    except OSError as problem:
        sys.exit(f"{problem}")


if __name__ == "__main__":
    main()
