/** Errors as sentences with what to do. */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import { assertEquals } from "@std/assert"
import { explain, explainCause, toLine } from "../../src/cli/errorText.ts"
import { EmbeddedError } from "../../src/embedded/errors.ts"
import {
  AliasError,
  NotReady,
  type NotReadyKind,
  ParamError,
  PartialWrite,
  RpcError,
  ServerError,
} from "../../src/errors.ts"

const test = (name: string, fn: () => void) => Deno.test({ name, sanitizeOps: true, sanitizeResources: true, fn })

const line = (error: unknown) => `${toLine(explain(error))} [${explain(error).code}]`

const notReady = (kind: NotReadyKind, reason: string, attempts = 1) =>
  new NotReady({ address: "db:19530", kind, reasons: [reason], attempts, elapsed: Duration.millis(2100) })

test("each kind of NotReady is a sentence with what to try", () => {
  assertEquals([
    line(notReady("Unreachable", "connect ECONNREFUSED 127.0.0.1:1")),
    line(notReady("Unreachable", "Name resolution failed for target dns:db")),
    line(notReady("Unreachable", "the peer hung up; does it want TLS?")),
    line(notReady("Timeout", "no answer in 2s", 5)),
    line(
      notReady(
        "Tls",
        "No connection established. Last error: Error: self-signed certificate (2026-01-01T00:00:00.000Z)",
      ),
    ),
    line(notReady("Unauthenticated", "auth check failure")),
    line(notReady("Unhealthy", "query node is not ready")),
    line(notReady("Rejected", "database not found[database=x]")),
    line(notReady("Incompatible", "it knows no Connect")),
  ], [
    "cannot reach db:19530: connection refused. Is Milvus running there? Check -h and -p, or start one: embedded start. [1]",
    "cannot reach db:19530: no such host: db. Is Milvus running there? Check -h and -p, or start one: embedded start. [1]",
    "db:19530 hangs up at once. It may want TLS: --tls, or --ca FILE. [1]",
    "db:19530 accepts connections and does not answer: no answer in 2s, after 5 attempts in 2s. " +
    "Check that it is a Milvus and not overloaded, and the proxies between. [1]",
    "db:19530 and this side do not agree on TLS: self-signed certificate. " +
    "Check --tls and --ca, and that the certificate is for this host. [1]",
    "db:19530 refuses the credentials: auth check failure. Check --user and --password, or the token. [1]",
    "db:19530 is up and cannot serve yet: query node is not ready. Wait for it: --timeout 60s. [1]",
    "db:19530 refuses the connection: database not found[database=x]. Check --database. [1]",
    "what answers at db:19530 is no Milvus: it knows no Connect. Check the port: Milvus has 19530 for gRPC. [1]",
  ])
})

test("wrong parameters are told by their flags, with exit code 2", () => {
  assertEquals([
    line(new ParamError({ parameter: "port", expected: "a port from 1 to 65535", actual: "0" })),
    line(new ParamError({ parameter: "tls.certificate", expected: "a certificate as PEM text" })),
    line(new ParamError({ parameter: "fields.title", expected: "a maxLength" })),
  ], [
    "--port: expected a port from 1 to 65535, got 0 [2]",
    "--cert: expected a certificate as PEM text [2]",
    "fields.title: expected a maxLength [2]",
  ])
})

test("errors of calls say what to try where something helps", () => {
  const server = (code: number, reason: string) =>
    new ServerError({ method: "Query", address: "db:19530", code, reason, retriable: false })
  const rpc = (code: "UNAVAILABLE" | "UNIMPLEMENTED" | "DEADLINE_EXCEEDED", details = "") =>
    new RpcError({ method: "Insert", address: "db:19530", code, details, progress: "Lost" })
  assertEquals([
    line(server(101, "collection not loaded[collection=1]")),
    line(server(5, "something\nelse")),
    line(rpc("UNAVAILABLE", "read ECONNRESET")),
    line(rpc("UNIMPLEMENTED")),
    line(rpc("DEADLINE_EXCEEDED")),
    line(
      new PartialWrite({
        collection: "books",
        rows: 10,
        written: 4,
        acknowledged: [[0, 4]],
        ids: ["a"],
        cause: server(5, "full"),
      }),
    ),
    line(new AliasError({ alias: "prod", kind: "Conflict" })),
    line(
      new EmbeddedError({
        engine: "milvus-lite",
        kind: "PackageNotFound",
        reason: "no Python has it",
        command: "pip install x",
      }),
    ),
  ], [
    "db:19530 refuses it: collection not loaded[collection=1] (Query, code 101). Load it first: load collection NAME. [1]",
    "db:19530 refuses it: something else (Query, code 5) [1]",
    "the connection to db:19530 was lost: read ECONNRESET. What was sent may have been done; look before you repeat it. [1]",
    "db:19530 does not know Insert. Its version may be too old, or it is milvus-lite. [1]",
    "db:19530 did not answer Insert in time [1]",
    '4 of 10 rows were written to "books", then: db:19530 refuses it: full (Query, code 5) [1]',
    '"prod" is connected with other parameters. Disconnect it first: connect -D -a prod. [1]',
    "no local Milvus was started: no Python has it. Let it be installed: embedded start --install, or run: pip install x. [1]",
  ])
})

test("a defect and an interruption are one line each", () => {
  assertEquals(
    toLine(explainCause(Cause.die(new TypeError("x is\nundefined")))),
    "this is a mistake of effect-milvus itself: x is\\nundefined. DEBUG=1 shows where.",
  )
  assertEquals(explainCause(Cause.interrupt(1)), { text: "interrupted", code: 130 })
})
