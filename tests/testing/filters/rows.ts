/** Rows of which filters find some: every scalar type, JSON of every kind, dynamic keys, and values at the ends of ranges. */
import { create, field, id, ints, json, longs, pairs, texts, vector, vectors } from "../refusals/requests.ts"
import { isAccepted, type Server } from "../refusals/server.ts"
import { untilLoaded } from "../refusals/indexes.ts"

/** The name of the collection. */
export const collection_name = "filtered"

const documents = [
  "{}",
  '{"a":1,"s":"x","b":true,"l":[1,2,3],"o":{"k":1}}',
  '{"a":1.0,"s":"abc","l":[],"b":false}',
  '{"a":1.5,"s":"","l":["a","b"]}',
  '{"a":"1","l":[1.0,2.5]}',
  '{"a":null,"l":null,"o":null}',
  '{"a":9007199254740993,"l":[9007199254740993]}',
  '{"a":-3,"l":[[1,2],[3]],"o":{"k":"v"}}',
  '{"a":[1,2],"l":[true,"a",1]}',
  '{"a":true,"l":{"0":1}}',
  '{"a":1e3,"constructor":1,"__proto__":2}',
  '{"a":{"0":5},"s":"ab%","l":[1,1]}',
]
const count = documents.length
const each = <A>(of: (row: number) => A) => Array.from({ length: count }, (_, row) => of(row))

const integers = [[], [1], [1, 2], [1, 2, 3], [2], [-1], [9007199254740993n], [0], [5, 5], [1], [3], [2, 1]]
const words = [[], ["a"], ["a", "b"], ["b"], ["ab"], ["x"], [""], ["a", "a"], ["c"], ["d"], ["e"], ["f"]]
const [least, most] = [-(2n ** 63n), 2n ** 63n - 1n]

const array = (name: string, element_type: "Int64" | "VarChar" | "Float") => ({
  ...field(name, "Array", { max_capacity: "5", max_length: "9" }),
  element_type,
})
const text = { max_length: "20" }
const fields = [
  id,
  vector,
  field("b", "Bool"),
  field("i8", "Int8"),
  field("i32", "Int32"),
  field("i64", "Int64"),
  field("f", "Float"),
  field("d", "Double"),
  field("t", "VarChar", text),
  field("u", "VarChar", text),
  field("j", "JSON"),
  array("ai", "Int64"),
  array("at", "VarChar"),
  array("af", "Float"),
]

/** Creates the collection, loads it and writes the rows. */
export const writeRows = async (server: Server): Promise<void> => {
  const created = await create(server, collection_name, fields, { enable_dynamic_field: true })
  if (!isAccepted(created)) throw new Error(created.reason)
  const extra_params = pairs({ metric_type: "L2", index_type: "FLAT", params: "{}" })
  await server.call("CreateIndex", { collection_name, field_name: "vector", extra_params })
  await server.call("LoadCollection", { collection_name, replica_number: 1 })
  await untilLoaded(server, collection_name)
  const head = { type: "Array" } as const
  await server.call("Insert", {
    collection_name,
    num_rows: count,
    fields_data: [
      longs("id", ...each((row) => row)),
      vectors(...each((row) => [row, 0, 0, 0])),
      { field_name: "b", type: "Bool", scalars: { bool_data: { data: each((row) => row % 2 === 0) } } },
      ints("i8", "Int8", 0, 1, 2, 3, -1, -128, 127, 5, 6, 44, 7, 10),
      ints("i32", "Int32", 0, 1, 2, 3, -1, -7, 7, 5, 6, 300, 7, 10),
      longs("i64", 0, 1, 2, 3, -1, 9007199254740993n, most, least, 6, 300, 7, 10),
      {
        field_name: "f",
        type: "Float",
        scalars: { float_data: { data: [0, 1, 0.1, 2.5, -1, 1e10, 3.4e38, -0, 1.5, 300, 7, 10] } },
      },
      {
        field_name: "d",
        type: "Double",
        scalars: { double_data: { data: [0, 1, 0.1, 2.5, -1, 1e10, 1e300, -0, 1.5, 300, 7, 10] } },
      },
      texts("t", "", "a", "b", "ab", "abc", "A", "ü", "😀", "\uFF5E", "it's", 'say "a"', "a%b"),
      texts("u", "", "a", "c", "ab", "z", "A", "u", "x", "y", "it's", "q", "a_b"),
      json("j", false, ...documents),
      {
        ...head,
        field_name: "ai",
        scalars: { array_data: { element_type: "Int64", data: integers.map((data) => ({ long_data: { data } })) } },
      },
      {
        ...head,
        field_name: "at",
        scalars: { array_data: { element_type: "VarChar", data: words.map((data) => ({ string_data: { data } })) } },
      },
      {
        ...head,
        field_name: "af",
        scalars: {
          array_data: {
            element_type: "Float",
            data: each((row) => ({ float_data: { data: row % 3 === 0 ? [] : [0.1, row] } })),
          },
        },
      },
      json("", true, ...each((row) => row % 2 === 0 ? `{"color":"c${row}","n":${row}}` : documents[row]!)),
    ],
  })
}
