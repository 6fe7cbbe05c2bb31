"""`quorum demo`: days of trading in compressed time, in a temporary database."""
