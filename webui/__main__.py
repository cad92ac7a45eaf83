"""Run the command line as `python -m webui`."""

from webui.cli import main

if __name__ == "__main__":
    main()
