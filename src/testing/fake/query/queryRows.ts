/** Query: returns the rows that match a filter. */
import type { QueryResults } from "../../../contract/messages.gen.ts"
import type { Collection } from "../state/collection.ts"
import type { DeepPartial, Request } from "../contract.ts"
import { parseFilter } from "./filterParser.ts"
import { valueOf } from "../state/layout.ts"
import { checkIdentity, checkParams, columns, maxWindow, outputs, readCount } from "./output.ts"
import { throwUnexpected } from "../fakeStatus.ts"

/** Answers a query with the matching rows in the order of their keys, or with their number. */
export const query = (collection: Collection, request: Request<"Query">): DeepPartial<QueryResults> => {
  const { expr, expr_template_values, output_fields, partition_names, query_params } = request
  checkParams("query parameter", query_params, queryParameters)
  checkIdentity(collection, query_params)
  const { primary } = collection.layout
  const filter = parseFilter(expr, collection.layout, expr_template_values)
  const rows = collection.rows(filter, partition_names)
  if (output_fields.length === 1 && /^count\(\*\)$/i.test(output_fields[0] ?? "")) {
    if (valueOf(query_params, "limit") !== undefined) throwUnexpected("count entities with pagination is not allowed")
    return countResult(rows.length)
  }
  const limit = readCount(query_params, "limit")
  const offset = readCount(query_params, "offset") ?? 0
  if (expr.trim() === "" && limit === undefined) throwUnexpected("empty expression should be used with limit")
  checkWindow(limit ?? 1, offset)
  const found = rows.toSorted((a, b) => a.key < b.key ? -1 : 1).slice(offset, limit && offset + limit)
  const { names, fields } = outputs(collection, output_fields)
  const hasPrimary = fields.includes(primary)
  return {
    collection_name: collection.name,
    output_fields: hasPrimary ? names : [...names, primary.name],
    fields_data: columns(hasPrimary ? fields : [...fields, primary], found),
    primary_field_name: primary.name,
  }
}

const queryParameters = ["limit", "offset", "ignore_growing", "reduce_stop_for_best", "iterator", "collection_id"]

const checkWindow = (limit: number, offset: number): void => {
  const what = "invalid max query result window"
  if (limit < 1) throwUnexpected(`${what}, limit [${limit}] is invalid, should be greater than 0`)
  if (offset < 0) throwUnexpected(`${what}, offset [${offset}] is invalid, should be gte than 0`)
  if (offset + limit > maxWindow) {
    throwUnexpected(`${what}, (offset+limit) should be in range [1, ${maxWindow}], but got ${offset + limit}`)
  }
}

const countResult = (rows: number): DeepPartial<QueryResults> => ({
  fields_data: [{ type: "Int64", field_name: "count(*)", scalars: { long_data: { data: [rows] } } }],
  output_fields: ["count(*)"],
})
