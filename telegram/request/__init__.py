"""What a handler needs to answer one message: the user, the settings, the gateways."""
