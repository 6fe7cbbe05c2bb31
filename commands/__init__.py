"""Every action and query that a person can request, implemented once for all surfaces.

Does not belong here: texts for people, typer, aiogram, and work that touches a venue or a model.
A command that needs such work asks a port: a flow started by name with ids only, or an object
that the command line supplies.
"""
