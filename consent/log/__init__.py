"""
The evidence: what was decided, kept so that others can check it.

An event is made by :mod:`consent.log.event`, kept by :mod:`consent.log.store` and handed
over by :mod:`consent.log.export`.
"""
