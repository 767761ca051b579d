"""Replies of every kind, serialized by Python's protobuf with pymilvus's classes.

Standard output: {name: [base64, ...]}, each message in several forms: unchanged, with unpacked numbers, with unknown fields
in every message, and, for some, in two parts that a decoder merges.
"""

import base64
import json
import struct
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from pymilvus.grpc_gen import common_pb2, feder_pb2, milvus_pb2, msg_pb2, rg_pb2, schema_pb2

F = descriptor_pb2.FieldDescriptorProto
NUMBERS = {F.TYPE_DOUBLE, F.TYPE_FLOAT, F.TYPE_INT64, F.TYPE_UINT64, F.TYPE_INT32, F.TYPE_UINT32, F.TYPE_BOOL, F.TYPE_ENUM}
UNKNOWN = [("u_varint", 500, F.TYPE_INT64, -1), ("u_fixed32", 501, F.TYPE_FIXED32, 7), ("u_fixed64", 502, F.TYPE_FIXED64, 7),
           ("u_bytes", 503, F.TYPE_BYTES, b"\xff" * 200), ("u_string", 31, F.TYPE_STRING, "unknown")]


def contract(unpacked=False, unknown=False):
    """Returns the message classes of a changed contract, in a separate pool."""
    pool = descriptor_pool.DescriptorPool()
    done = set()

    def change(message):
        for field in message.field:
            if unpacked and field.label == F.LABEL_REPEATED and field.type in NUMBERS:
                field.options.packed = False
        for nested in message.nested_type:
            change(nested)
        if unknown and not message.options.map_entry:
            for name, number, type, _ in UNKNOWN:
                message.field.add(name=name, number=number, type=type, label=F.LABEL_OPTIONAL)

    def add(file):
        if file.name in done:
            return
        done.add(file.name)
        for other in file.dependencies:
            add(other)
        proto = descriptor_pb2.FileDescriptorProto()
        file.CopyToProto(proto)
        for message in proto.message_type:
            if not file.name.startswith("google/"):
                change(message)
        pool.Add(proto) if hasattr(pool, "Add") else pool.AddSerializedFile(proto.SerializeToString())

    for module in (common_pb2, schema_pb2, msg_pb2, rg_pb2, feder_pb2, milvus_pb2):
        add(module.DESCRIPTOR)
    return lambda name: message_factory.GetMessageClass(pool.FindMessageTypeByName(name))


def add_unknown(message):
    """Sets the unknown fields in a message and in all messages inside of it."""
    for field, value in list(message.ListFields()):
        if field.type == F.TYPE_MESSAGE and not field.message_type.GetOptions().map_entry:
            for inner in value if hasattr(value, "__len__") and not hasattr(value, "ListFields") else [value]:
                add_unknown(inner)
    for name, _, _, value in UNKNOWN:
        setattr(message, name, value)


UNPACKED, EXTENDED = contract(unpacked=True), contract(unknown=True)


def forms(message):
    data = message.SerializeToString()
    name = message.DESCRIPTOR.full_name
    unpacked = UNPACKED(name).FromString(data).SerializeToString()
    extended = EXTENDED(name).FromString(data)
    add_unknown(extended)
    return [data, unpacked, extended.SerializeToString()]


def floats(*bits):
    """Returns floats with these bits. Python may change the payload of a NaN."""
    return [struct.unpack("<f", struct.pack("<I", bit))[0] for bit in bits]


S = schema_pb2
NAN, INF = float("nan"), float("inf")
INTS = [0, -1, 127, 128, 2**31, 2**53 + 1, 2**63 - 1, -(2**63), 450000000000000000]
TEXTS = ["", "a", "é", "😀", "x" * 127, "y" * 128, "z" * 5000, "\0", "end"]
ROWS = len(INTS)


def scalar(name, type, slot, values, **more):
    data = S.FieldData(field_name=name, type=type, field_id=100, **more)
    getattr(data.scalars, slot).data.extend(values)
    return data


def column(values):
    return [values[i % len(values)] for i in range(ROWS)]


def arrays(name, type, slot, rows, **more):
    data = S.FieldData(field_name=name, type=S.Array, **more)
    data.scalars.array_data.element_type = type
    for row in rows:
        getattr(data.scalars.array_data.data.add(), slot).data.extend(row)
    return data


def dense(name, type, slot, dim, values, **more):
    data = S.FieldData(field_name=name, type=type, **more)
    data.vectors.dim = dim
    if slot == "float_vector":
        data.vectors.float_vector.data.extend(values)
    else:
        setattr(data.vectors, slot, bytes(values))
    return data


def sparse(name, rows, **more):
    data = S.FieldData(field_name=name, type=S.SparseFloatVector, **more)
    data.vectors.sparse_float_vector.dim = 100
    for row in rows:
        data.vectors.sparse_float_vector.contents.append(b"".join(struct.pack("<If", i, v) for i, v in row))
    return data


def vector_array(name, rows, dim=2, **more):
    data = S.FieldData(field_name=name, type=S.ArrayOfVector, **more)
    data.vectors.vector_array.dim = dim
    data.vectors.vector_array.element_type = S.FloatVector
    for row in rows:
        inner = data.vectors.vector_array.data.add(dim=dim)
        inner.float_vector.data.extend(row)
    return data


def fields():
    alternating = [i % 2 == 0 for i in range(ROWS)]
    some = [v for v, valid in zip(INTS, alternating) if valid]
    struct_field = S.FieldData(field_name="structs", type=S.ArrayOfStruct)
    struct_field.struct_arrays.fields.extend([
        arrays("a", S.Int64, "long_data", [[i] * (i % 3) for i in range(ROWS)]),
        vector_array("structs[v]", [[i, -i] * (i % 3) for i in range(ROWS)]),
    ])
    later = S.FieldData(field_name="later", type=99)
    later.scalars.int_data.data.append(1)
    return [
        scalar("bool", S.Bool, "bool_data", column([True, False])),
        scalar("int8", S.Int8, "int_data", column([-128, 127, 0])),
        scalar("int32", S.Int32, "int_data", column([-(2**31), 2**31 - 1, 300])),
        scalar("int64", S.Int64, "long_data", INTS),
        scalar("float", S.Float, "float_data", column([0.5, NAN, INF, -0.0, *floats(1)])),
        scalar("double", S.Double, "double_data", column([0.1, NAN, -INF, 5e-324])),
        scalar("varchar", S.VarChar, "string_data", TEXTS),
        scalar("json", S.JSON, "json_data", column([b'{"a":1}', b"[]"])),
        scalar("$meta", S.JSON, "json_data", column([b'{"x":"\xc3\xa9"}']), is_dynamic=True),
        scalar("geometry", S.Geometry, "geometry_wkt_data", column(["POINT (1 2)"])),
        scalar("wkb", S.Geometry, "geometry_data", column([b"\x01\x02"])),
        scalar("timestamptz", S.Timestamptz, "string_data", column(["2026-01-02T03:04:05Z"])),
        scalar("micros", S.Timestamptz, "timestamptz_data", INTS),
        arrays("longs", S.Int64, "long_data", [INTS[:i] for i in range(ROWS)]),
        arrays("texts", S.VarChar, "string_data", [TEXTS[:i] for i in range(ROWS)]),
        arrays("bools", S.Bool, "bool_data", [[True] * i for i in range(ROWS)]),
        dense("vector", S.FloatVector, "float_vector", 2, [0.5 * i for i in range(ROWS * 2)]),
        dense("binary", S.BinaryVector, "binary_vector", 16, range(ROWS * 2)),
        dense("float16", S.Float16Vector, "float16_vector", 1, range(ROWS * 2)),
        dense("bfloat16", S.BFloat16Vector, "bfloat16_vector", 1, range(ROWS * 2)),
        dense("int8vector", S.Int8Vector, "int8_vector", 2, range(ROWS * 2)),
        sparse("sparse", [[(j * 3, j + 0.5) for j in range(i)] for i in range(ROWS)]),
        vector_array("vectors", [[i, i + 0.5] * (i % 4) for i in range(ROWS)]),
        struct_field,
        # Nulls, with a value for each row or only for each valid row.
        scalar("null_full", S.Int64, "long_data", INTS, valid_data=alternating),
        scalar("null_compact", S.Int64, "long_data", some, valid_data=alternating),
        scalar("null_texts", S.VarChar, "string_data", ["v"] * 5, valid_data=alternating),
        dense("null_vector_full", S.FloatVector, "float_vector", 2, range(ROWS * 2), valid_data=alternating),
        dense("null_vector_compact", S.FloatVector, "float_vector", 2, range(10), valid_data=alternating),
        sparse("null_sparse_compact", [[(1, 0.5)]] * 5, valid_data=alternating),
        sparse("null_sparse_full", [[(1, 0.5)] if valid else [] for valid in alternating], valid_data=alternating),
        arrays("null_arrays", S.Int64, "long_data", [[1, 2]] * 5, valid_data=alternating),
        scalar("null_all", S.Int64, "long_data", [], valid_data=[False] * ROWS),
        later,
    ]


STATUS = common_pb2.Status(error_code=49, reason="é", code=8, retriable=True, detail="d", extra_info={"report_value": "3", "": "x"})


def search_results(ids, scores):
    data = S.SearchResultData(
        num_queries=3, top_k=5, fields_data=fields(), scores=scores, topks=[4, 0, 5], output_fields=["a", "é"],
        all_search_count=2**40, distances=[1.5], recalls=[0.5, 0.25, 1.0], primary_field_name="id",
        agg_topks=[1], element_indices=S.LongArray(data=[1, 2]))
    data.ids.CopyFrom(ids)
    data.search_iterator_v2_results.token = "t"
    data.search_iterator_v2_results.last_bound = 0.5
    data.group_by_field_value.CopyFrom(scalar("g", S.Int64, "long_data", INTS))
    highlight = data.highlight_results.add(field_name="h")
    for _ in INTS:
        highlight.datas.add(fragments=["<em>a</em>", "b"], scores=[0.5, 1.0])
    bucket = data.agg_buckets.add(count=3)
    bucket.key.add(field_id=100, field_name="genre", string_val="novel")
    bucket.key.add(field_id=101, int_val=-2**63)
    bucket.key.add(field_name="sold", bool_val=False)
    bucket.key.add(field_name="none")
    bucket.metrics["avg"].double_val = 1.5
    bucket.metrics["sum"].int_val = 2**53 + 1
    bucket.metrics["min"].string_val = "a"
    bucket.metrics["any"].bool_val = True
    bucket.metrics["empty"].SetInParent()
    hit = bucket.hits.add(int_pk=7, score=0.5)
    hit.fields.add(field_id=102, field_name="price", double_val=9.5)
    hit.fields.add(field_id=103, field_name="ratio", float_val=0.25)
    hit.fields.add(field_id=104, field_name="json", bytes_val=b"{}")
    hit.fields.add(field_id=105, field_name="none")
    bucket.sub_groups.add(count=2).hits.add(str_pk="k", score=-1)
    return milvus_pb2.SearchResults(status=STATUS, results=data, collection_name="c", session_ts=2**64 - 1)


SCORES = column([0.5, -INF, NAN])
REPLIES = {
    "search by integers": search_results(S.IDs(int_id=S.LongArray(data=INTS)), SCORES),
    "search by strings": search_results(S.IDs(str_id=S.StringArray(data=TEXTS)), SCORES),
    "search without hits": milvus_pb2.SearchResults(status={}, results=S.SearchResultData(num_queries=1, top_k=10, topks=[0])),
    "search that failed": milvus_pb2.SearchResults(status=STATUS),
    "query": milvus_pb2.QueryResults(
        status={}, fields_data=fields(), collection_name="c", output_fields=["a"], session_ts=7, primary_field_name="id",
        element_indices=[{"indices": S.LongArray(data=[1, 2])}, {}]),
    "query without rows": milvus_pb2.QueryResults(
        fields_data=[S.FieldData(field_name="id", type=S.Int64), S.FieldData(field_name="v", type=S.FloatVector)]),
    "mutation": milvus_pb2.MutationResult(
        status=STATUS, IDs=S.IDs(int_id=S.LongArray(data=INTS)), succ_index=[0, 2**32 - 1], err_index=[1], acknowledged=True,
        insert_cnt=9, delete_cnt=1, upsert_cnt=2, timestamp=2**63 + 1),
    "mutation of strings": milvus_pb2.MutationResult(IDs=S.IDs(str_id=S.StringArray(data=TEXTS))),
}


def in_parts():
    """Returns two messages one after the other, which decode to one message."""
    whole = REPLIES["search by integers"]
    first, second = milvus_pb2.SearchResults(), milvus_pb2.SearchResults()
    first.CopyFrom(whole)
    for repeated, cut in ((lambda m: m.results.ids.int_id.data, 4), (lambda m: m.results.scores, 1), (lambda m: m.results.topks, 2)):
        values = list(repeated(whole))
        del repeated(first)[:]
        repeated(first).extend(values[:cut])
        repeated(second).extend(values[cut:])
    first.status.reason = "overwritten"
    second.status.reason = whole.status.reason
    return first.SerializeToString() + second.SerializeToString()


output = {name: forms(reply) for name, reply in REPLIES.items()}
output["search by integers"].append(in_parts())
json.dump({name: [base64.b64encode(data).decode() for data in all] for name, all in output.items()}, sys.stdout)
