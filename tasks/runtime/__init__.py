"""Process-wide services that the tasks share: connections, settings, caching, locks, retries.

No trading rules.
"""
