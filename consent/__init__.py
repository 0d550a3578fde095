"""
Cookie consent for Flask: ask, remember, gate, prove.

What a site may import is here, and nothing else is public.
"""

from consent.errors import (
    ConfigError,
    ConsentError,
    LogError,
    LogUnavailable,
    PolicyError,
    SetupError,
)
from consent.version import VERSION as __version__
from consent.web.extension import Consent
from consent.web.signals import decided

__all__ = [
    "ConfigError",
    "Consent",
    "ConsentError",
    "LogError",
    "LogUnavailable",
    "PolicyError",
    "SetupError",
    "__version__",
    "decided",
]
