"""aiogram handlers, one file for each group of commands. Texts are in `telegram.views`."""
