/** Query: rows by a filter. */
import type { QueryResults } from "../../wire/messages.gen.ts"
import type { Collection } from "./collection.ts"
import type { Partially, Request } from "./contract.ts"
import { parseFilter } from "./filters.ts"
import { valueOf } from "./layout.ts"
import { checkIdentity, columns, onlyKnown, outputs, readCount, windowBound } from "./results.ts"
import { refuseUnexpected } from "./status.ts"

/** Reads rows by a filter, in the order of their keys. */
export const query = (collection: Collection, request: Request<"Query">): Partially<QueryResults> => {
  const { expr, expr_template_values, output_fields, partition_names, query_params } = request
  onlyKnown("query parameter", query_params, queryParameters)
  checkIdentity(collection, query_params)
  const { primary } = collection.layout
  const filter = parseFilter(expr, collection.layout, expr_template_values)
  const rows = collection.rows(filter, partition_names)
  if (output_fields.length === 1 && /^count\(\*\)$/i.test(output_fields[0] ?? "")) {
    if (valueOf(query_params, "limit") !== undefined) refuseUnexpected("count entities with pagination is not allowed")
    return count(rows.length)
  }
  const limit = readCount(query_params, "limit")
  const offset = readCount(query_params, "offset") ?? 0
  if (expr.trim() === "" && limit === undefined) refuseUnexpected("empty expression should be used with limit")
  checkWindow(limit ?? 1, offset)
  const found = rows.toSorted((a, b) => a.key < b.key ? -1 : 1).slice(offset, limit && offset + limit)
  const { names, fields } = outputs(collection, output_fields)
  const isListed = fields.includes(primary)
  return {
    collection_name: collection.name,
    output_fields: isListed ? names : [...names, primary.name],
    fields_data: columns(isListed ? fields : [...fields, primary], found),
    primary_field_name: primary.name,
  }
}

const queryParameters = ["limit", "offset", "ignore_growing", "reduce_stop_for_best", "iterator", "collection_id"]

const checkWindow = (limit: number, offset: number): void => {
  const what = "invalid max query result window"
  if (limit < 1) refuseUnexpected(`${what}, limit [${limit}] is invalid, should be greater than 0`)
  if (offset < 0) refuseUnexpected(`${what}, offset [${offset}] is invalid, should be gte than 0`)
  if (offset + limit > windowBound) {
    refuseUnexpected(`${what}, (offset+limit) should be in range [1, ${windowBound}], but got ${offset + limit}`)
  }
}

const count = (rows: number): Partially<QueryResults> => ({
  fields_data: [{ type: "Int64", field_name: "count(*)", scalars: { long_data: { data: [rows] } } }],
  output_fields: ["count(*)"],
})
