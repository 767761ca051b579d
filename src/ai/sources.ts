/** The texts of rows that vectors are made from. Functions throw `CodecError`, with the field and the row. */
import * as Result from "effect/Result"
import { describeValue, throwValue } from "../codec/errors.ts"
import type { Decoded } from "../config/params.ts"
import { ParamError } from "../errors.ts"
import { isBlank } from "../operations/rows/read.ts"
import type { AnyRow } from "../schema/columns.ts"
import { computedFields } from "../schema/computedFields.ts"
import type { AnyDefinition } from "../schema/decodeSchema.ts"
import type { AnyField } from "../schema/fieldTypes.ts"
import { own } from "../schema/own.ts"
import { isRecord, throwUnreadable } from "../schema/records.ts"

/** A vector field, and the text field that it is made from. */
export interface Source {
  readonly vector: string
  readonly text: string
  /** Whether a row without a text has no vector. */
  readonly isNullable: boolean
  /** The text that Milvus stores for rows that omit it. */
  readonly defaultText: string | undefined
}

const vectorTypes: ReadonlySet<string> = new Set(["FloatVector", "Float16Vector", "BFloat16Vector"])
const textTypes: ReadonlySet<string> = new Set(["VarChar", "Text"])

/** Checks which vectors are made from which texts, and that their dimension is that of the model. */
export const readSources = (
  definition: AnyDefinition,
  embeds: { readonly [vector: string]: string | undefined },
  dimension: number,
): Decoded<ReadonlyArray<Source>> => {
  if (!isRecord(embeds)) return fail("embeds", "an object with a text field by vector field", describeValue(embeds))
  const { fields, options, name } = definition
  const computed = computedFields(options)
  const sources: Array<Source> = []
  for (const [vector, text] of Object.entries(embeds)) {
    if (text === undefined) continue
    const target = own<AnyField>(fields, vector)
    const source = own<AnyField>(fields, text)
    const parameter = `embeds.${vector}`
    if (target === undefined || !vectorTypes.has(target.type) || computed.has(vector)) {
      return fail(parameter, `a field of "${name}" for vectors of numbers, which no function computes`)
    }
    if (source === undefined || !textTypes.has(source.type)) {
      return fail(parameter, `the name of a text field of "${name}"`, describeValue(text))
    }
    if (target.options.dimension !== dimension) {
      const expected = `a field of dimension ${dimension}, as the embedding model has`
      return fail(parameter, expected, `${target.options.dimension}`)
    }
    const { default: given } = source.options
    const defaultText = typeof given === "string" ? given : undefined
    sources.push({ vector, text, isNullable: target.options.nullable === true, defaultText })
  }
  return sources.length > 0 ? Result.succeed(sources) : fail("embeds", "at least one vector field with its text field")
}

const fail = (parameter: string, expected: string, actual?: string): Decoded<never> =>
  Result.fail(new ParamError({ parameter, expected, actual }))

/**
 * Returns the text of each row for a source; `undefined` for a row that has none, and needs none. Throws for a text
 * that cannot be embedded, and for a row that already has a vector.
 */
export const textsOf = (rows: ReadonlyArray<AnyRow>, source: Source): ReadonlyArray<string | undefined> =>
  rows.map((row, index) => {
    let text: unknown
    try {
      // A row that is not an object is refused with the fields of all rows.
      if (!isRecord(row)) return undefined
      text = own<unknown>(row, source.text) ?? source.defaultText
      if ((own<unknown>(row, source.vector) ?? undefined) !== undefined) {
        throwValue(source.vector, index, `no value, since it is made from "${source.text}"`)
      }
    } catch (cause) {
      return throwUnreadable(source.text, index, cause)
    }
    if ((text === undefined || text === null) && source.isNullable) return undefined
    if (typeof text !== "string") return throwValue(source.text, index, "a text to embed", describeValue(text))
    return isBlank(text) ? throwValue(source.text, index, "a text to embed", "a blank string") : text
  })

/** Returns rows with a vector in each field that is made from a text. `vectorOf` takes the position of the source. */
export const withVectors = (
  rows: ReadonlyArray<AnyRow>,
  sources: ReadonlyArray<Source>,
  vectorOf: (source: number, row: number) => ArrayLike<number> | null,
): ReadonlyArray<AnyRow> =>
  rows.map((row, index) => {
    if (!isRecord(row)) return row
    const vectors = sources.map(({ vector }, source) => [vector, vectorOf(source, index)])
    try {
      return { ...row, ...Object.fromEntries(vectors) }
    } catch (cause) {
      return throwUnreadable("rows", index, cause)
    }
  })
