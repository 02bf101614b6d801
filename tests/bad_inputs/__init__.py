"""What may be passed in that is wrong, and what is said of it: the tables in ``rooms``, read by `table`."""
