/**
 * A Python package that stands in for `milvus` 2.3.5, for cases that the real one cannot be brought to. Run it with
 * `PYTHONPATH`.
 *
 * Its server answers like /healthz and an empty etcd. It and its child process ignore SIGTERM. The first `collisions`
 * starts end with the error of a port that is in use.
 */

export async function fakeMilvus(folder: string, collisions: number): Promise<void> {
  await Deno.mkdir(`${folder}/milvus-2.3.5.dist-info`, { recursive: true })
  await Deno.writeTextFile(
    `${folder}/milvus-2.3.5.dist-info/METADATA`,
    "Metadata-Version: 2.1\nName: milvus\nVersion: 2.3.5\n",
  )
  await Deno.mkdir(`${folder}/milvus`, { recursive: true })
  await Deno.writeTextFile(`${folder}/milvus/__init__.py`, packageSource)
  await Deno.writeTextFile(`${folder}/server.py`, serverSource)
  await Deno.writeTextFile(`${folder}/collisions`, "x".repeat(collisions))
}

const packageSource = `
import os, sys
here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

def _initialize_data_files(folder):
    os.makedirs(os.path.join(folder, "bin"), exist_ok=True)
    path = os.path.join(folder, "bin", "milvus")
    with open(path, "w") as script:
        script.write(f"#!/bin/sh\\nexec {sys.executable} {here}/server.py\\n")
    os.chmod(path, 0o755)

class MilvusServerConfig:
    def __init__(self, data_dir): pass
    def resolve_storage(self): pass
    def write_config(self): pass
`

const serverSource = `
import http.server, os, signal, subprocess, sys, threading
here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "collisions"), "r+") as file:
    left = file.read()
    file.seek(0), file.truncate(), file.write(left[1:])
    file.flush()
    if left:
        sys.exit("listen tcp 127.0.0.1: bind: address already in use")
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen(["sleep", "987654"])

class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, text):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text)
    def do_GET(self):
        self.answer(b"OK")
    def do_POST(self):
        self.answer(b"{}")

def serve(port):
    http.server.HTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()

threading.Thread(target=serve, args=[os.environ["ETCD_ENDPOINTS"].split(":")[1]]).start()
serve(os.environ["METRICS_PORT"])
`
