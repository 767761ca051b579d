"""Compares requests of the codec with those that pymilvus encodes from the same data.

Standard input: {name: base64 of a request}. Standard output: {name: difference, or ""}.
"""

import base64
import json
import sys

import numpy as np
from google.protobuf import text_format
from pymilvus import DataType, Function, FunctionType, RRFRanker
from pymilvus.client.embedding_list import EmbeddingList
from pymilvus.client.field_ops import FieldOp
from pymilvus.client.prepare import Prepare
from pymilvus.grpc_gen import milvus_pb2 as milvus

T = DataType


def field(name, type, **more):
    return {"name": name, "type": type, "params": {}, **more}


def bfloat16(*numbers):
    """Truncates numbers. Those below need no rounding."""
    return (np.array(numbers, dtype=np.float32).view(np.uint32) >> 16).astype(np.uint16).tobytes()


SCALARS = [
    field("id", T.INT64, is_primary=True),
    field("bool", T.BOOL),
    field("int8", T.INT8),
    field("int16", T.INT16),
    field("int32", T.INT32),
    field("float", T.FLOAT),
    field("double", T.DOUBLE),
    field("varchar", T.VARCHAR, params={"max_length": 1000}),
    field("text", T.TEXT),
    field("json", T.JSON),
    field("geometry", T.GEOMETRY),
    field("timestamptz", T.TIMESTAMPTZ),
    field("longs", T.ARRAY, element_type=T.INT64),
    field("ints", T.ARRAY, element_type=T.INT8),
    field("floats", T.ARRAY, element_type=T.FLOAT),
    field("doubles", T.ARRAY, element_type=T.DOUBLE),
    field("texts", T.ARRAY, element_type=T.VARCHAR),
    field("bools", T.ARRAY, element_type=T.BOOL),
    field("null_int", T.INT32, nullable=True),
    field("null_text", T.VARCHAR, nullable=True, params={"max_length": 1000}),
    field("null_json", T.JSON, nullable=True),
    field("null_array", T.ARRAY, element_type=T.INT64, nullable=True),
    field("all_there", T.INT64, nullable=True),
]
SCALAR_ROWS = [
    {
        "id": 2**63 - 1, "bool": True, "int8": -128, "int16": 32767, "int32": -(2**31), "float": 1.5, "double": 0.1,
        "varchar": "", "text": "a😀", "json": {"a": [1, None]}, "geometry": "POINT (1 2)",
        "timestamptz": "2026-01-02T03:04:05Z", "longs": [1, -1, 2**62], "ints": [1, -2], "floats": [0.5],
        "doubles": [0.1, 0.2], "texts": ["", "é"], "bools": [True, False], "null_int": None, "null_text": "x",
        "null_json": None, "null_array": [1], "all_there": 1, "extra": 1, "more": "é",
    },
    {
        "id": -(2**63), "bool": False, "int8": 127, "int16": -1, "int32": 0, "float": -0.25, "double": -1e300,
        "varchar": "x" * 200, "text": "", "json": "[1]", "geometry": "POINT (3 4)", "timestamptz": "2026-01-02",
        "longs": [3], "ints": [5], "floats": [1.5, 2.5], "doubles": [1e-300], "texts": ["b"], "bools": [False],
        "null_int": 7, "null_text": None, "null_json": {}, "null_array": None, "all_there": 2,
    },
]

VECTORS = [
    field("id", T.VARCHAR, is_primary=True, params={"max_length": 100}),
    field("float", T.FLOAT_VECTOR, params={"dim": 3}),
    field("binary", T.BINARY_VECTOR, params={"dim": 16}),
    field("float16", T.FLOAT16_VECTOR, params={"dim": 2}),
    field("bfloat16", T.BFLOAT16_VECTOR, params={"dim": 2}),
    field("int8", T.INT8_VECTOR, params={"dim": 2}),
    field("sparse", T.SPARSE_FLOAT_VECTOR),
    field("null_float", T.FLOAT_VECTOR, nullable=True, params={"dim": 2}),
    field("null_int8", T.INT8_VECTOR, nullable=True, params={"dim": 2}),
    field("null_sparse", T.SPARSE_FLOAT_VECTOR, nullable=True),
]


def vector_rows():
    return [
        {
            "id": "a", "float": [1.0, 0.1, -0.0], "binary": bytes([1, 255]),
            "float16": np.array([1.5, -2.0], dtype=np.float16), "bfloat16": bfloat16(1.5, -2.0),
            "int8": np.array([-128, 127], dtype=np.int8), "sparse": {5: 0.5, 1: 0.25}, "null_float": None,
            "null_int8": np.array([1, 2], dtype=np.int8), "null_sparse": {7: 1.0},
        },
        {
            "id": "b", "float": [4.0, 5.0, 6.0], "binary": bytes([2, 3]),
            "float16": np.array([0.1, 65504.0], dtype=np.float16), "bfloat16": bfloat16(0.5, 100.0),
            "int8": np.array([0, 1], dtype=np.int8), "sparse": {2**32 - 2: 3.0}, "null_float": [0.5, 0.25],
            "null_int8": None, "null_sparse": None,
        },
    ]


STRUCTS = [{
    "name": "chunks",
    "fields": [
        field("page", T.ARRAY, element_type=T.INT32),
        field("body", T.ARRAY, element_type=T.VARCHAR, params={"max_length": 100}),
        field("vector", T._ARRAY_OF_VECTOR, element_type=T.FLOAT_VECTOR, params={"dim": 2}),
    ],
}]
STRUCT_ROWS = [
    {"id": 1, "chunks": [{"page": 1, "body": "a", "vector": [1.0, 2.0]}, {"page": 2, "body": "b", "vector": [3.0, 4.0]}]},
    {"id": 2, "chunks": [{"page": 3, "body": "c", "vector": [5.0, 6.0]}]},
    {"id": 3, "chunks": []},
]


def search(data=None, field="v", **more):
    return Prepare.search_requests_with_expr("c", field, more.pop("param", {}), 10, data=data, **more)


RANKER = Function(name="rrf", function_type=FunctionType.RERANK, input_field_names=[], params={"reranker": "rrf", "k": 60})

FLOATS = [[1.0, 0.1], [3.0, -4.0]]

EXPECTED = {
    "insert scalars": lambda: Prepare.row_insert_param(
        "c", SCALAR_ROWS, "p", SCALARS, schema_timestamp=450000000000000000, enable_dynamic=True, namespace="n"),
    "insert vectors": lambda: Prepare.row_insert_param("c", vector_rows(), "", VECTORS),
    "insert structs": lambda: Prepare.row_insert_param(
        "c", STRUCT_ROWS, "", [field("id", T.INT64, is_primary=True)], struct_fields_info=STRUCTS),
    "upsert": lambda: Prepare.row_upsert_param(
        "c", [{"id": 1, "longs": [1]}, {"id": 2, "longs": [2, 3]}], "p",
        [field("id", T.INT64, is_primary=True), field("longs", T.ARRAY, element_type=T.INT64), field("other", T.INT64)],
        partial_update=True, field_ops={"longs": FieldOp.array_append()}),
    "search floats": lambda: search(
        FLOATS, expr="a > 1", partition_names=["p", "q"], output_fields=["a", "*"], use_default_consistency=False,
        consistency_level=2, guarantee_timestamp=2, offset=5, group_by_field="g", group_size=3, strict_group_size=True,
        round_decimal=4, param={"metric_type": "COSINE", "params": {"ef": 64}}, ignore_growing=True, namespace=""),
    "search float rows": lambda: search(np.array(FLOATS, dtype=np.float32)),
    "search float16": lambda: search([np.array(row, dtype=np.float16) for row in FLOATS]),
    "search bfloat16": lambda: search(
        [bfloat16(1.0, 0.5)], schema={"fields": [{"name": "v", "type": T.BFLOAT16_VECTOR}]}),
    "search int8": lambda: search([np.array([-128, 127], dtype=np.int8)]),
    "search binary": lambda: search([bytes([1, 255]), bytes([0, 128])]),
    "search sparse": lambda: search([{3: 0.5, 1: 0.25}, {2**32 - 2: 1.0}]),
    "search texts": lambda: search(["where?", "é😀"]),
    "search by integers": lambda: search(ids=[1, -1, 2**62]),
    "search by strings": lambda: search(ids=["a", ""]),
    "search lists": lambda: search(
        [EmbeddingList([np.array(row, dtype=np.float32) for row in FLOATS]).to_flat_array()], is_embedding_list=True),
    "search values": lambda: search(FLOATS, expr="x in {a}", expr_params={
        "bool": True, "int": 2**62, "double": 1.5, "whole": 1.0, "text": "é", "bools": [True, False],
        "ints": [1, -1, 2**53 - 1], "doubles": [0.5, 1.5], "texts": ["a", ""], "nested": [[1, 2], [3]],
        "mixed": [1, '"a"', True], "empty": []}),
    "hybrid": lambda: Prepare.hybrid_search_request_with_ranker(
        "c", [search(FLOATS, field="v", expr="a > 1"), search([{1: 0.5}, {2: 1.0}], field="s")], RRFRanker(60), 10,
        partition_names=["p"], output_fields=["a"], offset=3, consistency_level=3, use_default_consistency=False),
    "hybrid function": lambda: Prepare.hybrid_search_request_with_ranker("c", [search(FLOATS)], RANKER, 10),
    "query": lambda: Prepare.query_request(
        "c", "id in {ids}", ["a", "b"], ["p"], use_default_consistency=False, consistency_level=1,
        guarantee_timestamp=2**63 + 1, limit=10, offset=2, expr_params={"ids": [1, 2]}, namespace="n"),
}


def clear(fields):
    """Sets what only the codec sends: the element type of arrays, and the dimension of sparse vectors."""
    for data in fields:
        if data.HasField("scalars") and data.scalars.HasField("array_data"):
            data.scalars.array_data.element_type = 0
        if data.HasField("vectors") and data.vectors.HasField("sparse_float_vector"):
            data.vectors.sparse_float_vector.dim = 0
        if data.HasField("struct_arrays"):
            clear(data.struct_arrays.fields)


def normal(request):
    if hasattr(request, "fields_data"):
        clear(request.fields_data)
    for pairs in [getattr(request, name, []) for name in ("search_params", "rank_params", "query_params")]:
        for pair in pairs:
            # Milvus accepts Python's "True" and JSON's "true" alike.
            if pair.value in ("True", "False"):
                pair.value = pair.value.lower()
        ordered = sorted(pairs, key=lambda pair: pair.key)
        ordered = [type(pair).FromString(pair.SerializeToString()) for pair in ordered]
        del pairs[:]
        pairs.extend(ordered)
    for inner in getattr(request, "requests", []):
        normal(inner)
    return request


def compare(name, data):
    expected = EXPECTED[name]()
    actual = type(expected)()
    actual.ParseFromString(data)
    known = type(expected)()
    known.CopyFrom(actual)
    known.DiscardUnknownFields()
    if known.ByteSize() != actual.ByteSize():
        return "fields that the contract does not have"
    a, b = normal(actual), normal(expected)
    if a == b:
        return ""
    return "--- codec\n%s--- pymilvus\n%s" % (text_format.MessageToString(a), text_format.MessageToString(b))


requests = json.load(sys.stdin)
missing = {name: "not compared" for name in EXPECTED if name not in requests}
json.dump({**missing, **{name: compare(name, base64.b64decode(data)) for name, data in requests.items()}}, sys.stdout)
