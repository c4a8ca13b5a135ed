"""A file of JSON lines that several processes may append to at the same time.

A line is there whole or not at all: a write that the disk cut short is taken back, and a line that
a crash cut short is closed before the next one.
"""

import errno
import fcntl
import os
from pathlib import Path


def append_line(path: Path, line: bytes) -> None:
    """Put one line, ending in a newline, at the end of a file, and on the disk.

    Raises:
        OSError: It may not survive; a line cut short by a full disk has been taken back.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        size = os.fstat(handle).st_size
        if size and os.pread(handle, 1, size - 1) != b"\n":
            line = b"\n" + line
        if os.write(handle, line) < len(line):
            os.ftruncate(handle, size)
            raise OSError(errno.ENOSPC, "written in part")
        os.fsync(handle)
    finally:
        os.close(handle)
