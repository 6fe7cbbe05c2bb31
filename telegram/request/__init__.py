"""Inputs of a handler's answer to a message: the user, the settings, the gateways."""
