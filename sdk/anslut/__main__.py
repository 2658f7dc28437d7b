"""`python -m anslut`: the same as the command `anslut`."""

from anslut.cli import main

main()
