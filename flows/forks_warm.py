"""Preloaded by the fork server: importing this module warms it."""

from flows.forks import warm_up
from flows.warmth import WARM_ENTRYPOINTS
from flows.warmth import WARM_MODULES

warm_up(WARM_ENTRYPOINTS, modules=WARM_MODULES)
