/** pymilvus in a process of its own, which does what it is told: the other client of the cross-checks. */
import { assert } from "@std/assert"
import { fileURLToPath } from "node:url"
import { pythonWith } from "../support/python.ts"

/** A value in the form that `pymilvus_peer.py` tells. */
export type Exact = null | boolean | string | ReadonlyArray<Exact> | { readonly [key: string]: Exact }

/** A row, by field. */
export type ExactRow = { readonly [field: string]: Exact }

/** What pymilvus found, for one query. */
export interface ExactHit {
  readonly id: string
  readonly score: string
  readonly row: ExactRow
}

interface Methods {
  readonly write: [{ how: "insert" | "upsert"; collection: string; rows: ReadonlyArray<ExactRow> }, number]
  readonly read: [
    { collection: string; filter: string; outputs: ReadonlyArray<string> },
    ReadonlyArray<ExactRow>,
  ]
  readonly search: [
    {
      collection: string
      field: string
      vectors: ReadonlyArray<Exact>
      limit: number
      outputs?: ReadonlyArray<string>
      params?: Readonly<Record<string, number>>
      filter?: string
    },
    ReadonlyArray<ReadonlyArray<ExactHit>>,
  ]
}

type Answer<Value> = { readonly value: Value } | { readonly refusal: string } | { readonly failure: string }

export interface PymilvusPeer extends AsyncDisposable {
  /** What it answers; rejects where it was refused. */
  call<M extends keyof Methods>(method: M, options: Methods[M][0]): Promise<Methods[M][1]>
  /** With what message it was refused; rejects where it was not. */
  refusal<M extends keyof Methods>(method: M, options: Methods[M][0]): Promise<string>
}

/** About 1 s. One call at a time. */
export async function startPymilvus(address: string): Promise<PymilvusPeer> {
  const script = fileURLToPath(new URL("pymilvus_peer.py", import.meta.url))
  const child = new Deno.Command(await pythonWith("pymilvus"), {
    args: [script, address],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn()
  const [to, from] = [child.stdin.getWriter(), child.stdout.getReader()]
  let text = ""
  const decoder = new TextDecoder()
  const line = async (): Promise<string> => {
    while (!text.includes("\n")) {
      const { value } = await from.read()
      assert(value !== undefined, "pymilvus ended")
      text += decoder.decode(value, { stream: true })
    }
    const end = text.indexOf("\n")
    const first = text.slice(0, end)
    text = text.slice(end + 1)
    return first
  }
  const ask = async <M extends keyof Methods>(method: M, options: Methods[M][0]): Promise<Answer<Methods[M][1]>> => {
    await to.write(new TextEncoder().encode(JSON.stringify({ method, arguments: options }) + "\n"))
    return JSON.parse(await line())
  }
  return {
    async call(method, options) {
      const answer = await ask(method, options)
      assert("value" in answer, `pymilvus: ${JSON.stringify(answer)}`)
      return answer.value
    },
    async refusal(method, options) {
      const answer = await ask(method, options)
      assert("refusal" in answer, `pymilvus was not refused: ${JSON.stringify(answer)}`)
      return answer.refusal
    },
    async [Symbol.asyncDispose]() {
      await to.close()
      await from.cancel()
      await child.status
    },
  }
}
