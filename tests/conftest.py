"""What holds for every test: how hard Hypothesis tries, that a failure in CI can be repeated, what signals mean."""

from __future__ import annotations

import os
import signal

from hypothesis import HealthCheck, settings

# A busy machine must not turn a slow example into a failure; pytest-timeout bounds the whole test instead.
settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("dev"), derandomize=True, print_blob=True)
settings.register_profile("deep", settings.get_profile("dev"), max_examples=5000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))

# A shell lets its background jobs ignore these, and whatever a test starts would too.
for _number, _usual in ((signal.SIGINT, signal.default_int_handler), (signal.SIGQUIT, signal.SIG_DFL)):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _usual)
