"""What a site declares: the file, purposes, services, texts, catalogue and notice."""
