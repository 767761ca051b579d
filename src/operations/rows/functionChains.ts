/** Checks and encodes the function chains of a search. */
import * as Effect from "effect/Effect"
import { describeValue, throwValue } from "../../codec/errors.ts"
import type { CodecError } from "../../errors.ts"
import * as Message from "../../Message.ts"
import type { AnyDefinition } from "../../schema/decodeSchema.ts"
import type { Argument, Expression, FunctionChain, Operation, Param, Stage } from "../../schema/FunctionChain.ts"
import { tryEncode } from "./read.ts"

type Params = Readonly<Record<string, Param>>
type Chain = Message.Messages["milvus.proto.schema.FunctionChain"]["input"]
type Value = Message.Messages["milvus.proto.schema.FunctionParamValue"]["input"]

/** One or several function chains, each of another stage. */
export type FunctionChains<Field extends string = string> =
  | FunctionChain<Field>
  | ReadonlyArray<FunctionChain<Field>>

const stages: ReadonlyArray<string> = Object.keys(
  {
    Ingestion: 0,
    PreProcess: 0,
    L0Rerank: 0,
    L1Rerank: 0,
    L2Rerank: 0,
    PostProcess: 0,
  } satisfies Record<Stage, 0>,
)

/** Checks that the fields which chains read exist. Throws `CodecError`. */
export const checkChainFields = (definition: AnyDefinition, chains: FunctionChains): void => {
  if (definition.options.dynamicFields === true) return
  for (const { fields } of [chains].flat()) {
    const unknown = fields.find((name) => !Object.hasOwn(definition.fields, name) && !name.includes("["))
    if (unknown !== undefined) throwValue(unknown, undefined, `a field of "${definition.name}"`)
  }
}

/** Encodes chains as messages. Fails with `CodecError` for one that no server could run. */
export const functionChains = (chains: FunctionChains): Effect.Effect<ReadonlyArray<Uint8Array>, CodecError> =>
  Effect.flatMap(
    tryEncode(() => {
      const all: ReadonlyArray<unknown> = [chains].flat()
      if (all.length === 0) return throwValue(option, undefined, "at least one chain", "an empty list")
      return all.map((chain) =>
        isChain(chain) ? chainMessage(chain) : throwValue(option, undefined, made, describeValue(chain))
      )
    }),
    (messages) => Effect.forEach(messages, (message) => Message.encode("milvus.proto.schema.FunctionChain", message)),
  )

const option = "functionChains"
const made = "chains made by `FunctionChain.make`"

const isChain = (chain: unknown): chain is FunctionChain =>
  typeof chain === "object" && chain !== null && "operations" in chain && Array.isArray(chain.operations) &&
  "fields" in chain && Array.isArray(chain.fields)

const chainMessage = ({ stage, name, operations }: FunctionChain): Chain => {
  if (!stages.includes(stage)) throwValue(`${option}.stage`, undefined, `one of ${stages.join(", ")}`)
  if (operations.length === 0) throwValue(option, undefined, "at least one operation in a chain")
  return {
    stage: `FunctionChainStage${stage}`,
    ...(name === undefined ? {} : { name }),
    ops: operations.map(operationMessage),
  }
}

const operationMessage = ({ operation, expression, inputs, outputs, params }: Operation) => {
  for (const name of [operation, ...inputs, ...outputs]) checkName(operation, name)
  if (operation === "limit") {
    checkWhole("limit", params["limit"], 1)
    checkWhole("limit.offset", params["offset"], 0)
  }
  return {
    op: operation,
    inputs: [...inputs],
    outputs: [...outputs],
    params: paramMessages(operation, params),
    ...(expression === undefined ? {} : { expr: expressionMessage(expression) }),
  }
}

const expressionMessage = ({ name, args, params }: Expression) => {
  checkName("function", name)
  checks[name]?.(args, params)
  return {
    name,
    args: args.map((arg) => {
      if (!("column" in arg)) return { literal: paramMessage(name, arg.literal) }
      checkName(name, arg.column)
      return { column: { name: arg.column } }
    }),
    params: paramMessages(name, params),
  }
}

/** Checks of functions whose arguments are known. */
const checks: Readonly<Record<string, (args: ReadonlyArray<Argument>, params: Params) => void>> = {
  num_combine: (args, { mode, weights }) => {
    const modes = ["sum", "multiply", "max", "min", "avg", "weighted"]
    if (args.length < 2) throwValue(path("numCombine"), undefined, "at least two columns")
    if (!modes.includes(`${mode}`)) throwValue(path("numCombine.mode"), undefined, `one of ${modes.join(", ")}`)
    const wanted = mode === "weighted" ? args.length : undefined
    const given = weights instanceof Float64Array && weights.every(Number.isFinite) ? weights.length : undefined
    if (given !== wanted) {
      throwValue(path("numCombine.weights"), undefined, `a finite number for each column if the mode is "weighted"`)
    }
  },
  decay: (_, { function: shape, origin, scale, offset, decay }) => {
    if (!["gauss", "exp", "linear"].includes(`${shape}`)) {
      throwValue(path("decay.function"), undefined, `"gauss", "exp" or "linear"`)
    }
    checkNumber("decay.origin", origin, -Infinity)
    checkNumber("decay.scale", scale, Number.MIN_VALUE)
    checkNumber("decay.offset", offset, 0)
    checkNumber("decay.decay", decay, 0, 1)
  },
  round_decimal: (_, { decimal }) => checkWhole("roundDecimal", decimal, 0, 6),
  xgboost: (args, { model_resource, output }) => {
    if (args.length === 0) throwValue(path("xgboost"), undefined, "at least one feature")
    if (output !== "default" && output !== "raw") {
      throwValue(path("xgboost.output"), undefined, `"default" or "raw"`)
    }
    checkName("xgboost.modelResource", model_resource)
  },
  rerank_model: (_, { queries }) => {
    const isTexts = Array.isArray(queries) && queries.length > 0 &&
      queries.every((query) => typeof query === "string" && query !== "")
    if (!isTexts) throwValue(path("rerankModel.queries"), undefined, "a list of at least one text")
  },
}

const path = (name: string): string => `${option}.${name}`

const checkName = (name: string, value: unknown): void => {
  if (typeof value === "string" && value.trim() !== "") return
  throwValue(path(name), undefined, "a name", typeof value === "string" ? "a blank string" : describeValue(value))
}

const checkWhole = (name: string, value: unknown, least: number, most = 2 ** 31 - 1): void => {
  if (Number.isInteger(value) && Number(value) >= least && Number(value) <= most) return
  throwValue(path(name), undefined, `a whole number from ${least} to ${most}`, describeValue(value))
}

const checkNumber = (name: string, value: unknown, least: number, most = Infinity): void => {
  if (typeof value === "number" && Number.isFinite(value) && value >= least && value <= most) return
  throwValue(path(name), undefined, "a number that is in range", describeValue(value))
}

const paramMessages = (name: string, params: Params): Record<string, Value> =>
  Object.fromEntries(
    Object.entries(params).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, paramMessage(`${name}.${key}`, value)]]
    ),
  )

const paramMessage = (name: string, value: Param): Value => {
  switch (typeof value) {
    case "boolean":
      return { bool_value: value }
    case "string":
      return { string_value: value }
    case "bigint":
      return BigInt.asIntN(64, value) === value
        ? { int64_value: value }
        : throwValue(path(name), undefined, "an integer of 64 bits", "one that is longer")
    case "number":
      if (Number.isSafeInteger(value)) return { int64_value: BigInt(value) }
      return Number.isFinite(value) && !Number.isInteger(value)
        ? { double_value: value }
        : throwValue(path(name), undefined, "a finite number, and a bigint beyond 2^53", describeValue(value))
    case "object":
      if (value instanceof Uint8Array) return { bytes_value: value }
      if (value instanceof Float64Array) {
        return { array_value: { values: Array.from(value, (double_value) => ({ double_value })) } }
      }
      if (Array.isArray(value)) return { array_value: { values: value.map((one) => paramMessage(name, one)) } }
      // Cast: what is left is an object, as `null` has no form in the message.
      if (value !== null) return { object_value: { fields: paramMessages(name, value as Params) } }
  }
  return throwValue(path(name), undefined, "a value of a parameter", describeValue(value))
}
