/**
 * Checks a definition at run time, for definitions that the compiler did not check, and for rules that types cannot
 * express. Reports the first mistake with its path in the definition.
 *
 * Rules that only the server knows are left to it: which names are valid, and the limits that its operator can change.
 */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { NotJson, stringifyJson } from "../codec/stringifyJson.ts"
import { utf8Length } from "../codec/protobuf/utf8.ts"
import { ParamError } from "../errors.ts"
import type { CollectionDefinition } from "./definition.ts"
import type { AnyField, Field, Fields, FieldType } from "./fieldTypes.ts"
import { scalarTypes, vectorTypes } from "./typeNames.ts"
import type { FunctionDefinition } from "./Functions.ts"
import { collectionOptionProblem, fieldOptionProblem, isText } from "./optionTypes.ts"
import { own } from "./own.ts"
import { pairsOf, propertyNames, typeParamNames } from "./wireNames.ts"

/** Fails with the first mistake of a definition. */
export const validate = (definition: CollectionDefinition): Result.Result<void, ParamError> =>
  Result.mapError(
    check(definition),
    ({ path, expected, actual }) => new ParamError({ parameter: `${definition.name}.${path}`, expected, actual }),
  )

/** Fails with the first mistake of a field alone. */
export const validateField = (name: string, field: AnyField): Result.Result<void, ParamError> =>
  Result.mapError(
    checkField(name, name, field),
    ({ path, expected, actual }) => new ParamError({ parameter: path, expected, actual }),
  )

/** A mistake: its path in the definition, and the expected value. */
interface Problem {
  readonly path: string
  readonly expected: string
  readonly actual: string | undefined
}

type Checked = Result.Result<void, Problem>

const check = ({ name, fields, options }: CollectionDefinition): Checked =>
  Result.gen(function* () {
    if (name === "" || !isText(name)) return yield* failProblem("name", "a non-empty, well-formed name")
    const wrong = collectionOptionProblem(options)
    if (wrong !== undefined) return yield* failProblem(`options.${wrong.name}`, wrong.expected)
    const entries = Object.entries(fields)
    if (entries.length === 0) return yield* failProblem("fields", "at least one field")
    for (const [name, field] of entries) yield* checkField(`fields.${name}`, name, field)
    if (options.externalSource === undefined) {
      yield* checkCount(entries, "primaryKey", true)
    }
    yield* checkCount(entries, "partitionKey", false)
    yield* checkCount(entries, "clusteringKey", false)
    yield* checkFunctions(fields, Object.entries(options.functions ?? {}))
    yield* checkWhole("options.shards", options.shards)
    yield* checkWhole("options.partitions", options.partitions)
    if (options.partitions !== undefined && !entries.some(([, field]) => field.options.partitionKey === true)) {
      return yield* failProblem("options.partitions", "a field with `partitionKey`")
    }
    yield* checkTtl(options.ttl)
    if (options.dynamicFields === true && Object.hasOwn(fields, "$meta")) {
      return yield* failProblem("fields.$meta", "another name (dynamic keys are stored in a field of this name)")
    }
    yield* checkFurther("options.properties", pairsOf(propertyNames, options), options.properties)
    for (const [target, indexes] of Object.entries(options.indexes ?? {})) {
      const path = `options.indexes.${target}`
      if (!isTarget(fields, target) && options.dynamicFields !== true) {
        return yield* failProblem(path, "an existing field")
      }
      // A value that is not an index is rejected by `checkIndex`.
      for (const index of [indexes ?? []].flat()) {
        yield* checkJson(`${path}.params`, index?.params)
      }
    }
  })

const checkField = (path: string, name: string, field: AnyField): Checked =>
  Result.gen(function* () {
    const { type, options } = field
    if (name === "" || !isText(name)) {
      return yield* failProblem("fields", "a non-empty, well-formed name for each field")
    }
    if (!fieldTypes.has(type)) return yield* failProblem(path, "a field of a known type, or `Field.other`")
    const wrong = fieldOptionProblem(options)
    if (wrong !== undefined) return yield* failProblem(`${path}.${wrong.name}`, wrong.expected)
    if (options.primaryKey === true && !keyTypes.has(type)) {
      return yield* failProblem(path, "an Int64 or VarChar primary key")
    }
    if (options.primaryKey === true && (options.nullable === true || options.default !== undefined)) {
      return yield* failProblem(path, "a primary key that is not nullable and has no default")
    }
    if (options.autoId === true && options.primaryKey !== true) {
      return yield* failProblem(`${path}.autoId`, "`autoId` only on the primary key")
    }
    if (options.partitionKey === true && !keyTypes.has(type)) {
      return yield* failProblem(path, "an Int64 or VarChar partition key")
    }
    if (options.partitionKey === true && (options.primaryKey === true || options.nullable === true)) {
      return yield* failProblem(path, "a partition key that is not nullable and not the primary key")
    }
    if (options.clusteringKey === true && !clusteringTypes.has(type)) {
      return yield* failProblem(path, "a clustering key that is a number, a VarChar or a FloatVector")
    }
    yield* checkShape(path, field)
    if (options.default !== undefined) {
      yield* checkDefault(`${path}.default`, field, options.default)
    }
  })

/** Checks the options that a type requires, for fields, elements of arrays and members of structs. */
const checkShape = (path: string, field: AnyField): Checked =>
  Result.gen(function* () {
    const { type, options } = field
    yield* checkJson(`${path}.analyzerParams`, options.analyzerParams)
    yield* checkJson(`${path}.multiAnalyzerParams`, options.multiAnalyzerParams)
    yield* checkWhole(`${path}.dimension`, options.dimension, denseTypes.has(type))
    yield* checkWhole(`${path}.maxCapacity`, options.maxCapacity, type === "Array" || type === "ArrayOfStruct")
    if (type === "BinaryVector" && (options.dimension ?? 0) % 8 !== 0) {
      return yield* failProblem(
        `${path}.dimension`,
        "a multiple of 8",
        String(options.dimension),
      )
    }
    yield* checkWhole(`${path}.maxLength`, options.maxLength, type === "VarChar")
    yield* checkFurther(`${path}.params`, pairsOf(typeParamNames, options), options.params)
    if ("element" in field) {
      if (options.maxLength !== undefined) {
        return yield* failProblem(`${path}.maxLength`, "`maxLength` on the elements of the array instead")
      }
      yield* checkInner(`${path}.element`, field.element, elementTypes)
      const lost = Object.entries(field.element.options).find(([name, value]) =>
        name !== "maxLength" && value !== undefined && value !== false
      )
      if (lost !== undefined) {
        return yield* failProblem(`${path}.element.${lost[0]}`, `\`${lost[0]}\` on the array instead of its elements`)
      }
    }
    if ("members" in field) {
      if (options.externalField !== undefined) {
        return yield* failProblem(`${path}.externalField`, "no `externalField` on an array of structs")
      }
      const members = Object.entries(field.members)
      if (members.length === 0) return yield* failProblem(`${path}.members`, "at least one member")
      for (const [name, member] of members) {
        if (name === "" || !isText(name)) {
          return yield* failProblem(`${path}.members`, "a non-empty, well-formed name for each member")
        }
        for (const option of ["maxCapacity", "externalField"] as const) {
          if (member.options[option] === undefined) {
            continue
          }
          return yield* failProblem(
            `${path}.members.${name}.${option}`,
            `\`${option}\` on the array of structs instead of a member`,
          )
        }
        yield* checkInner(`${path}.members.${name}`, member, memberTypes)
      }
    }
  })

const checkInner = (path: string, field: Field, types: ReadonlySet<FieldType>): Checked => {
  const { type, options } = field
  if (!types.has(type)) return failProblem(path, `one of ${[...types].join(", ")}`, type)
  const wrong = fieldOptionProblem(options)
  if (wrong !== undefined) return failProblem(`${path}.${wrong.name}`, wrong.expected)
  const isPlain = [options.primaryKey, options.autoId, options.nullable, options.partitionKey, options.clusteringKey]
    .every((flag) => flag !== true)
  if (!isPlain || options.default !== undefined) {
    return failProblem(path, "a field that is not a key, not nullable, and has no default")
  }
  // Cast: elements and members are neither arrays nor structs.
  return checkShape(path, { type, options } as Field<Exclude<FieldType, "Array" | "ArrayOfStruct" | "Other">>)
}

const checkCount = (
  entries: ReadonlyArray<readonly [string, AnyField]>,
  flag: "primaryKey" | "partitionKey" | "clusteringKey",
  isNeeded: boolean,
): Checked => {
  const names = entries.filter(([, field]) => field.options[flag] === true).map(([name]) => name)
  if (names.length > 1) return failProblem("fields", `at most one field with \`${flag}\``, names.join(", "))
  return isNeeded && names.length === 0
    ? failProblem("fields", `a field with \`${flag}: true\``)
    : Result.succeed(undefined)
}

const checkFunctions = (
  fields: Fields,
  functions: ReadonlyArray<readonly [string, FunctionDefinition]>,
): Checked =>
  Result.gen(function* () {
    const given = new Set<string>()
    for (const [name, { type, input, output, params, description = "" }] of functions) {
      const path = `options.functions.${name}`
      for (const [key, value] of Object.entries(params ?? {})) yield* checkJson(`${path}.params.${key}`, value)
      if (![name, type, description].every(isText)) return yield* failProblem(path, "well-formed text")
      const kind = own(outputTypes, type)
      if (new Set(input).size !== input.length) {
        return yield* failProblem(`${path}.input`, "no duplicate fields", input.join(", "))
      }
      for (const name of [...input, ...output]) {
        if (fieldOf(fields, name) === undefined) {
          return yield* failProblem(path, "existing fields", name)
        }
      }
      for (const name of output) {
        const options = fieldOf(fields, name)?.options
        if (given.has(name)) {
          return yield* failProblem(`${path}.output`, "a field that is not already an output of another function", name)
        }
        if (input.includes(name)) {
          return yield* failProblem(`${path}.output`, "a field that is not also an input", name)
        }
        if ([options?.primaryKey, options?.partitionKey, options?.clusteringKey].includes(true)) {
          return yield* failProblem(`${path}.output`, "a field that is not a key", name)
        }
        given.add(name)
      }
      if (kind === undefined) continue
      if (input.length !== 1 || output.length !== 1) return yield* failProblem(path, "exactly one input and one output")
      const [taken = "", made = ""] = [input[0], output[0]]
      if (!textTypes.has(fieldOf(fields, taken)?.type ?? "")) {
        return yield* failProblem(`${path}.input`, "a VarChar or Text field", taken)
      }
      if (!kind.has(fieldOf(fields, made)?.type ?? "")) {
        return yield* failProblem(`${path}.output`, `a ${[...kind].join(" or ")} field`, made)
      }
      if (type === "BM25" && fieldOf(fields, taken)?.options.enableAnalyzer !== true) {
        return yield* failProblem(`fields.${taken}.enableAnalyzer`, "true (required by full-text search)")
      }
    }
  })

const checkDefault = (path: string, { type, options: { maxLength = Infinity } }: AnyField, value: unknown): Checked => {
  const range = ranges[type]
  if (range !== undefined) {
    const isWhole = typeof value === "bigint" || typeof value === "number" && Number.isSafeInteger(value)
    return isWhole && value >= range[0] && value <= range[1]
      ? Result.succeed(undefined)
      : failProblem(path, `an integer from ${range[0]} to ${range[1]}`, shown(value))
  }
  const expected = defaults[type]
  if (expected === undefined) return failProblem(path, `no default: ${type} fields do not support defaults`)
  const actual = typeof value
  if (actual !== expected) return failProblem(path, `a ${expected}`, shown(value))
  if (typeof value === "number" && !Number.isFinite(type === "Float" ? Math.fround(value) : value)) {
    return failProblem(path, "a finite number in the range of the field", shown(value))
  }
  if (typeof value !== "string") return Result.succeed(undefined)
  const size = utf8Length(value)
  if (size < 0) return failProblem(path, "well-formed text")
  return size <= maxLength
    ? Result.succeed(undefined)
    : failProblem(path, `text of at most ${maxLength} bytes of UTF-8`, `${size}`)
}

/** Fails for a further property or type parameter that an option sets as well. */
const checkFurther = (path: string, pairs: ReturnType<typeof pairsOf>, further: object = {}): Checked => {
  const twice = Object.keys(further).find((name) => pairs.some(([key]) => key === name))
  return twice === undefined ? Result.succeed(undefined) : failProblem(`${path}.${twice}`, "a name that no option sets")
}

/** Fails for a value that is sent as JSON and is not a JSON value. */
const checkJson = (path: string, value: unknown): Checked => {
  if (value === undefined) return Result.succeed(undefined)
  try {
    stringifyJson(value)
    return Result.succeed(undefined)
  } catch (error) {
    return failProblem(path, "a JSON value", error instanceof NotJson ? error.actual : undefined)
  }
}

const checkWhole = (path: string, value: number | undefined, isNeeded = false): Checked =>
  value === undefined && !isNeeded || Number.isSafeInteger(value) && Number(value) > 0
    ? Result.succeed(undefined)
    : failProblem(path, "a positive integer", shown(value))

const checkTtl = (ttl: Duration.Input | undefined): Checked => {
  if (ttl === undefined) return Result.succeed(undefined)
  // `Duration` reads NaN as zero.
  const read = Number.isNaN(ttl) ? Option.none() : Duration.fromInput(ttl)
  const seconds = Option.match(read, { onNone: () => NaN, onSome: Duration.toSeconds })
  return Number.isSafeInteger(seconds) && seconds >= 0
    ? Result.succeed(undefined)
    : failProblem("options.ttl", "a whole number of seconds")
}

const isTarget = (fields: Fields, target: string): boolean => {
  if (fieldOf(fields, target) !== undefined) return true
  const [, name = "", member = ""] = /^([^[\]]+)\[([^[\]]+)\]$/.exec(target) ?? []
  const field = fieldOf(fields, name)
  return field !== undefined && "members" in field && Object.hasOwn(field.members, member)
}

const keyTypes: ReadonlySet<FieldType> = new Set<FieldType>(["Int64", "VarChar"])
const textTypes: ReadonlySet<string> = new Set<FieldType>(["VarChar", "Text"])
const clusteringTypes: ReadonlySet<FieldType> = new Set<FieldType>(
  ["Int8", "Int16", "Int32", "Int64", "Float", "Double", "VarChar", "FloatVector"],
)
const denseTypes: ReadonlySet<FieldType> = new Set<FieldType>(
  ["FloatVector", "BinaryVector", "Float16Vector", "BFloat16Vector", "Int8Vector"],
)
const elementTypes: ReadonlySet<FieldType> = new Set<FieldType>(
  ["Bool", "Int8", "Int16", "Int32", "Int64", "Float", "Double", "VarChar"],
)
const memberTypes: ReadonlySet<FieldType> = new Set<FieldType>([...elementTypes, ...denseTypes])

/** The types of output fields of each kind of function. */
const outputTypes: Readonly<Record<string, ReadonlySet<string>>> = {
  BM25: new Set(["SparseFloatVector"]),
  TextEmbedding: new Set(["FloatVector", "Int8Vector"]),
  MinHash: new Set(["BinaryVector"]),
}

const ranges: Readonly<Partial<Record<FieldType, readonly [number | bigint, number | bigint]>>> = {
  Int8: [-128, 127],
  Int16: [-32_768, 32_767],
  Int32: [-2_147_483_648, 2_147_483_647],
  Int64: [-(2n ** 63n), 2n ** 63n - 1n],
}

const defaults: Readonly<Partial<Record<FieldType, "boolean" | "number" | "string">>> = {
  Bool: "boolean",
  Float: "number",
  Double: "number",
  VarChar: "string",
  Text: "string",
  Geometry: "string",
  Timestamptz: "string",
}

const shown = (value: unknown): string => typeof value === "number" ? String(value) : typeof value

const failProblem = (path: string, expected: string, actual?: string): Result.Result<never, Problem> =>
  Result.fail({ path, expected, actual })

const fieldOf = (fields: Fields, name: string): AnyField | undefined => own(fields, name)

const fieldTypes: ReadonlySet<string> = new Set<FieldType>([
  ...scalarTypes,
  ...vectorTypes,
  "Array",
  "ArrayOfStruct",
  "Other",
])
