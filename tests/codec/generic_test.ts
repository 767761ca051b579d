/** Compares the codec with the generic one: each decodes the messages that the other encodes. */
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import { assert, assertEquals, assertStringIncludes } from "@std/assert"
import {
  decodeMutationResult,
  decodeQueryResults,
  decodeSearchResults,
  encodeInsert,
  encodeSearch,
  searchParams,
} from "../../src/codec/mod.ts"
import * as Descriptor from "../../src/grpc/methods.ts"
import {
  assertSameBits,
  codecError,
  floatBits,
  floatsOf,
  generic,
  holds,
  int32,
  int64,
  integer,
  list,
  text,
} from "./support.ts"
import { test } from "../support/test.ts"

test("the generic codec decodes the inserts of the codec", async () => {
  const codec = await generic("milvus.proto.milvus.InsertRequest")
  const row = Arbitrary.all({
    id: int64,
    name: text,
    tags: list(int32, 4),
    bits: Arbitrary.array(floatBits, { minLength: 3, maxLength: 3 }),
  })
  await holds(list(row), (rows) => {
    const vectors = floatsOf(rows.flatMap(({ bits }) => bits))
    const read = codec.read(encodeInsert({
      collectionName: "c",
      databaseName: "d",
      columns: [
        { fieldName: "id", type: "Int64", values: rows.map(({ id }) => id) },
        { fieldName: "name", type: "VarChar", values: rows.map(({ name }) => name) },
        { fieldName: "tags", type: "Array", elementType: "Int32", rows: rows.map(({ tags }) => tags) },
        { fieldName: "v", type: "FloatVector", dimension: 3, values: vectors },
      ],
    }))
    assertEquals([read.collection_name, read.db_name, read.num_rows], ["c", "d", rows.length])
    const [id, name, tags, v] = read.fields_data
    assertEquals([id?.type, name?.type, tags?.type, v?.type], ["Int64", "VarChar", "Array", "FloatVector"])
    assertEquals(id?.scalars?.long_data?.data, rows.map(({ id }) => id))
    assertEquals(name?.scalars?.string_data?.data, rows.map(({ name }) => name))
    assertEquals(tags?.scalars?.array_data?.data.map((row) => row.int_data?.data), rows.map(({ tags }) => tags))
    assertEquals(v?.vectors?.dim, 3n)
    assertEquals(v?.vectors?.float_vector?.data, Array.from(vectors))
  })
})

test(
  "the generic codec decodes the searches of the codec, which always have the type of the filter",
  async () => {
    const codec = await generic("milvus.proto.milvus.SearchRequest")
    const group = await generic("milvus.proto.common.PlaceholderGroup")
    await holds(
      Arbitrary.all({ filter: text, fields: list(text), bits: list(floatBits), values: list(int64) }),
      (input) => {
        const rows = input.bits.map((bits) => floatsOf([bits, 0]))
        const read = codec.read(encodeSearch({
          collectionName: "c",
          filter: input.filter,
          filterValues: { x: input.values, y: 0, z: "" },
          outputFields: input.fields,
          queries: { type: "FloatVector", rows },
          searchParams: searchParams({ field: "v", limit: 3 }),
        }))
        assertEquals(read.dsl_type, "BoolExprV1")
        assertEquals([read.dsl, read.nq, read.use_default_consistency], [input.filter, BigInt(rows.length), true])
        assertEquals(read.output_fields, input.fields)
        assertEquals(read.search_params.find(({ key }) => key === "topk")?.value, "3")
        const { x, y, z } = read.expr_template_values
        assertEquals(x?.array_val?.long_data?.data ?? [], input.values)
        assertEquals([y?.int64_val, z?.string_val], [0n, ""])
        const [placeholder] = group.read(read.placeholder_group!).placeholders
        assertEquals([placeholder?.tag, placeholder?.type, placeholder?.values.length], [
          "$0",
          "FloatVector",
          rows.length,
        ])
        placeholder?.values.forEach((value, at) => {
          assertSameBits(new Uint8Array(value), new Uint8Array(rows[at]!.buffer))
        })
      },
    )
  },
)

test("the codec decodes the replies of the generic codec", async () => {
  const search = await generic("milvus.proto.milvus.SearchResults")
  const query = await generic("milvus.proto.milvus.QueryResults")
  const mutation = await generic("milvus.proto.milvus.MutationResult")
  const hit = Arbitrary.all({ id: int64, name: text, score: integer(-1000, 1000) })
  await holds(list(list(hit, 6), 5), (queries) => {
    const hits = queries.flat()
    const ids = hits.map(({ id }) => id)
    const names = hits.map(({ name }) => name)
    const fields_data = [
      { type: "Int64", field_name: "id", field_id: 100, scalars: { long_data: { data: ids } } },
      { type: "VarChar", field_name: "name", scalars: { string_data: { data: names } } },
    ] as const
    const read = decodeSearchResults(search.write({
      status: { code: 1, reason: "r", error_code: "UnexpectedError", retriable: true, extra_info: { a: "b" } },
      results: {
        num_queries: queries.length,
        top_k: 6,
        fields_data,
        scores: hits.map(({ score }) => score / 8),
        ids: { str_id: { data: names } },
        topks: queries.map(({ length }) => length),
        primary_field_name: "name",
      },
    }))
    assertEquals(read.ids, names)
    assertEquals(Array.from(read.scores), hits.map(({ score }) => score / 8))
    assertEquals(Array.from(read.topks), queries.map(({ length }) => length))
    assertEquals([read.status.code, read.status.errorCode, read.status.reason, read.status.retriable], [
      1,
      1,
      "r",
      true,
    ])
    assertEquals(read.status.extraInfo, new Map([["a", "b"]]))
    for (const { fields } of [read, decodeQueryResults(query.write({ fields_data }))]) {
      const [id, name] = fields
      assert(id?.type === "Int64" && name?.type === "VarChar")
      assertEquals([Array.from(id.values), name.values, id.fieldId], [ids, names, 100])
    }
    const done = decodeMutationResult(
      mutation.write({ IDs: { int_id: { data: ids } }, insert_cnt: ids.length, timestamp: 2n ** 63n }),
    )
    assertEquals(done.ids, BigInt64Array.from(ids))
    assertEquals([done.insertCount, done.timestamp], [ids.length, 2n ** 63n])
  })
})

test(
  "what Milvus 3.0.1 may send and has no form here is refused, and not read as something else",
  async () => {
    const codecs = await Effect.runPromise(Effect.all({
      rows: Descriptor.codec("milvus.proto.milvus.QueryResults"),
      found: Descriptor.codec("milvus.proto.milvus.SearchResults"),
      written: Descriptor.codec("milvus.proto.milvus.MutationResult"),
    }))
    const tags = (valid_data: ReadonlyArray<boolean>) => ({
      fields_data: [{
        type: "Array",
        field_name: "tags",
        scalars: { array_data: { element_type: "Int64", data: [{ long_data: { data: [1, 0] }, valid_data }] } },
      }],
    })
    assertEquals(decodeQueryResults(codecs.rows!.serialize(tags([true, true]))).fields.length, 1)
    const vectors = (valid_data: ReadonlyArray<boolean>) => ({
      fields_data: [{
        type: "ArrayOfVector",
        field_name: "pages",
        vectors: {
          dim: 2,
          vector_array: {
            dim: 2,
            element_type: "FloatVector",
            data: [{ dim: 2, float_vector: { data: [1, 2] }, valid_data }],
          },
        },
      }],
    })
    assertEquals(decodeQueryResults(codecs.rows!.serialize(vectors([true]))).fields.length, 1)
    const refusal = (read: () => unknown) => codecError(read).message
    for (const rows of [tags([true, false]), vectors([false])]) {
      const nulls = refusal(() => decodeQueryResults(codecs.rows!.serialize(rows)))
      assertStringIncludes(nulls, "nulls inside of arrays are not supported")
    }
    const keys = { uuid_id: { data: [new Uint8Array(16)] } }
    const search = { results: { num_queries: 1, top_k: 1, scores: [1], topks: [1], ids: keys } }
    for (
      const read of [
        () => decodeSearchResults(codecs.found!.serialize(search)),
        () => decodeMutationResult(codecs.written!.serialize({ IDs: keys })),
      ]
    ) assertStringIncludes(refusal(read), "primary keys of the type UUID are not supported")
  },
)
