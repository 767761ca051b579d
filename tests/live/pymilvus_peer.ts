/** pymilvus in a separate process: the other client of the cross-checks. */
import { assert } from "@std/assert"
import { fileURLToPath } from "node:url"
import { pythonWith } from "../support/python.ts"

/** A value in the exact form that `pymilvus_peer.py` defines. */
export type Exact = null | boolean | string | ReadonlyArray<Exact> | { readonly [key: string]: Exact }

/** A row: values by field. */
export type ExactRow = { readonly [field: string]: Exact }

/** Hits of pymilvus for one query. */
export interface ExactHit {
  readonly id: string
  readonly score: string
  readonly row: ExactRow
}

interface Methods {
  readonly write: [{ how: "insert" | "upsert"; collection: string; rows: ReadonlyArray<ExactRow> }, number]
  readonly create: [
    {
      collection: string
      /** Options have the names of pymilvus. A default is in the exact form. */
      fields: ReadonlyArray<readonly [name: string, type: string, options: Readonly<Record<string, Exact | number>>]>
      dynamic: boolean
    },
    null,
  ]
  /** Includes its indexes, which are created first. */
  readonly load: [
    { collection: string; indexes: ReadonlyArray<readonly [field: string, type: string, metric: string]> },
    null,
  ]
  readonly drop: [{ collection: string }, null]
  readonly read: [
    { collection: string; filter: string; outputs: ReadonlyArray<string>; limit?: number },
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

/** A value, a refusal by pymilvus or the server, or another error within pymilvus. */
export type Answer<Value> = { readonly value: Value } | { readonly refusal: string } | { readonly failure: string }

export interface PymilvusPeer extends AsyncDisposable {
  /** Resolves with the answer. Rejects if the call was refused. */
  call<M extends keyof Methods>(method: M, options: Methods[M][0]): Promise<Methods[M][1]>
  /** Resolves with the message of the refusal. Rejects if the call was not refused. */
  refusal<M extends keyof Methods>(method: M, options: Methods[M][0]): Promise<string>
  /** Resolves with any answer. */
  ask<M extends keyof Methods>(method: M, options: Methods[M][0]): Promise<Answer<Methods[M][1]>>
}

/** Starts pymilvus, which takes about 1 s. It answers one call after the other. */
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
  let last: Promise<unknown> = Promise.resolve()
  const ask = <M extends keyof Methods>(method: M, options: Methods[M][0]): Promise<Answer<Methods[M][1]>> => {
    const answer = last.then(async () => {
      await to.write(new TextEncoder().encode(JSON.stringify({ method, arguments: options }) + "\n"))
      return JSON.parse(await line())
    })
    last = answer.catch(() => {})
    return answer
  }
  return {
    ask,
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
