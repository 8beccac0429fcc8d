"""Runs a command on a pseudo-terminal of its own: python3 terminal.py ROWS COLUMNS COMMAND...

What comes on stdin is typed, what the terminal shows goes to stdout. The end of stdin closes the terminal. How the
command ended goes to stderr at last: {"code": 0, "signal": null}.
"""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios


def main() -> None:
    rows, columns, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    # The command must not start before its terminal has its size.
    ready, go = os.pipe()
    pid, master = pty.fork()
    if pid == 0:
        os.close(go)
        os.read(ready, 1)
        os.close(ready)
        os.execvp(command[0], command)
    os.close(ready)
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    os.write(go, b"x")
    os.close(go)
    relay(master)
    os.close(master)
    _, status = os.waitpid(pid, 0)
    killed = os.WIFSIGNALED(status)
    code = None if killed else os.WEXITSTATUS(status)
    name = signal.Signals(os.WTERMSIG(status)).name if killed else None
    sys.stderr.write(json.dumps({"code": code, "signal": name}))


def relay(master: int) -> None:
    while True:
        readable, _, _ = select.select([0, master], [], [])
        if master in readable:
            try:
                shown = os.read(master, 65536)
            except OSError:
                return  # Nobody has the terminal open any more.
            if not shown:
                return
            os.write(1, shown)
        if 0 in readable:
            typed = os.read(0, 65536)
            if not typed:
                return
            os.write(master, typed)


main()
