"""Signals that a site may listen to."""

from __future__ import annotations

from blinker import Namespace

_signals = Namespace()

#: Sent after a decision took effect. Sender is the app; ``kind`` is the kind of decision,
#: ``granted`` and ``before`` are the ids of the services granted from now on and until now. What
#: fails in a function that hears of it is logged; the others hear of it, and the visitor gets the
#: answer, all the same.
decided = _signals.signal("consent-decided")
