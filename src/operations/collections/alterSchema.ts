/** Changes of the schema of a collection: its fields and functions. The RPC depends on the version of the server. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Connection from "../../Connection.ts"
import { type Decoded, failParam, readName } from "../../config/params.ts"
import { isOlder } from "../../contract/rpcs.ts"
import { type CallError, CodecError, type ParamError, Unsupported } from "../../errors.ts"
import * as Message from "../../Message.ts"
import { fieldSchema, functionSchema, structSchema } from "../../schema/encodeSchema.ts"
import type { AnyField, StructArrayField } from "../../schema/fieldTypes.ts"
import type { FunctionDefinition } from "../../schema/Functions.ts"
import { extraParams, type Index } from "../../schema/indexes.ts"
import { validateField } from "../../schema/validate.ts"
import type { CollectionRef } from "../shared/collectionRef.ts"
import { currentConnection, requireVersion } from "../shared/currentConnection.ts"
import { createIndexRequest } from "../shared/indexBuild.ts"
import { callOptionNames, operate, operatePart } from "../shared/operate.ts"
import { checkFlag, checkOptions, optionNames, readCollection } from "../shared/options.ts"
import { operation } from "../shared/operation.ts"

/** Errors of a change of the schema. */
type AlterError = CallError | CodecError | ParamError

type FieldInfo = NonNullable<
  NonNullable<
    NonNullable<Connection.Methods["AlterCollectionSchema"]["request"]["action"]>["add_request"]
  >["field_infos"]
>[number]

/**
 * Adds a field to a collection. The field must be nullable: rows that exist have `null`, or its default.
 *
 * Calls `AlterCollectionSchema` from Milvus 3.0.0 on, and `AddCollectionField` on Milvus 2.6.0 and later and for
 * external collections; for an array of structs `AddCollectionStructField` (Milvus 3.0.0 and later). milvus-lite cannot
 * add fields (`Unsupported`). Fails with `ServerError` if the collection has a field of that name.
 */
export const addField = (
  collection: CollectionRef,
  name: string,
  field: AnyField,
  options?: Connection.CallOptions,
): Effect.Effect<void, AlterError, Connection.Connection> =>
  operation(
    "Collection.addField",
    collection,
    options,
    Effect.gen(function* () {
      yield* Effect.fromResult(checkOptions(options, callOptionNames))
      const collection_name = yield* Effect.fromResult(readCollection(collection))
      yield* Effect.fromResult(checkAddedField(name, field))
      if (field.type === "ArrayOfStruct") {
        // Cast: the type of an array of structs is that of no other field.
        const schema = structSchema(name, field as StructArrayField)
        yield* operatePart(
          "AddCollectionStructField",
          options,
          () => Result.succeed({ collection_name, struct_array_field_schema: schema }),
        )
        return
      }
      const field_schema = yield* encoded(() => fieldSchema(name, field))
      const schema = yield* Message.encode("milvus.proto.schema.FieldSchema", field_schema)
      const connection = yield* currentConnection(options)
      yield* alterSchema(connection, "Collection.addField", options, {
        collection_name,
        action: { add_request: { field_infos: [{ field_schema }] } },
      }, connection.call("AddCollectionField", { collection_name, schema }, options))
    }),
  )

/**
 * Calls `AlterCollectionSchema`, or the older RPC if there is one and the server needs it: before Milvus 3.0.0, if its
 * version is not known and it answers that it has no other, and to change an external collection.
 */
const alterSchema = (
  connection: Connection.Connection,
  operation: string,
  options: Connection.CallOptions | undefined,
  request: Connection.Methods["AlterCollectionSchema"]["request"],
  older?: Effect.Effect<unknown, CallError>,
): Effect.Effect<void, CallError> =>
  older !== undefined && isOlder(connection.server.version, "3.0.0") ? Effect.asVoid(older) : Effect.asVoid(
    Effect.catchIf(
      connection.call("AlterCollectionSchema", request, options),
      (error) => error._tag === "Unsupported" || isRefusalOfExternal(error),
      (error): Effect.Effect<unknown, CallError> => {
        if (older !== undefined) return older
        return Effect.fail(error._tag === "Unsupported" ? new Unsupported({ ...error, operation }) : error)
      },
    ),
  )

/** Whether Milvus 3.0 refuses to alter the schema of an external collection, which the older RPC can. */
const isRefusalOfExternal = (error: CallError): boolean =>
  error._tag === "ServerError" && error.code === 1100 && error.reason.includes("not supported for external collection")

const checkAddedField = (name: string, field: AnyField): Decoded<void> =>
  Result.gen(function* () {
    yield* readName("name", name)
    if (typeof field !== "object" || field === null || typeof field.type !== "string") {
      return yield* failParam("field", "a field, such as Field.int64({ nullable: true })", field)
    }
    yield* validateField(name, field)
    const { nullable, primaryKey } = field.options
    if (primaryKey === true) return yield* failParam("field", "a field that is not the primary key")
    if (nullable !== true) return yield* failParam("field", "a nullable field, since rows that exist have no value")
  })

/** Runs an encoder, which throws a `CodecError` for a value that does not fit. */
const encoded = <A>(encode: () => A): Effect.Effect<A, CodecError> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(encode())
    } catch (error) {
      if (error instanceof CodecError) return Effect.fail(error)
      throw error
    }
  })

/**
 * Drops a field with its values and its index.
 *
 * Calls `AlterCollectionSchema`. Milvus 3.0.0 and later. Fails with `ServerError` if the field does not exist, or is
 * needed by a function or as a key.
 */
export const dropField = (
  collection: CollectionRef,
  name: string,
  options?: Connection.CallOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  Effect.asVoid(operate("AlterCollectionSchema", options, () =>
    Result.gen(function* () {
      return {
        collection_name: yield* readCollection(collection),
        action: { drop_request: { field_name: yield* readName("name", name) } },
      }
    })))

/** Options for `addFunction`. */
export interface AddFunctionOptions extends Connection.CallOptions {
  /**
   * The field that the function computes, by its name, if the collection does not have it yet. Milvus 3.0.0 and later.
   *
   * @default The collection has the field.
   */
  readonly outputField?: { readonly name: string; readonly field: AnyField } | undefined
  /** The index of the new field; with `outputField`. */
  readonly index?: Index | undefined
}

const addFunctionNames = optionNames<AddFunctionOptions>("outputField", "index")

/**
 * Adds a function to a collection, together with the field that it computes and the index of that field.
 *
 * Calls `AddCollectionFunction` on Milvus 2.6.7 and later, and `AlterCollectionSchema` from Milvus 3.0.0 on, which adds
 * all parts in one step. The values of rows that exist are computed by the server later.
 *
 * BM25 and MinHash can be added from Milvus 3.0.0 on only, and only together with their field and its index; Milvus
 * refuses them otherwise (`ServerError`).
 */
export const addFunction = (
  collection: CollectionRef,
  name: string,
  fn: FunctionDefinition,
  options?: AddFunctionOptions,
): Effect.Effect<void, AlterError, Connection.Connection> =>
  operation(
    "Collection.addFunction",
    collection,
    options,
    Effect.gen(function* () {
      yield* Effect.fromResult(checkOptions(options, addFunctionNames))
      const { outputField, index } = options ?? {}
      const collection_name = yield* Effect.fromResult(readCollection(collection))
      const schema = yield* encodeFunction(name, fn)
      if (index !== undefined && outputField === undefined) {
        return yield* Effect.fromResult(failParam("index", "to be given with outputField only"))
      }
      if (outputField !== undefined && !fn.output.includes(outputField?.name)) {
        const expected = `an output field of the function, which are ${JSON.stringify(fn.output)}`
        return yield* Effect.fromResult(failParam("outputField.name", expected, outputField?.name))
      }
      const connection = yield* currentConnection(options)
      if (outputField !== undefined) {
        yield* requireVersion(connection, "AddCollectionFunction", "outputField", "3.0.0")
      }
      const fields = outputField === undefined ? [] : [yield* outputInfo(collection_name, outputField, index)]
      const older = connection.call("AddCollectionFunction", { collection_name, functionSchema: schema }, options)
      yield* alterSchema(connection, "Collection.addFunction", options, {
        collection_name,
        action: { add_request: { field_infos: fields, func_schema: [schema] } },
      }, outputField === undefined ? older : undefined)
    }),
  )

const outputInfo = (
  collection: string,
  { name, field }: NonNullable<AddFunctionOptions["outputField"]>,
  index: Index | undefined,
): Effect.Effect<FieldInfo, CodecError | ParamError> =>
  Effect.gen(function* () {
    yield* Effect.fromResult(
      Result.flatMap(readName("outputField.name", name), () => validateField(name, field)),
    )
    if (field.type === "ArrayOfStruct") {
      return yield* Effect.fromResult(failParam("outputField", "a field that a function can compute"))
    }
    // Cast: it is not an array of structs.
    const field_schema = yield* encoded(() => fieldSchema(name, field as Exclude<AnyField, StructArrayField>, true))
    if (index === undefined) return { field_schema }
    const request = yield* Effect.fromResult(createIndexRequest(collection, name, index))
    return { field_schema, index_name: request.index_name ?? name, extra_params: extraParams(index) }
  })

const encodeFunction = (name: string, fn: FunctionDefinition) =>
  Effect.gen(function* () {
    yield* Effect.fromResult(readName("name", name))
    if (typeof fn !== "object" || fn === null || !Array.isArray(fn.input) || !Array.isArray(fn.output)) {
      return yield* Effect.fromResult(failParam("function", "a function, such as Functions.bm25({ ... })", fn))
    }
    return yield* encoded(() => functionSchema(name, fn))
  })

/**
 * Replaces a function of a collection, for example to change the provider of an embedding model. The values of rows
 * that exist stay.
 *
 * Calls `AlterCollectionFunction`. Milvus 2.6.7 and later. Fails with `ServerError` if the function does not exist.
 */
export const alterFunction = (
  collection: CollectionRef,
  name: string,
  fn: FunctionDefinition,
  options?: Connection.CallOptions,
): Effect.Effect<void, AlterError, Connection.Connection> =>
  Effect.gen(function* () {
    const schema = yield* encodeFunction(name, fn)
    yield* operate("AlterCollectionFunction", options, () =>
      Result.map(readCollection(collection), (collection_name) => ({
        collection_name,
        function_name: name,
        functionSchema: schema,
      })))
  })

/** Options for `dropFunction`. */
export interface DropFunctionOptions extends Connection.CallOptions {
  /**
   * Whether the fields that the function computes are dropped as well. Milvus 3.0.0 and later.
   *
   * @default false
   */
  readonly outputFields?: boolean | undefined
}

const dropFunctionNames = optionNames<DropFunctionOptions>("outputFields")

/**
 * Drops a function of a collection; the values that it computed stay, unless `outputFields` is set.
 *
 * Calls `DropCollectionFunction` on Milvus 2.6.7 and later, and `AlterCollectionSchema` from Milvus 3.0.0 on. Fails
 * with `ServerError` if the function does not exist, and from Milvus 3.0.0 on also for BM25 or MinHash without
 * `outputFields`, and for other functions with it.
 */
export const dropFunction = (
  collection: CollectionRef,
  name: string,
  options?: DropFunctionOptions,
): Effect.Effect<void, CallError | ParamError, Connection.Connection> =>
  operation(
    "Collection.dropFunction",
    collection,
    options,
    Effect.gen(function* () {
      yield* Effect.fromResult(checkOptions(options, dropFunctionNames))
      yield* Effect.fromResult(checkFlag("outputFields", options?.outputFields))
      const collection_name = yield* Effect.fromResult(readCollection(collection))
      const function_name = yield* Effect.fromResult(readName("name", name))
      const connection = yield* currentConnection(options)
      const { outputFields } = options ?? {}
      if (outputFields !== undefined) {
        yield* requireVersion(connection, "DropCollectionFunction", "outputFields", "3.0.0")
      }
      const drop_request = { function_name, drop_function_output_fields: outputFields ?? false }
      const older = connection.call("DropCollectionFunction", { collection_name, function_name }, options)
      yield* alterSchema(connection, "Collection.dropFunction", options, {
        collection_name,
        action: { drop_request },
      }, outputFields === true ? undefined : older)
    }),
  )
