"""Process, dispatcher and middlewares of the bot. Texts and commands do not belong here."""
