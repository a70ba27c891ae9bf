"""The command `repro`, also as `python -m repro`."""

import signal

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # while packages load, Ctrl-C ends the program without a word
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from repro.cli.main import main

if __name__ == "__main__":
    main()
