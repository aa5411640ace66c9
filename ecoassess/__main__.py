"""`python -m ecoassess` is the command line."""

from ecoassess.cli import main

if __name__ == "__main__":
    main()
