"""`python -m anslut_conformance` is `anslut certify`: for where the command is not on the path."""

from anslut_conformance.commands.certify import certify

if __name__ == "__main__":
    certify()
