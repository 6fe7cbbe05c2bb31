"""Actions and queries of users, implemented once for all surfaces.

Texts for people, typer, aiogram, and work at a venue or a model do not belong here. A command
reaches such work through a port: a flow started by name with ids only, or an object of the command
line.
"""
