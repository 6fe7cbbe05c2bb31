"""`quorum up`: starts, supervises and stops the processes of an installation."""
