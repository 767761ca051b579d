/** What all formats of rows have in common: text goes in by pieces, and rows come out with their lines. */

import { JsonSyntaxError, parseJson } from "../../codec/parseJson.ts"

/** Values of one row by field, and where they stand. */
export interface ParsedRow {
  /** The line that the row begins in, counted from 1. */
  readonly line: number
  /** The values. Those of CSV are all texts. */
  readonly values: Readonly<Record<string, unknown>>
  /** Fields whose cell in CSV is an empty text in quotes, and not just empty. */
  readonly emptyTexts?: ReadonlySet<string>
}

/** Reads rows out of text that comes by pieces. Throws `FormatProblem` alone. */
export interface Parser {
  /** The rows that end in this piece. */
  readonly push: (text: string) => ReadonlyArray<ParsedRow>
  /** The rows that the end of the text ends. */
  readonly end: () => ReadonlyArray<ParsedRow>
}

/** A text is not in the format that it is said to be in. */
export class FormatProblem extends Error {
  constructor(readonly line: number, readonly problem: string) {
    super(`line ${line}: ${problem}`)
  }
}

/** The value of a JSON text, with all digits of its integers. */
export const parseValue = (text: string, line: number): unknown => {
  try {
    return parseJson(text)
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
    throw new FormatProblem(line, `this is not JSON: ${error.message}`)
  }
}

/** What a row has to be. */
export const toParsedRow = (value: unknown, line: number): ParsedRow => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new FormatProblem(line, "expected an object, whose keys are fields")
  }
  // Cast: a plain object out of JSON.
  return { line, values: value as Readonly<Record<string, unknown>> }
}
