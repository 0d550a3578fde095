"""Signals that a site may listen to."""

from __future__ import annotations

from blinker import Namespace

_signals = Namespace()

#: Sent after a decision took effect. Sender is the app; ``kind`` is the kind of decision,
#: ``granted`` and ``before`` are the ids of the services granted from now on and until now.
decided = _signals.signal("consent-decided")
