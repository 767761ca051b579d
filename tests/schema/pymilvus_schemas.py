"""Builds the schemas of cases.ts with pymilvus, and compares them with the messages that stand on stdin.

stdin: {name: {"schema": base64 of CollectionSchema, "request": base64 of CreateCollectionRequest}}
stdout: {name: null where both are equal, else what differs}
"""
import base64, json, sys

import numpy as np
from google.protobuf import text_format
from pymilvus import CollectionSchema, DataType, FieldSchema, Function, FunctionType
from pymilvus.client.prepare import Prepare
from pymilvus.grpc_gen import milvus_pb2, schema_pb2
from pymilvus.orm.schema import StructFieldSchema


def schema(**options):
    return CollectionSchema([], check_fields=False, **options)


def scalars():
    s = schema(description="ünïcode “text”")
    s.add_field("id", DataType.INT64, is_primary=True, auto_id=True, description="the key")
    s.add_field("bool", DataType.BOOL, nullable=True, default_value=True)
    # A plain int becomes a value of 64 bits, which servers refuse for the shorter types.
    s.add_field("int8", DataType.INT8, default_value=np.int8(-128))
    s.add_field("int16", DataType.INT16, default_value=np.int16(32767), is_clustering_key=True)
    s.add_field("int32", DataType.INT32, nullable=True, default_value=np.int32(0))
    s.add_field("int64", DataType.INT64, is_partition_key=True, default_value=9007199254740993)
    s.add_field("float", DataType.FLOAT, default_value=0.5, mmap_enabled=True)
    s.add_field("double", DataType.DOUBLE, default_value=-0.1, nullable=True)
    s.add_field("varchar", DataType.VARCHAR, max_length=65535, default_value="", warmup="sync")
    s.add_field("text", DataType.TEXT, enable_analyzer=True)
    s.add_field("json", DataType.JSON, nullable=True, mmap_enabled=False)
    s.add_field("geometry", DataType.GEOMETRY, nullable=True, default_value="POINT (1 2)")
    s.add_field("timestamptz", DataType.TIMESTAMPTZ, default_value="2025-05-01T23:59:59+08:00")
    s.add_field("vector", DataType.FLOAT_VECTOR, dim=4)
    return s, {}


def vectors():
    s = schema(enable_dynamic_field=True)
    s.add_field("key", DataType.VARCHAR, max_length=36, is_primary=True)
    s.add_field("float", DataType.FLOAT_VECTOR, dim=32768, is_clustering_key=True, description="d", mmap_enabled=True)
    s.add_field("binary", DataType.BINARY_VECTOR, dim=128, nullable=True)
    s.add_field("half", DataType.FLOAT16_VECTOR, dim=3)
    s.add_field("brain", DataType.BFLOAT16_VECTOR, dim=1)
    s.add_field("bytes", DataType.INT8_VECTOR, dim=7, warmup="disable")
    s.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR, nullable=True)
    return s, {}


def arrays():
    s = schema()
    s.add_field("key", DataType.VARCHAR, max_length=36, is_primary=True, auto_id=True)
    array = DataType.ARRAY
    s.add_field("bool", array, element_type=DataType.BOOL, max_capacity=4096)
    s.add_field("int8", array, element_type=DataType.INT8, max_capacity=1, nullable=True)
    s.add_field("int16", array, element_type=DataType.INT16, max_capacity=2)
    s.add_field("int32", array, element_type=DataType.INT32, max_capacity=3)
    s.add_field("int64", array, element_type=DataType.INT64, max_capacity=4, mmap_enabled=True)
    s.add_field("float", array, element_type=DataType.FLOAT, max_capacity=5)
    s.add_field("double", array, element_type=DataType.DOUBLE, max_capacity=6, description="numbers")
    s.add_field("varchar", array, element_type=DataType.VARCHAR, max_length=100, max_capacity=7)
    s.add_field("vector", DataType.FLOAT_VECTOR, dim=4)
    return s, {}


def structs():
    s = schema()
    s.add_field("id", DataType.INT64, is_primary=True)
    s.add_field("vector", DataType.FLOAT_VECTOR, dim=4)
    chunk = StructFieldSchema()
    chunk.add_field("bool", DataType.BOOL)
    chunk.add_field("int8", DataType.INT8)
    chunk.add_field("int16", DataType.INT16)
    chunk.add_field("int32", DataType.INT32)
    chunk.add_field("int64", DataType.INT64, description="a page")
    chunk.add_field("float", DataType.FLOAT)
    chunk.add_field("double", DataType.DOUBLE)
    chunk.add_field("varchar", DataType.VARCHAR, max_length=100)
    chunk.add_field("vector", DataType.FLOAT_VECTOR, dim=4, mmap_enabled=True)
    chunk.add_field("binary", DataType.BINARY_VECTOR, dim=16)
    chunk.add_field("half", DataType.FLOAT16_VECTOR, dim=4)
    chunk.add_field("brain", DataType.BFLOAT16_VECTOR, dim=4)
    chunk.add_field("bytes", DataType.INT8_VECTOR, dim=4)
    s.add_field("chunks", DataType.ARRAY, element_type=DataType.STRUCT, struct_schema=chunk, max_capacity=100,
                nullable=True, description="parts", mmap_enabled=True, warmup="async")
    more = StructFieldSchema()
    more.add_field("text", DataType.VARCHAR, max_length=10)
    s.add_field("more", DataType.ARRAY, element_type=DataType.STRUCT, struct_schema=more, max_capacity=1)
    return s, {}


def functions():
    s = schema()
    s.add_field("id", DataType.INT64, is_primary=True)
    s.add_field("title", DataType.VARCHAR, max_length=200, enable_analyzer=True, enable_match=True,
                analyzer_params={"type": "english", "stop_words": ["_english_", "é"]})
    s.add_field("body", DataType.VARCHAR, max_length=200, enable_analyzer=True,
                multi_analyzer_params={"by_field": "title", "analyzers": {"default": {"tokenizer": "icu"}}})
    s.add_field("terms", DataType.SPARSE_FLOAT_VECTOR)
    s.add_field("dense", DataType.FLOAT_VECTOR, dim=8)
    s.add_field("hashes", DataType.BINARY_VECTOR, dim=1024)
    s.add_function(Function("terms", FunctionType.BM25, ["title"], ["terms"], description="full text"))
    s.add_function(Function("dense", FunctionType.TEXTEMBEDDING, ["body"], ["dense"],
                            params={"provider": "openai", "model_name": "text-embedding-3-small", "dim": 8}))
    s.add_function(Function("hashes", FunctionType.MINHASH, ["title"], ["hashes"],
                            params={"num_hashes": 32, "shingle_size": 3}))
    return s, {}


def requested():
    s = schema(enable_namespace=True)
    s.add_field("id", DataType.INT64, is_primary=True)
    s.add_field("shelf", DataType.VARCHAR, max_length=10, is_partition_key=True)
    s.add_field("vector", DataType.FLOAT_VECTOR, dim=4)
    properties = {"collection.ttl.seconds": 3600, "mmap.enabled": "true", "partitionkey.isolation": "true",
                  "allow_insert_auto_id": "false", "collection.replica.number": 2, "custom": "x"}
    return s, dict(consistency_level="Strong", num_shards=3, num_partitions=64, properties=properties)


def external():
    s = schema(external_source="s3://bucket/table", external_spec='{"format":"parquet"}')
    s.add_field("vector", DataType.FLOAT_VECTOR, dim=4, external_field="v")
    s.add_field("title", DataType.VARCHAR, max_length=10, external_field="t")
    return s, {}


def difference(ours, theirs):
    if ours == theirs:
        return None
    return f"ours:\n{text_format.MessageToString(ours)}\npymilvus's:\n{text_format.MessageToString(theirs)}"


def compare(name, given):
    built, options = globals()[name]()
    theirs = Prepare.create_collection_request(name, built, **options)
    ours = milvus_pb2.CreateCollectionRequest.FromString(base64.b64decode(given["request"]))
    schema = schema_pb2.CollectionSchema.FromString(base64.b64decode(given["schema"]))
    found = difference(schema, schema_pb2.CollectionSchema.FromString(theirs.schema))
    theirs.ClearField("schema")
    theirs.ClearField("base")
    return found or difference(ours, theirs)


print(json.dumps({name: compare(name, given) for name, given in json.load(sys.stdin).items()}))
