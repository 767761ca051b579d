import {
  assert,
  assertEquals,
  assertLess,
  assertMatch,
  assertNotMatch,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import {
  AliasError,
  type AliasErrorKind,
  type CallError,
  CodecError,
  type ConnectError,
  ConnectionClosed,
  ConnectionLimit,
  type MilvusError,
  NotImplemented,
  NotReady,
  type NotReadyKind,
  type NotReadyProps,
  ParamError,
  PartialCreate,
  PartialWrite,
  type RpcCode,
  RpcError,
  type RpcErrorProps,
  ServerError,
  Unsupported,
} from "../src/errors.ts"
import * as allErrors from "../src/errors.ts"
import { EmbeddedError } from "../src/Embedded.ts"
import { FakeMilvus, FaultProxy } from "../src/testing/mod.ts"
import { test } from "./support/test.ts"

const cause = new Error("why")
const notReady: NotReadyProps = {
  address: "milvus:19530",
  kind: "Unreachable",
  reasons: ["ECONNREFUSED"],
  attempts: 3,
  elapsed: Duration.millis(1_234.5),
  cause,
}
const rpc: RpcErrorProps = {
  method: "Insert",
  address: "milvus:19530",
  code: "UNAVAILABLE",
  details: "no route",
  progress: "NotSent",
  cause,
}
const server = { method: "Insert", address: "milvus:19530", code: 100, reason: "no such thing", retriable: false }

/** One error of each class, with its tag, its message, and whether it is retryable. */
const errors: ReadonlyArray<readonly [error: MilvusError, tag: string, message: string, isRetryable: boolean]> = [
  [
    new NotImplemented({ handler: "HTTP" }),
    "NotImplemented",
    'handler "HTTP" is not implemented: the only handler is "GRPC"',
    false,
  ],
  [
    new ParamError({ parameter: "port", expected: "a port from 1 to 65535", actual: "0", cause }),
    "ParamError",
    'parameter "port": expected a port from 1 to 65535, got 0',
    false,
  ],
  [
    new NotReady(notReady),
    "NotReady",
    "milvus:19530 cannot be reached (Unreachable, 3 attempts, 1s 235ms): ECONNREFUSED",
    true,
  ],
  [
    new ConnectionLimit({ limit: 65_536, open: 65_536, address: "milvus:19530" }),
    "ConnectionLimit",
    "connection limit 65536 reached (milvus:19530; 65536 open)",
    false,
  ],
  [
    new AliasError({ alias: "a", kind: "Conflict" }),
    "AliasError",
    'alias "a" is connected with other parameters: disconnect it first',
    false,
  ],
  [
    new ConnectionClosed({ address: "milvus:19530", method: "Insert" }),
    "ConnectionClosed",
    "Insert: the connection to milvus:19530 is closed",
    false,
  ],
  [new RpcError(rpc), "RpcError", "Insert at milvus:19530 failed with UNAVAILABLE: no route", true],
  [new ServerError(server), "ServerError", "Insert at milvus:19530 answered code 100: no such thing", false],
  [
    new PartialCreate({ collection: "books", step: "CreateIndex", field: "vector", indexed: ["title"], cause }),
    "PartialCreate",
    'collection "books" exists with indexes of title, but CreateIndex of "vector" failed: why',
    false,
  ],
  [
    new Unsupported({
      operation: "Vectors.query",
      option: "orderBy",
      address: "a:1",
      version: "v2.3.5",
      needs: "3.0.0",
    }),
    "Unsupported",
    'option "orderBy" of Vectors.query needs Milvus 3.0.0 or later: a:1 is v2.3.5',
    false,
  ],
  [
    new CodecError({ field: "vector", row: 0, expected: "4 dimensions", actual: "3", cause }),
    "CodecError",
    'field "vector", row 0: expected 4 dimensions, got 3',
    false,
  ],
]

test("an error of any class has a message of one line with what failed, where and why", () => {
  for (const [error, tag, message, isRetryable] of errors) {
    assert(error instanceof Error)
    assertEquals([error._tag, error.name, error.message, error.isRetryable], [tag, tag, message, isRetryable])
    assertStringIncludes(error.stack ?? "", `${tag}: ${message}`)
  }
})

test("the message of an error leaves out absent properties", () => {
  for (
    const [error, message] of [
      [new ParamError({ parameter: "token", expected: "text" }), 'parameter "token": expected text'],
      [
        new NotReady({ ...notReady, kind: "Timeout", reasons: [], attempts: 1, elapsed: Duration.seconds(10) }),
        "milvus:19530 does not answer (Timeout, 1 attempt, 10s)",
      ],
      [
        new ConnectionLimit({ limit: 2, open: 2 }),
        "connection limit 2 reached (this registry; 2 open)",
      ],
      [new ConnectionClosed({ address: "milvus:19530" }), "the connection to milvus:19530 is closed"],
      [new CodecError({ field: "vector", expected: "4 dimensions" }), 'field "vector": expected 4 dimensions'],
      [new CodecError({ field: "id", row: 1, expected: "a value" }), 'field "id", row 1: expected a value'],
      [new CodecError({ field: "id", expected: "a string", actual: "7" }), 'field "id": expected a string, got 7'],
    ] as const
  ) assertEquals(error.message, message)
})

test("an error keeps its cause", () => {
  for (const [error, tag] of errors) {
    const has = ["ParamError", "NotReady", "RpcError", "CodecError", "PartialCreate"].includes(tag)
    assertStrictEquals(error.cause, has ? cause : undefined)
  }
  for (const odd of [undefined, null, "text", 1n, Symbol("s"), { a: 1 }, () => {}]) {
    assertStrictEquals(new RpcError({ ...rpc, cause: odd }).cause, odd)
  }
})

test("the message of an error is one short line when the text of others is long and has line breaks", () => {
  const words = "first\r\n\tsecond\u2028third " + "x".repeat(10_000)
  for (
    const error of [
      new NotReady({ ...notReady, reasons: [words, words] }),
      new RpcError({ ...rpc, details: words }),
      new ServerError({ ...server, reason: words }),
    ]
  ) {
    assertNotMatch(error.message, /[\r\n\t\u2028]/)
    assertStringIncludes(error.message, "first second third")
    assertLess(error.message.length, 600)
  }
  assertEquals(new AliasError({ alias: "a\nb", kind: "NotFound" }).message.split("\n").length, 1)
})

test("NotReady is retryable when the server may become ready later, and its message names the reason", () => {
  const kinds: Record<NotReadyKind, readonly [isRetryable: boolean, phrase: string]> = {
    Unreachable: [true, "cannot be reached"],
    Timeout: [true, "does not answer"],
    Tls: [false, "fails the TLS handshake"],
    Unauthenticated: [false, "refuses the credentials"],
    Unhealthy: [true, "is not healthy"],
    Rejected: [false, "rejects the connection"],
    Incompatible: [false, "is not a Milvus server"],
  }
  for (const [kind, [isRetryable, phrase]] of Object.entries(kinds)) {
    const error = new NotReady({ ...notReady, kind: kind as NotReadyKind })
    assertEquals(error.isRetryable, isRetryable, kind)
    assertStringIncludes(error.message, `milvus:19530 ${phrase} (${kind}, `)
  }
})

test("RpcError is retryable when the server was not available or the session broke", () => {
  const always = ["NotSent", "Lost", "Answered"]
  const codes: Record<RpcCode, ReadonlyArray<string>> = {
    CANCELLED: ["Lost"],
    UNKNOWN: [],
    INVALID_ARGUMENT: [],
    DEADLINE_EXCEEDED: [],
    NOT_FOUND: [],
    ALREADY_EXISTS: [],
    PERMISSION_DENIED: [],
    RESOURCE_EXHAUSTED: [],
    FAILED_PRECONDITION: [],
    ABORTED: [],
    OUT_OF_RANGE: [],
    UNIMPLEMENTED: [],
    INTERNAL: ["Lost"],
    UNAVAILABLE: always,
    DATA_LOSS: [],
    UNAUTHENTICATED: [],
  }
  for (const [code, retryable] of Object.entries(codes)) {
    for (const progress of ["NotSent", "Lost", "Answered"] as const) {
      const error = new RpcError({ ...rpc, code: code as RpcCode, progress })
      assertEquals(error.isRetryable, retryable.includes(progress), `${code}, ${progress}`)
      assertStringIncludes(error.message, `failed with ${code}: `)
    }
  }
})

test("ServerError is retryable when Milvus reports so", () => {
  for (const retriable of [true, false]) {
    assertEquals(new ServerError({ ...server, retriable }).isRetryable, retriable)
    assertEquals(new ServerError({ ...server, retriable, refusal: "NotReady" }).isRetryable, retriable)
    assertEquals(new ServerError({ ...server, retriable, refusal: "RateLimit" }).isRetryable, true)
    assertEquals(new ServerError({ ...server, retriable, refusal: "ForceDeny" }).isRetryable, false)
  }
})

test("the message of AliasError of any kind has a remedy", () => {
  const kinds: Record<AliasErrorKind, RegExp> = {
    NotFound: /^alias "" is not connected: connect it first$/,
    NotConfigured: /^alias "" has no parameters: give an address at its first connect$/,
    Conflict: /^alias "" is connected with other parameters: disconnect it first$/,
  }
  for (const [kind, message] of Object.entries(kinds)) {
    assert(message.test(new AliasError({ alias: "", kind: kind as AliasErrorKind }).message), kind)
  }
})

test("an error is caught by its tag when it fails an Effect", () => {
  for (const [error, tag] of errors) {
    const tags = { NotImplemented: keep, ParamError: keep, NotReady: keep, ConnectionLimit: keep, AliasError: keep }
    const more = { ConnectionClosed: keep, RpcError: keep, ServerError: keep, CodecError: keep, PartialCreate: keep }
    const caught = Effect.fail(error).pipe(Effect.catchTags({ ...tags, ...more, Unsupported: keep }))
    assertStrictEquals(Effect.runSync(caught), error, tag)
  }
  // In the types as well as at run time, only the errors that were not caught remain.
  const call = (error: CallError): Effect.Effect<string, Exclude<CallError, RpcError>> =>
    Effect.fail(error).pipe(Effect.catchTag("RpcError", ({ method, code }) => Effect.succeed(`${method} ${code}`)))
  assertEquals(Effect.runSync(call(new RpcError(rpc))), "Insert UNAVAILABLE")
  const connect = (error: ConnectError): Effect.Effect<string, Exclude<ConnectError, NotReady>> =>
    Effect.fail(error).pipe(Effect.catchTag("NotReady", ({ kind }) => Effect.succeed(kind)))
  assertEquals(Effect.runSync(connect(new NotReady(notReady))), "Unreachable")
  const yielded = Effect.gen(function* () {
    return yield* new ServerError(server)
  })
  assertEquals(Effect.runSync(Effect.flip(yielded))._tag, "ServerError")
})

const keep = (error: MilvusError) => Effect.succeed(error)

test("an error is the same after it was encoded to JSON and decoded", () => {
  for (const [error] of errors) {
    // Cast: every class is a schema, too, which its explicit constructor type does not show.
    const codec = Schema.toCodecJson(error.constructor as unknown as Schema.Codec<MilvusError>)
    const back = Schema.decodeUnknownSync(codec)(JSON.parse(JSON.stringify(Schema.encodeSync(codec)(error))))
    assert(back instanceof error.constructor)
    assertEquals([back._tag, back.message, back.isRetryable], [error._tag, error.message, error.isRetryable])
    assertEquals(String(back.cause), String(error.cause))
    const text = JSON.parse(JSON.stringify(error))
    assertEquals(text._tag, error._tag)
  }
})

/** Errors of every class, each with one text property set to the text of another program. */
const withText = (text: string): ReadonlyArray<readonly [what: string, error: Error]> => [
  ["NotImplemented.handler", new NotImplemented({ handler: text })],
  ["ParamError.parameter", new ParamError({ parameter: text, expected: "a port" })],
  ["ParamError.expected", new ParamError({ parameter: "port", expected: text })],
  ["ParamError.actual", new ParamError({ parameter: "port", expected: "a port", actual: text })],
  ["NotReady.address", new NotReady({ ...notReady, address: text })],
  ["NotReady.reasons", new NotReady({ ...notReady, reasons: ["one", text] })],
  ["ConnectionLimit.address", new ConnectionLimit({ limit: 1, open: 1, address: text })],
  ["AliasError.alias", new AliasError({ alias: text, kind: "NotFound" })],
  ["ConnectionClosed.address", new ConnectionClosed({ address: text })],
  ["ConnectionClosed.method", new ConnectionClosed({ address: "a:1", method: text })],
  ["RpcError.method", new RpcError({ ...rpc, method: text })],
  ["RpcError.address", new RpcError({ ...rpc, address: text })],
  ["RpcError.details", new RpcError({ ...rpc, details: text })],
  ["ServerError.method", new ServerError({ ...server, method: text })],
  ["ServerError.address", new ServerError({ ...server, address: text })],
  ["ServerError.reason", new ServerError({ ...server, reason: text })],
  ["CodecError.field", new CodecError({ field: text, expected: "4 dimensions" })],
  ["CodecError.expected", new CodecError({ field: "vector", expected: text })],
  ["CodecError.actual", new CodecError({ field: "vector", expected: "4 dimensions", actual: text })],
  ["PartialWrite.collection", new PartialWrite({ ...partial, collection: text })],
  ["PartialWrite.cause", new PartialWrite({ ...partial, cause: new Error(text) })],
  ["PartialWrite.cause", new PartialWrite({ ...partial, cause: text })],
  ["PartialCreate.collection", new PartialCreate({ ...created, collection: text })],
  ["PartialCreate.step", new PartialCreate({ ...created, step: text })],
  ["PartialCreate.field", new PartialCreate({ ...created, field: text })],
  ["PartialCreate.indexed", new PartialCreate({ ...created, indexed: [text] })],
  ["PartialCreate.cause", new PartialCreate({ ...created, cause: new Error(text) })],
  ["Unsupported.operation", new Unsupported({ ...unsupported, operation: text })],
  ["Unsupported.option", new Unsupported({ ...unsupported, option: text })],
  ["Unsupported.address", new Unsupported({ ...unsupported, address: text })],
  ["Unsupported.version", new Unsupported({ ...unsupported, version: text })],
  ["Unsupported.needs", new Unsupported({ ...unsupported, needs: text })],
  ["EmbeddedError.reason", new EmbeddedError({ engine: "milvus", kind: "StartFailed", reason: text })],
  ["EmbeddedError.command", new EmbeddedError({ engine: "milvus", kind: "StartFailed", reason: "", command: text })],
  ["EmbeddedError.log", new EmbeddedError({ engine: "milvus", kind: "StartFailed", reason: "", log: `a\n${text}` })],
  ["FakeMilvusError.address", new FakeMilvus.FakeMilvusError({ address: text, reason: "taken" })],
  ["FakeMilvusError.reason", new FakeMilvus.FakeMilvusError({ address: "a:1", reason: text })],
  ["FaultProxyError.host", new FaultProxy.FaultProxyError({ host: text, port: 1, reason: "taken" })],
  ["FaultProxyError.reason", new FaultProxy.FaultProxyError({ host: "a", port: 1, reason: text })],
]

const unsupported = { operation: "Collection.truncate", address: "a:1", version: "v2.3.5" }
const created = { collection: "c", step: "CreateIndex", indexed: ["a"], cause }
const partial = { collection: "c", rows: 2, written: 1, acknowledged: [[0, 1]] as const, ids: ["a"], cause }

/** Control characters, bidirectional controls, line separators, and lone surrogates. */
const harmful = [
  ...Array.from({ length: 0x20 }, (_, unit) => unit),
  ...Array.from({ length: 0x21 }, (_, unit) => 0x7f + unit),
  ...[0x061c, 0x200e, 0x200f, 0x2028, 0x2029, 0xd800, 0xdbff, 0xdc00, 0xdfff],
  ...Array.from({ length: 5 }, (_, unit) => 0x202a + unit),
  ...Array.from({ length: 4 }, (_, unit) => 0x2066 + unit),
].map((unit) => String.fromCharCode(unit))

test("rule 16: a message has no character that a terminal acts on, whatever text an error contains", () => {
  const known = new Set(withText("").map(([what]) => what.split(".")[0]))
  for (const name of Object.keys(allErrors)) assert(known.has(name), `${name} is not in the table`)
  for (const character of harmful) {
    for (const [what, error] of withText(`before${character}after`)) {
      for (const shown of [error.message, String(error), (error.stack ?? "").split("\n    at ")[0]!]) {
        assert(!harmful.some((character) => shown.includes(character)), `${what}: ${JSON.stringify(shown)}`)
        assertStringIncludes(shown, "after", what)
      }
    }
  }
})

test("rule 16: the properties of an error keep the text of a server unchanged", () => {
  const text = "\u001b[31mred\u001b[0m\u0007"
  assertEquals(new RpcError({ ...rpc, details: text }).details, text)
  assertEquals(new ServerError({ ...server, reason: text }).reason, text)
  assertEquals(new NotReady({ ...notReady, reasons: [text] }).reasons, [text])
})

test("rule 12: a message always has a text after expected", () => {
  for (const expected of ["", "  ", "\n"]) {
    assertMatch(new ParamError({ parameter: "port", expected }).message, /: expected \S/)
    assertMatch(new ParamError({ parameter: "port", expected, actual: "1" }).message, /: expected \w[\w ]+, got 1$/)
    assertMatch(new CodecError({ field: "vector", expected }).message, /: expected \S/)
    assertMatch(new CodecError({ field: "vector", expected, actual: "1" }).message, /: expected \w[\w ]+, got 1$/)
  }
})

test("CodecError is about a value of the caller when no kind is given", () => {
  assertEquals(new CodecError({ field: "vector", expected: "4 dimensions" }).kind, "Value")
  assertEquals(new CodecError({ kind: "Message", field: "IDs", expected: "4 keys" }).kind, "Message")
})

/** Causes that contain the text of a server. */
const causes = (text: string): ReadonlyArray<readonly [what: string, cause: unknown]> => [
  ["text", text],
  ["an error", new TypeError(text)],
  ["the cause of an error", new Error("outer", { cause: new RangeError(text) })],
  ["a property of an error", Object.assign(new Error("outer"), { details: text })],
  ["a status", { code: 2, details: text, metadata: {} }],
  ["an error of ours", new RpcError({ ...rpc, details: text, cause: { code: 2, details: text } })],
]

test("rule 16: an error printed with its causes has no character that a terminal acts on", () => {
  const errorsOf = (cause: unknown) => [
    new ParamError({ parameter: "port", expected: "a port", cause }),
    new NotReady({ ...notReady, cause }),
    new RpcError({ ...rpc, cause }),
    new CodecError({ field: "vector", expected: "4 dimensions", cause }),
    new PartialWrite({ ...partial, cause }),
    new EmbeddedError({ engine: "milvus", kind: "StartFailed", reason: "", cause }),
    new FakeMilvus.FakeMilvusError({ address: "a:1", reason: "taken", cause }),
    new FaultProxy.FaultProxyError({ host: "a", port: 1, reason: "taken", cause }),
  ]
  for (const character of harmful.filter((character) => character !== "\n")) {
    for (const [what, cause] of causes(`before${character}after`)) {
      for (const error of errorsOf(cause)) {
        const shown = Cause.pretty(Cause.fail(error)).replaceAll("\n", " ")
        assert(
          !harmful.some((character) => shown.includes(character)),
          `${error._tag}, ${what}: ${JSON.stringify(shown)}`,
        )
        // `Cause.pretty` does not print properties.
        if (!what.startsWith("a property")) assertStringIncludes(shown, "before", `${error._tag}, ${what}`)
      }
    }
  }
})

test("rule 16: a printable cause is kept, and any other is replaced by one of its class", () => {
  const harmless = new Error("first line\nsecond line", { cause: { code: 1 } })
  assertStrictEquals(new RpcError({ ...rpc, cause: harmless }).cause, harmless)
  const harmfulError = Object.assign(new TypeError("\u001b[31m"), { code: "E_RED", details: "plain" })
  const { cause } = new RpcError({ ...rpc, cause: harmfulError })
  assert(cause instanceof TypeError && "code" in cause && "details" in cause)
  assertEquals([cause.message, cause.name, cause.code, cause.details], ["\\u001b[31m", "TypeError", "E_RED", "plain"])
  const endless = new Error("\u0007")
  endless.cause = endless
  assertEquals(new RpcError({ ...rpc, cause: endless }).message, new RpcError(rpc).message)
})
