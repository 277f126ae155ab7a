"""`python -m rfmreport` is the command line."""

from rfmreport.cli import main

if __name__ == "__main__":
    main()
