/** The tools that `mcp` serves: what a model reads of them, and the types of their parameters and results. */
import * as Tool from "effect/ai/Tool"
import * as Schema from "effect/Schema"

const collection = Schema.NonEmptyString.annotate({ description: "Name or alias of the collection" })
const filter = Schema.optionalKey(
  Schema.NonEmptyString.check(Schema.isMaxLength(10_000)).annotate({
    description: 'Only rows that match this expression of Milvus, such as: year > 1900 and title like "A%"',
  }),
)
const fields = Schema.optionalKey(
  Schema.Array(Schema.NonEmptyString).annotate({ description: "Fields to return; without it, all except vectors" }),
)
const limit = Schema.optionalKey(
  Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)).annotate({ description: "Maximum number of rows" }),
)
const params = Schema.optionalKey(
  Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Finite, Schema.Boolean])).annotate({
    description: 'Search parameters of the index, such as {"ef": 64}',
  }),
)

/** A query: exactly one of `vector` and `text`. */
const query = {
  vector: Schema.optionalKey(
    Schema.Union([Schema.Array(Schema.Finite), Schema.Record(Schema.String, Schema.Finite)]).annotate({
      description: 'A vector of the dimension of the field; a sparse one is an object such as {"7": 0.5}',
    }),
  ),
  text: Schema.optionalKey(
    Schema.NonEmptyString.annotate({
      description: "A text, for a field whose vectors the server computes, such as that of full-text search",
    }),
  ),
}

const rowSchema = Schema.Record(Schema.String, Schema.Json)
const rows = Schema.Array(rowSchema)

const omitted = Schema.Int.annotate({ description: "Number of further ones, left out so that the reply stays small" })

const failure = Schema.Struct({ error: Schema.String })

/** Makes a tool whose failures are results with `error`. */
const toolOf = <
  const Name extends string,
  P extends Schema.Constraint,
  S extends Schema.Struct.Fields,
>(name: Name, description: string, parameters: P, success: S) =>
  Tool.make(name, {
    description,
    parameters,
    success: Schema.Struct(success),
    failure,
    failureMode: "return",
  }).annotate(Tool.OpenWorld, false)

const readOf = <
  const Name extends string,
  P extends Schema.Constraint,
  S extends Schema.Struct.Fields,
>(name: Name, description: string, parameters: P, success: S) =>
  toolOf(name, description, parameters, success)
    .annotate(Tool.Readonly, true)
    .annotate(Tool.Destructive, false)
    .annotate(Tool.Idempotent, true)

/** Tools that change nothing. */
export const readTools = [
  readOf("list_collections", "List the collections of the database", Tool.EmptyParams, {
    collections: Schema.Array(Schema.String),
    omitted,
  }),
  readOf(
    "describe_collection",
    "Show the fields, indexes and number of rows of a collection",
    Schema.Struct({ collection }),
    {
      name: Schema.String,
      description: Schema.String,
      fields: Schema.Array(rowSchema),
      functions: Schema.Array(rowSchema),
      indexes: Schema.Array(rowSchema),
      dynamicFields: Schema.Boolean,
      rows: Schema.Finite,
    },
  ),
  readOf(
    "search",
    "Find the rows that are nearest to a vector or to a text. Describe the collection first, to see its fields",
    Schema.Struct({
      collection,
      ...query,
      field: Schema.optionalKey(
        Schema.NonEmptyString.annotate({ description: "Vector field; required if there are several" }),
      ),
      filter,
      fields,
      limit,
      params,
    }),
    { hits: rows, omitted },
  ),
  readOf(
    "hybrid_search",
    "Run several searches of different vector fields, such as by vector and by text, and rank their hits together",
    Schema.Struct({
      collection,
      searches: Schema.NonEmptyArray(Schema.Struct({ field: Schema.NonEmptyString, ...query, params })),
      weights: Schema.optionalKey(
        Schema.Array(Schema.Finite).annotate({ description: "Weight of each search; without it, ranked by position" }),
      ),
      filter,
      fields,
      limit,
    }),
    { hits: rows, omitted },
  ),
  readOf(
    "query",
    "Return rows that match a filter; without one, any rows",
    Schema.Struct({ collection, filter, fields, limit }),
    {
      rows,
      omitted,
    },
  ),
  readOf(
    "count",
    "Count the rows of a collection, or those that match a filter",
    Schema.Struct({ collection, filter }),
    {
      count: Schema.Finite,
    },
  ),
] as const

const ids = Schema.Array(Schema.Union([Schema.Int, Schema.String]))

/** Tools that change rows. */
export const writeTools = [
  toolOf(
    "insert",
    "Insert rows into a collection",
    Schema.Struct({
      collection,
      rows: Schema.NonEmptyArray(rowSchema).annotate({ description: "A value for each field, by its name" }),
      upsert: Schema.optionalKey(
        Schema.Boolean.annotate({ description: "Whether rows with the same primary keys are replaced" }),
      ),
    }),
    { inserted: Schema.Finite, ids, omitted: Schema.optionalKey(omitted) },
  ),
  toolOf(
    "delete",
    "Delete rows by their primary keys or by a filter: exactly one of both",
    Schema.Struct({
      collection,
      ids: Schema.optionalKey(
        Schema.NonEmptyArray(Schema.Union([Schema.Int, Schema.String])).annotate({
          description: "Primary keys; 64-bit integers beyond 2^53 as text",
        }),
      ),
      filter,
    }),
    { deleted: Schema.Finite },
  ),
] as const
