"""CPU time that a page costs the server, with consentry and without."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from benchmarks import site, visitor
from benchmarks.clock import added, in_turns, ratio
from benchmarks.figure import Figure, at_most, shown
from benchmarks.run import Run


def measure(run: Run) -> Iterator[Figure]:
    """Give the figures about pages."""
    folder = run.new_folder()
    without, ours = site.make_without(folder), site.make(folder)
    site.add_page(ours, "/film", "film.html")
    accepted, refused = (visitor.decided(ours, button) for button in ("accept", "reject"))
    views = [
        visitor.view(without),
        visitor.view(ours),
        visitor.view(without, cookie=accepted),
        visitor.view(ours, cookie=accepted),
        visitor.view(ours, cookie=refused),
        visitor.view(ours, "/film"),
    ]
    size = len(views[0]().body)
    bare, undecided, bare_cookie, granted, denied, linked = in_turns(
        views, run.sizes.rounds, run.sizes.calls
    )
    yield shown(f"page of {size:,} B without consentry", median(bare), "us")
    yield at_most(
        "undecided visitor, two gates",
        ratio(undecided, bare),
        1.3,
        "x",
        f"+{added(undecided, bare):.1f} us",
    )
    yield shown("a link to the provider in the placeholder, more", added(linked, undecided), "us")
    for name, series in (("accepted", granted), ("refused", denied)):
        yield at_most(f"decided visitor ({name}), two gates", added(series, bare_cookie), 20, "us")
        yield at_most(f"decided visitor ({name}), ratio", ratio(series, bare_cookie), 1.15, "x")
    yield from _more_gates(run, accepted)


def _more_gates(run: Run, accepted: str) -> Iterator[Figure]:
    folder = run.new_folder()
    two, six = site.make(folder), site.make(folder, gates=6)
    bare_two, bare_six = site.make_without(folder), site.make_without(folder, gates=6)
    apps = (two, six, bare_two, bare_six)
    for name, cookie in (("accepted", accepted), ("undecided", "")):
        with_2, with_6, bare_2, bare_6 = in_turns(
            [visitor.view(app, cookie=cookie) for app in apps],
            run.sizes.rounds // 2 + 1,
            run.sizes.calls,
        )
        each = (added(with_6, bare_6) - added(with_2, bare_2)) / 4
        note = f"six gates: {ratio(with_6, bare_6):.3f}x"
        yield shown(f"each further gate ({name})", each, "us", note)
