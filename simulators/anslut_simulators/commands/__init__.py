"""The subcommands this package adds to the anslut command."""
