"""Preloaded by the fork server: importing this module warms it."""

from flows.worker.forks import warm_up
from flows.worker.preload import WARM_ENTRYPOINTS, WARM_MODULES

warm_up(WARM_ENTRYPOINTS, modules=WARM_MODULES)
