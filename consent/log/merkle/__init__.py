"""What a log is made of, as RFC 6962 and C2SP specify it: trees, notes, checkpoints, proofs."""
