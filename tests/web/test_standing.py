"""What a cookie means from one day to the next."""

from __future__ import annotations


def test_a_decision_that_ends_at_midnight_ends_there(app, visitor, monkeypatch):
    """
    A page that is asked for just before midnight, while the first one of the next day is, does not
    let a decision count for a day longer (RP-02).
    """
    visitor.decide("accept")
    site, cookies = app.extensions["consentry"], [visitor.cookie()]
    standings, read = site.standings, site.seal.read_choice
    last = read(cookies).day + site.config.policy.lifetime - 1

    def at_midnight(texts):
        if texts == cookies:
            standings.of(["of somebody else"], last + 1)
        return read(texts)

    monkeypatch.setattr(site.seal, "read_choice", at_midnight)

    assert standings.of(cookies, last).permits("matomo")
    assert not standings.of(cookies, last + 1).permits("matomo")
