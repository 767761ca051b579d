"""Runs a program under a pseudo-terminal of 80 by 24 with a readable screen, for tests of interactive programs.

`terminal.py COMMAND...` reads one JSON object per line, and answers each with one:

- {"type": TEXT} types keys.
- {"until": REGEX, "seconds": N} waits until the screen, or the text that scrolled off it, matches; returns
  {"found": false} if it does not.
- {"screen": true} returns the current lines of the screen.
- {"styles": TEXT} returns the colours and weights of TEXT at its first position on the screen.
- {"raw": true} returns all output so far, as text.
- {"exit": true, "seconds": N} waits for the end, and returns the exit code.
"""

import codecs, fcntl, json, os, pty, re, select, signal, struct, sys, termios, time
import pyte

COLUMNS, LINES = 80, 24


def main(command):
    child, terminal = pty.fork()
    if child == 0:
        # Before the program runs, because it may read the size only once.
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        os.execvp(command[0], command)
    screen = pyte.HistoryScreen(COLUMNS, LINES, history=10_000, ratio=1)
    stream = pyte.ByteStream(screen)
    raw = codecs.getincrementaldecoder("utf-8")("replace")
    seen = []
    is_open = True

    def read(seconds):
        """Reads output. Returns after the first piece, or at the end."""
        nonlocal is_open
        if not is_open:
            return False
        if not select.select([terminal], [], [], seconds)[0]:
            return True
        try:
            data = os.read(terminal, 65536)
        except OSError:
            data = b""
        if not data:
            is_open = False
            return False
        seen.append(raw.decode(data))
        stream.feed(data)
        return True

    def text():
        past = ["".join(line[x].data for x in range(COLUMNS)).rstrip() for line in screen.history.top]
        return "\n".join(past + [line.rstrip() for line in screen.display])

    def until(pattern, seconds):
        deadline = time.monotonic() + seconds
        expression = re.compile(pattern, re.M)
        while not expression.search(text()):
            left = deadline - time.monotonic()
            if left <= 0 or not read(min(left, 0.1)) and not expression.search(text()):
                return False
        return True

    def styles(wanted):
        for y, line in enumerate(screen.display):
            x = line.find(wanted)
            if x >= 0:
                cells = [screen.buffer[y][x + i] for i in range(len(wanted))]
                return sorted({cell.fg for cell in cells} | ({"bold"} if any(cell.bold for cell in cells) else set()))
        return None

    def ended(seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            read(0.02)
            pid, status = os.waitpid(child, os.WNOHANG)
            if pid != 0:
                while read(0.05) and is_open:
                    pass
                return os.waitstatus_to_exitcode(status)
        return None

    is_over = False
    for line in sys.stdin:
        order = json.loads(line)
        answer = {}
        if "type" in order:
            os.write(terminal, order["type"].encode())
        elif "until" in order:
            answer = {"found": until(order["until"], order["seconds"]), "text": text()}
        elif "screen" in order:
            answer = {"lines": [line.rstrip() for line in screen.display]}
        elif "styles" in order:
            answer = {"styles": styles(order["styles"])}
        elif "raw" in order:
            answer = {"text": "".join(seen)}
        elif "exit" in order:
            code = ended(order["seconds"])
            is_over = code is not None
            answer = {"code": code, "text": text()}
        print(json.dumps(answer), flush=True)
    if not is_over:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


main(sys.argv[1:])
