"""Elevjournal: a made-up school health record, reached as the read replica of a relational database."""
