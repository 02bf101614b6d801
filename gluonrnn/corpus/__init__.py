"""A text becomes batches: found or fetched, read, numbered, sampled."""
