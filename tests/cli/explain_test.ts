/** Explanations of errors: one sentence with a hint. */
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
import { test } from "../support/test.ts"

const line = (error: unknown) => `${toLine(explain(error))} [${explain(error).code}]`

const notReady = (kind: NotReadyKind, reason: string, attempts = 1) =>
  new NotReady({ address: "db:19530", kind, reasons: [reason], attempts, elapsed: Duration.millis(2100) })

test("explain returns a sentence with a hint for each kind of NotReady", () => {
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
    "db:19530 closed the connection immediately. It may require TLS: --tls, or --ca FILE. [1]",
    "db:19530 accepts connections but does not answer: no answer in 2s, after 5 attempts in 2s. " +
    "Check that it is a Milvus server, that it is not overloaded, and any proxies in between. [1]",
    "the TLS handshake with db:19530 failed: self-signed certificate. " +
    "Check --tls and --ca, and that the certificate is for this host. [1]",
    "db:19530 rejected the credentials: auth check failure. Check --user and --password, or the token. [1]",
    "db:19530 is up but not ready to serve: query node is not ready. Wait for it with --timeout 60s. [1]",
    "db:19530 rejected the connection: database not found[database=x]. Check --database. [1]",
    "the server at db:19530 is not Milvus: it knows no Connect. " +
    "Check the port: the gRPC port of Milvus is 19530 by default. [1]",
  ])
})

test("explain names wrong parameters by their flags, with exit code 2", () => {
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

test("explain adds a hint to errors of calls if something helps", () => {
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
    "db:19530 rejected the call: collection not loaded[collection=1] (Query, code 101). " +
    "Load it first: load collection NAME. [1]",
    "db:19530 rejected the call: something else (Query, code 5) [1]",
    "the connection to db:19530 was lost: read ECONNRESET. " +
    "The request may have been executed; check before you repeat it. [1]",
    "db:19530 does not support Insert. Its version may be too old, or it is milvus-lite. [1]",
    "db:19530 did not answer Insert in time [1]",
    '4 of 10 rows were written to "books", then: db:19530 rejected the call: full (Query, code 5) [1]',
    '"prod" is connected with other parameters. Disconnect it first: connect -D -a prod. [1]',
    "cannot start a local Milvus: no Python has it. Install it: embedded start --install, or run: pip install x. [1]",
  ])
})

test("explainCause explains a defect and an interruption in one line each", () => {
  assertEquals(
    toLine(explainCause(Cause.die(new TypeError("x is\nundefined")))),
    "internal error (please report): x is\\nundefined. Set DEBUG=1 to see where it occurred.",
  )
  assertEquals(explainCause(Cause.interrupt(1)), { text: "interrupted", code: 130 })
})
