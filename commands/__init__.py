"""Every action and query that a person can request, implemented once for all surfaces.

Imports neither tasks nor adapters.
"""
