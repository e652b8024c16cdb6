"""What a thread of the test serves, as a line between mmpd and a board."""

import os
import threading


class Served:
    """Subclasses have _serve(), which returns once .wake_read can be read, and _close(), which is called after that."""

    def __init__(self):
        self.wake_read, self.wake_write = os.pipe()
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        os.write(self.wake_write, b"x")
        self.thread.join()
        self._close()
        os.close(self.wake_read)
        os.close(self.wake_write)
