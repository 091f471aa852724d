"""Settings of the property tests: no deadline, since a busy machine is slow at times, and in CI the same examples."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("unitc", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("unitc")
