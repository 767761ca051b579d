/**
 * Explains an error in one sentence, with a hint and the exit code.
 *
 * Exit codes: 0 success, 1 failed operation, 2 wrong usage, 130 Ctrl-C.
 */
import process from "node:process"
import * as Cause from "effect/Cause"
import * as CliError from "effect/cli/CliError"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import { EmbeddedError } from "../embedded/errors.ts"
import {
  AliasError,
  CodecError,
  ConnectionClosed,
  NotImplemented,
  NotReady,
  type NotReadyKind,
  ParamError,
  PartialCreate,
  PartialWrite,
  RpcError,
  ServerError,
} from "../errors.ts"
import { PartialApply, PlanError } from "../plan/errors.ts"
import { CommandError, UsageError } from "./errors.ts"
import { printable } from "./output/cells.ts"

/** Explanation of an error for a person. */
export interface Explanation {
  /** One line that states what failed, where and why. */
  readonly text: string
  /** Suggestion, without a full stop. */
  readonly hint?: string | undefined
  /** Exit code. */
  readonly code: 1 | 2 | 130
}

/** Exit code after Ctrl-C. */
export const interruptedCode = 130

/** Returns an explanation as one line: the text, and the hint as a sentence. */
export const toLine = ({ text, hint }: Explanation): string =>
  printable(hint === undefined ? text : `${text.replace(/[.:]$/, "").replace(/[^?]$/, "$&.")} ${sentence(hint)}`)

const sentence = (text: string): string => `${text[0]?.toUpperCase()}${text.slice(1)}${text.endsWith("?") ? "" : "."}`

/** Explains the cause of a failed command: an error, an interruption, or a defect. */
export const explainCause = (cause: Cause.Cause<unknown>): Explanation => {
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  if (error !== undefined) return explain(error)
  if (Cause.hasInterruptsOnly(cause)) return { text: "interrupted", code: interruptedCode }
  const defect = Cause.squash(cause)
  const text = `internal error (please report): ${defect instanceof Error ? defect.message : String(defect)}`
  return { text, hint: isDebugging() ? Cause.pretty(cause) : "set DEBUG=1 to see where it occurred", code: 1 }
}

const isDebugging = (): boolean => Boolean(process.env["DEBUG"])

/** Explains an error. */
export const explain = (error: unknown): Explanation => {
  if (error instanceof UsageError) return { text: error.reason, hint: error.hint, code: 2 }
  if (error instanceof CommandError) return { text: error.reason, hint: error.hint, code: 1 }
  if (error instanceof NotReady) return notReady(error)
  if (error instanceof ParamError) return param(error)
  if (error instanceof NotImplemented) return { text: error.message, code: 2 }
  if (error instanceof AliasError) return alias(error)
  if (error instanceof PartialWrite) return partialWrite(error)
  if (error instanceof PartialCreate) return { text: error.message, hint: "create it again to complete it", code: 1 }
  if (error instanceof PartialApply) return partialApply(error)
  if (error instanceof PlanError) return { text: error.message, hint: planHints[error.kind], code: 1 }
  if (error instanceof ServerError) return server(error)
  if (error instanceof RpcError) return rpc(error)
  if (error instanceof ConnectionClosed) {
    return { text: `the connection to ${error.address} is closed`, hint: "connect again", code: 1 }
  }
  if (error instanceof CodecError) return { text: error.message, code: 1 }
  if (error instanceof EmbeddedError) {
    return { text: `cannot start a local Milvus: ${error.reason}${logOf(error)}`, hint: embeddedHint(error), code: 1 }
  }
  if (CliError.isCliError(error)) return usage(error)
  return { text: error instanceof Error ? error.message : String(error), code: 1 }
}

const notReadySentence: Record<NotReadyKind, readonly [what: string, hint: string]> = {
  Unreachable: ["cannot reach %s", "is Milvus running there? Check -h and -p, or start one: embedded start"],
  Timeout: [
    "%s accepts connections but does not answer",
    "check that it is a Milvus server, that it is not overloaded, and any proxies in between",
  ],
  Tls: ["the TLS handshake with %s failed", "check --tls and --ca, and that the certificate is for this host"],
  Unauthenticated: ["%s rejected the credentials", "check --user and --password, or the token"],
  Unhealthy: ["%s is up but not ready to serve", "wait for it with --timeout 60s"],
  Rejected: ["%s rejected the connection", "check --database"],
  Incompatible: ["the server at %s is not Milvus", "check the port: the gRPC port of Milvus is 19530 by default"],
}

const notReady = ({ kind, address, reasons, elapsed, attempts }: NotReady): Explanation => {
  const [what, hint] = notReadySentence[kind]
  const details = reasons.join("; ")
  if (kind === "Unreachable" && /(want|expect|require)s? TLS/.test(details)) {
    return {
      text: `${address} closed the connection immediately`,
      hint: "it may require TLS: --tls, or --ca FILE",
      code: 1,
    }
  }
  const why = details === "" ? "" : `: ${plainReason(details, address)}`
  const tried = attempts > 3 ? `, after ${attempts} attempts in ${Duration.format(seconds(elapsed))}` : ""
  return { text: `${what.replace("%s", address)}${why}${tried}`, hint, code: 1 }
}

const seconds = (duration: Duration.Duration): Duration.Duration =>
  Duration.seconds(Math.max(1, Math.round(Duration.toSeconds(duration))))

/** Shortens the text of a socket error: drops what the sentence around it states already. */
const plainReason = (reason: string, address: string): string => {
  if (/ECONNREFUSED/.test(reason)) return "connection refused"
  if (/ENOTFOUND|EAI_AGAIN|Name resolution failed/.test(reason)) return `no such host: ${address.replace(/:\d+$/, "")}`
  if (/EHOSTUNREACH|ENETUNREACH/.test(reason)) return "no route to the host"
  return oneLine(
    reason.replace(/No connection established\. Last error: (Error: )?/g, "").replace(/ \(\d{4}-[^)]*Z\)/g, ""),
  )
}

/** Explains a wrong parameter, by the name of its flag if it has one. */
const param = ({ parameter, expected, actual }: ParamError): Explanation => {
  const flag = flags.get(parameter)
  const got = actual === undefined ? "" : `, got ${actual}`
  return { text: `${flag === undefined ? parameter : `--${flag}`}: expected ${expected}${got}`, code: 2 }
}

const flags: ReadonlyMap<string, string> = new Map([
  ...["host", "port", "uri", "token", "user", "password", "database", "tls"].map((name) => [name, name] as const),
  ["tls.ca", "ca"],
  ["tls.certificate", "cert"],
  ["tls.key", "key"],
  ["connectTimeout", "timeout"],
  ["policy.actions", "action"],
  ["policy.using", "using"],
  ["policy.check", "check"],
  ["analyzerNames", "analyzer-name"],
])

const alias = ({ alias, kind }: AliasError): Explanation => {
  const name = JSON.stringify(alias)
  const named = /^[\w.-]+$/.test(alias) ? alias : name
  switch (kind) {
    case "NotFound":
      return {
        text: `${name} is not connected`,
        hint: `connect it first: connect -h HOST -p PORT -a ${named}`,
        code: 1,
      }
    case "NotConfigured":
      return {
        text: `no connection is saved as ${name}`,
        hint: `save it: connect -h HOST -p PORT -a ${named} --save; see the saved ones: list connections`,
        code: 1,
      }
    case "Conflict":
      return {
        text: `${name} is connected with other parameters`,
        hint: `disconnect it first: connect -D -a ${named}`,
        code: 1,
      }
  }
}

const partialWrite = ({ collection, rows, written, cause }: PartialWrite): Explanation => {
  const { text, hint } = explain(cause)
  return { text: `${written} of ${rows} rows were written to "${collection}", then: ${text}`, hint, code: 1 }
}

const partialApply = ({ done, step, cause }: PartialApply): Explanation => ({
  text: `after ${done.length} steps, this one failed: ${step}: ${explain(cause).text}`,
  hint: "apply the file again to make the rest",
  code: 1,
})

const planHints: Record<PlanError["kind"], string> = {
  Conflict: "change the definitions, or make a new collection",
  Stale: "apply the file again",
}

const server = (error: ServerError): Explanation => {
  const reason = oneLine(error.reason).replace(/^.*?\bMilvusException:\s*/, "")
  if (/PrivilegeNotPermitted|permission deny|PermissionDenied/i.test(reason)) {
    return {
      text: `${error.address} denied permission: ${reason}`,
      hint: "use another user, or grant this one the privilege",
      code: 1,
    }
  }
  const hint = hints.find(([pattern]) => pattern.test(reason))?.[1]
  return { text: `${error.address} rejected the call: ${reason} (${error.method}, code ${error.code})`, hint, code: 1 }
}

const hints: ReadonlyArray<readonly [pattern: RegExp, hint: string]> = [
  [/collection not loaded|not loaded|not fully loaded/i, "load it first: load collection NAME"],
  [/can't find collection|collection not found|collection .*not exist/i, "see which exist: list collections"],
  [/database not found|database .*not (exist|found)/i, "see which exist: list databases"],
  [
    /index (not found|doesn't exist)|no vector index|there is no vector index/i,
    "create one first: create index COLLECTION FIELD",
  ],
]

const rpc = (error: RpcError): Explanation => {
  switch (error.code) {
    case "UNAUTHENTICATED":
      return { text: `${error.address} rejected the credentials`, hint: notReadySentence.Unauthenticated[1], code: 1 }
    case "UNIMPLEMENTED":
      return {
        text: `${error.address} does not support ${error.method}`,
        hint: "its version may be too old, or it is milvus-lite",
        code: 1,
      }
    case "DEADLINE_EXCEEDED":
      return error.progress === "Answered"
        // A wait that lasted too long, whose details are its state, or a reply of the server.
        ? { text: `${error.address}: ${oneLine(error.details)} (${error.method}, ${error.code})`, code: 1 }
        : { text: `${error.address} did not answer ${error.method} in time`, code: 1 }
    case "UNAVAILABLE":
      return {
        text: `the connection to ${error.address} was lost: ${plainReason(error.details, error.address)}`,
        hint: error.progress === "Lost" ? "the request may have been executed; check before you repeat it" : undefined,
        code: 1,
      }
    default:
      return {
        text: `${error.address} rejected the call: ${oneLine(error.details)} (${error.method}, ${error.code})`,
        code: 1,
      }
  }
}

const logOf = ({ log }: EmbeddedError): string => {
  const last = log?.trimEnd().split("\n").at(-1)?.trim() ?? ""
  return last === "" ? "" : `; its log ends with: ${last.slice(0, 200)}`
}

const embeddedHint = ({ kind, command }: EmbeddedError): string | undefined => {
  if (kind === "PackageNotFound") {
    return `install it: embedded start --install${command === undefined ? "" : `, or run: ${command}`}`
  }
  return command === undefined ? undefined : `run: ${command}`
}

const usage = (error: CliError.CliError): Explanation => {
  switch (error._tag) {
    case "ShowHelp": {
      const [first] = error.errors
      if (first === undefined) return { text: "a command is missing", code: 2 }
      return { hint: helpOf(error.commandPath), ...usage(first) }
    }
    case "UnknownSubcommand": {
      const parent = error.parent?.slice(1).join(" ") ?? ""
      return {
        text: `unknown command "${[parent, error.subcommand].join(" ").trim()}"`,
        hint: suggestion(error.suggestions.map((word) => [parent, word].join(" ").trim())) ??
          `see ${[parent, "--help"].join(" ").trim()}`,
        code: 2,
      }
    }
    case "UnrecognizedOption":
      return {
        text: `unknown flag ${error.option}${ofCommand(error.command)}`,
        hint: suggestion(error.suggestions) ?? helpOf(error.command),
        code: 2,
      }
    case "MissingOption":
      return { text: `missing flag --${error.option}`, code: 2 }
    case "MissingArgument":
      return { text: `missing argument ${error.argument}`, code: 2 }
    case "UnexpectedArgument":
      return {
        text: `unexpected argument ${error.arguments.join(" ")}`,
        hint: "put text with spaces in quotes",
        code: 2,
      }
    case "InvalidValue": {
      const name = error.kind === "flag" ? `--${error.option}` : error.option
      const expected = oneLine(error.expected).replace(/^Expected:? /, "")
      const [, count] = /^(\d+) values?$/.exec(error.value) ?? []
      if (count !== undefined && /^at (least|most) \d/.test(expected)) {
        return { text: `${name}: expected ${expected}, got ${count}`, code: 2 }
      }
      return {
        text: error.value === ""
          ? `${name}: expected ${expected}, got an empty value`
          : `${name}: expected ${expected}, got "${error.value}"`,
        code: 2,
      }
    }
    default:
      return { text: oneLine(error.message), code: 2 }
  }
}

const ofCommand = (path: ReadonlyArray<string> = []): string =>
  path.length < 2 ? "" : ` for "${path.slice(1).join(" ")}"`

const helpOf = (path: ReadonlyArray<string> = []): string => `see ${[...path.slice(1), "--help"].join(" ")}`

const suggestion = (words: ReadonlyArray<string>): string | undefined =>
  words.length === 0 ? undefined : `did you mean ${words.map((word) => `"${word}"`).join(" or ")}?`

/** Puts text on one line and limits its length: errors of servers and the system may be long. */
const oneLine = (text: string): string => {
  const line = text.replace(/\s+/g, " ").trim()
  return line.length > 400 ? `${line.slice(0, 399)}…` : line
}
