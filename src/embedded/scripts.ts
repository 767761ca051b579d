/**
 * Python scripts, as text, because a JSR package has no files on disk.
 *
 * Each script takes one argument, JSON, and answers with one line of JSON on its standard output. `python -c` puts the
 * working directory first on the module path; each script removes it, so that files there cannot shadow modules.
 */

const prelude = `
import sys
sys.path[:] = [path for path in sys.path if path]
import json, os
`

/** Reports the version of this Python, and the versions of the distributions that are named in the argument. */
export const probeScript: string = `${prelude}
from importlib import metadata

def version(name):
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None

print(json.dumps({
    "executable": sys.executable,
    "python": list(sys.version_info[:2]),
    "versions": {name: version(name) for name in json.loads(sys.argv[1])},
}))
`

/**
 * Runs \`argv\`, and makes sure that it ends. When the standard input ends, because the writer closed it or died, the
 * script stops the program, waits, kills the rest of the process group, and removes \`remove\`. The program cannot do
 * that itself: it may be busy, stuck, or third-party code. On Linux the system kills the program if the supervisor is
 * killed.
 */
export const superviseScript: string = `${prelude}
import shutil, signal, subprocess, threading
parameters = json.loads(sys.argv[1])
if parameters["log"]:
    os.dup2(os.open(parameters["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600), 2)
supervisor = os.getpid()
try:
    import ctypes
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
except ImportError:
    libc = None

def die_with_supervisor():
    libc.prctl(1, signal.SIGKILL)
    if os.getppid() != supervisor:
        os._exit(1)

program = subprocess.Popen(
    parameters["argv"],
    cwd=parameters["cwd"],
    stdin=subprocess.DEVNULL,
    preexec_fn=libc and die_with_supervisor,
)
unwanted = threading.Event()

def end(*_):
    if unwanted.is_set():
        return
    unwanted.set()
    program.terminate()
    killer = threading.Timer(parameters["killGraceSeconds"], program.kill)
    killer.daemon = True
    killer.start()

def watch():
    while os.read(0, 4096):
        pass
    end()

for name in ("SIGHUP", "SIGINT", "SIGTERM"):
    if hasattr(signal, name):
        signal.signal(getattr(signal, name), end)
threading.Thread(target=watch, daemon=True).start()
code = program.wait()
try:
    os.write(1, (json.dumps({"exit": code}) + "\\n").encode())
except OSError:
    pass
while not unwanted.wait(3600):
    pass
for folder in parameters["remove"]:
    shutil.rmtree(folder, ignore_errors=True)
if os.name == "posix":
    os.killpg(0, signal.SIGKILL)
os._exit(0)
`

/** Sends answers to the standard output, and redirects what libraries print there to the log. */
const answerPrelude = `
import time
parameters = json.loads(sys.argv[1])
answer = os.dup(1)
os.dup2(2, 1)

def send(**line):
    os.write(answer, (json.dumps(line) + "\\n").encode())
    os.close(answer)

def fail(problem, reason):
    send(problem=problem, reason=str(reason))
    sys.exit(1)
`

/** Number of attempts, 0.2 s apart, to lock a directory: the previous server may be about to end. */
const lockAttempts = 20

/**
 * Serves \`directory\` with milvus-lite until SIGTERM, through the same function that pymilvus uses for a path ending
 * in ".db". Port 0 lets the system choose a free port.
 */
export const milvusLiteScript: string = `${prelude}${answerPrelude}
import signal, threading
import grpc
from milvus_lite.adapter.grpc.server import start_server_in_thread
from milvus_lite.exceptions import DataDirLockedError
unwanted = threading.Event()
for each in (signal.SIGINT, signal.SIGTERM):
    signal.signal(each, lambda *_: unwanted.set())

# Otherwise Linux lets two servers have the same port.
make = grpc.server
grpc.server = lambda *args, options=(), **named: make(*args, options=[*options, ("grpc.so_reuseport", 0)], **named)

for attempt in range(${lockAttempts}):
    try:
        server, db, port = start_server_in_thread(parameters["directory"], "127.0.0.1", parameters["port"])
        break
    except DataDirLockedError:
        if attempt == ${lockAttempts - 1}:
            fail("DataDirectory", "another server is using " + parameters["directory"])
        time.sleep(0.2)
    except OSError as error:
        fail("DataDirectory", error)
    except RuntimeError as error:
        if "bind" not in str(error):
            raise
        fail("PortTaken", error)
send(pid=os.getpid(), port=port)
while not unwanted.wait(3600):
    pass
server.stop(grace=2).wait()
db.close()
# All data is on disk; exiting the interpreter normally takes another half second.
os._exit(0)
`

/**
 * Unpacks the server in the package (246 MB) into \`unpacked\`, once per machine, writes its configuration like
 * \`milvus-server --data\`, and replaces itself with that server. SIGTERM stops the server cleanly, although it panics
 * at the very end.
 */
export const milvusScript: string = `${prelude}${answerPrelude}
import fcntl, milvus

def lock(path, wait):
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    for attempt in range(${lockAttempts}):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            return descriptor
        except BlockingIOError:
            time.sleep(0.2)
    fail("DataDirectory", "another server is using " + os.path.dirname(path))

unpacked = parameters["unpacked"]
os.makedirs(unpacked, exist_ok=True)
complete = os.path.join(unpacked, ".complete")
unpacking = lock(os.path.join(unpacked, ".lock"), True)
if not os.path.exists(complete):
    milvus._initialize_data_files(unpacked)
    open(complete, "w").close()
os.close(unpacking)

os.chdir(parameters["directory"])
os.set_inheritable(lock(os.path.join(parameters["directory"], ".lock"), False), True)
with open(parameters["ports"]["file"], "w") as file:
    file.write(parameters["ports"]["content"])
configuration = milvus.MilvusServerConfig(data_dir=".")
configuration.resolve_storage()
configuration.write_config()
binaries = os.path.join(unpacked, "bin")
library_path = "DYLD_LIBRARY_PATH" if sys.platform == "darwin" else "LD_LIBRARY_PATH"
# Milvus reads settings from its environment: only pass ours, and none by accident.
kept = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR")
environment = {name: os.environ[name] for name in kept if name in os.environ}
environment.update(parameters["settings"])
environment[library_path] = binaries
send(pid=os.getpid(), port=parameters["port"])
os.execve(os.path.join(binaries, "milvus"), ["milvus", "run", "standalone"], environment)
`

/**
 * Creates an environment in \`folder\` with \`requirements\`. An environment cannot be moved, so it is created in
 * place, under a lock that the system releases when this process ends. It is valid once the file \`complete\` exists.
 */
export const installScript: string = `${prelude}
import subprocess
parameters = json.loads(sys.argv[1])
os.dup2(2, 1)
folder, complete = parameters["folder"], parameters["complete"]
os.makedirs(os.path.dirname(folder), exist_ok=True)
lock = os.open(folder + ".lock", os.O_RDWR | os.O_CREAT, 0o600)

def note(text):
    print("effect-milvus:", text, file=sys.stderr, flush=True)

def acquire():
    if os.name == "nt":
        import msvcrt
        msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

waiting = False
while True:
    try:
        acquire()
        break
    except OSError:
        if not waiting:
            note("waiting for another process that is installing into " + folder)
        waiting = True
        import time
        time.sleep(0.2)

# The Python that the environment was created from may have been removed since.
if not os.path.exists(complete) or subprocess.run([parameters["python"], "-c", ""], check=False).returncode != 0:
    note("installing " + " ".join(parameters["requirements"]) + " into " + folder)
    subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
    options = ["--disable-pip-version-check", "--no-input", "--only-binary", ":all:"]
    subprocess.run([parameters["python"], "-m", "pip", "install", *options, *parameters["requirements"]], check=True)
    open(complete, "w").close()
    note("installed " + " ".join(parameters["requirements"]))
`
