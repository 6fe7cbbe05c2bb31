"""`quorum up`: starts, supervises and stops the processes of one installation."""
