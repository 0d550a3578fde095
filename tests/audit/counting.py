"""A program that counts the log at a URL leaf by leaf, and says so after each."""

from __future__ import annotations

import sys

from consent.audit.counter import Counter
from consent.log.store import Store
from tests.log.samples import SITE


def main(url: str) -> None:
    store = Store(url, SITE)
    print("ready", flush=True)
    sys.stdin.readline()
    while Counter(store).batch(1):
        print("counted", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
