"""One module for each topic of `anslut population describe`; each sets `TOPIC`."""
