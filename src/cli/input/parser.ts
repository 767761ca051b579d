/** Interface of the row parsers: text goes in piece by piece, and rows come out with their line numbers. */

import { JsonSyntaxError, parseJson } from "../../codec/parseJson.ts"

/** A row, and its position in the source. */
export interface ParsedRow {
  /** Line in which the row begins, counted from 1. */
  readonly line: number
  /** Values by field. Those of CSV are all text. */
  readonly values: Readonly<Record<string, unknown>>
  /** Fields whose CSV cell is an empty text in quotes, as opposed to an empty cell. */
  readonly emptyTexts?: ReadonlySet<string>
}

/** Parses rows from text that arrives in pieces. Throws only `FormatProblem`. */
export interface Parser {
  /** Adds a piece of text. Returns the rows that end in it. */
  readonly push: (text: string) => ReadonlyArray<ParsedRow>
  /** Ends the text. Returns the rows that end with it. */
  readonly end: () => ReadonlyArray<ParsedRow>
}

/** Text that does not conform to its format. */
export class FormatProblem extends Error {
  constructor(readonly line: number, readonly problem: string) {
    super(`line ${line}: ${problem}`)
  }
}

/** Parses a JSON text, and keeps all digits of its integers. */
export const parseValue = (text: string, line: number): unknown => {
  try {
    return parseJson(text)
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
    throw new FormatProblem(line, `invalid JSON: ${error.message}`)
  }
}

/** Returns a JSON value as a row, which has to be an object. */
export const toParsedRow = (value: unknown, line: number): ParsedRow => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new FormatProblem(line, "expected an object whose keys are fields")
  }
  // Cast: a plain object parsed from JSON.
  return { line, values: value as Readonly<Record<string, unknown>> }
}
