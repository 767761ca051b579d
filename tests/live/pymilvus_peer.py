"""pymilvus as the other client: executes each line of standard input, and answers with a line.

Values have an exact form: integers are decimal text, floats and vectors are the hexadecimal digits of their memory (little
endian, halves as 32-bit floats), sparse vectors are pairs, null is null.
"""

import json
import logging
import re
import struct
import sys

import numpy as np
from pymilvus import DataType, MilvusClient, MilvusException

T = DataType
INTEGERS = (T.INT8, T.INT16, T.INT32, T.INT64)


def from_hex(text, dtype):
    return np.frombuffer(bytes.fromhex(text), dtype=dtype)


def to_float32(values, dtype=np.float32):
    """Vectors come as numbers, or as their memory."""
    memory = b"".join(values) if isinstance(values, list) and isinstance(values[0], bytes) else values
    numbers = np.frombuffer(memory, dtype=dtype) if isinstance(memory, bytes) else np.asarray(memory, dtype=dtype)
    return numbers.astype(np.float32).tobytes().hex()


def to_json(value):
    """Numbers of JSON are doubles to JavaScript, but for integers beyond 2^53."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int) and abs(value) >= 2**53:
        return {"integer": str(value)}
    if isinstance(value, (int, float)):
        return {"number": struct.pack("<d", value).hex()}
    if isinstance(value, dict):
        return {"object": {key: to_json(each) for key, each in value.items()}}
    return [to_json(each) for each in value]


def from_json(value):
    if isinstance(value, list):
        return [from_json(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "object" in value:
        return {key: from_json(each) for key, each in value["object"].items()}
    if "integer" in value:
        return int(value["integer"])
    return struct.unpack("<d", bytes.fromhex(value["number"]))[0]


def to_exact(field, value, of=None):
    type = of or field["type"]
    if value is None:
        return None
    if type in INTEGERS:
        return str(value)
    if type == T.FLOAT:
        return struct.pack("<f", value).hex()
    if type == T.DOUBLE:
        return struct.pack("<d", value).hex()
    if type == T.JSON:
        return to_json(value)
    if type == T.ARRAY:
        return [to_exact(field, each, field["element_type"]) for each in value]
    if type == T.FLOAT_VECTOR:
        return to_float32(value)
    if type == T.FLOAT16_VECTOR:
        return to_float32(value, np.float16)
    if type == T.BINARY_VECTOR:
        return b"".join(value).hex() if isinstance(value, list) else bytes(value).hex()
    if type == T.SPARSE_FLOAT_VECTOR:
        return [[str(at), struct.pack("<f", value[at]).hex()] for at in sorted(value)]
    return value


def from_exact(field, value, of=None):
    type = of or field["type"]
    if value is None:
        return None
    if type in INTEGERS:
        return int(value)
    if type == T.FLOAT:
        return struct.unpack("<f", bytes.fromhex(value))[0]
    if type == T.DOUBLE:
        return struct.unpack("<d", bytes.fromhex(value))[0]
    if type == T.JSON:
        return from_json(value)
    if type == T.ARRAY:
        return [from_exact(field, each, field["element_type"]) for each in value]
    if type == T.FLOAT_VECTOR:
        return from_hex(value, np.float32)
    if type == T.FLOAT16_VECTOR:
        return from_hex(value, np.float32).astype(np.float16)
    if type == T.BINARY_VECTOR:
        return bytes.fromhex(value)
    if type == T.SPARSE_FLOAT_VECTOR:
        return {int(at): struct.unpack("<f", bytes.fromhex(number))[0] for at, number in value}
    return value


# What no field is declared as is a key of the dynamic field.
DYNAMIC = {"type": T.JSON}


def named(type):
    """A type by the name that the other side has for it."""
    return T[re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type).upper().replace("VAR_CHAR", "VARCHAR")]


class Peer:
    def __init__(self, address):
        self.client = MilvusClient(uri="http://" + address)

    def fields(self, collection):
        described = self.client.describe_collection(collection)
        return {field["name"]: field for field in described["fields"]}

    def exact_row(self, fields, row):
        return {name: to_exact(fields.get(name, DYNAMIC), value) for name, value in row.items()}

    def write(self, how, collection, rows):
        fields = self.fields(collection)
        given = [{name: from_exact(fields.get(name, DYNAMIC), value) for name, value in row.items()} for row in rows]
        written = getattr(self.client, how)(collection, given)
        return written[how + "_count"]

    def create(self, collection, fields, dynamic):
        schema = self.client.create_schema(enable_dynamic_field=dynamic)
        for name, type, options in fields:
            options = dict(options)
            declared = {"datatype": named(type)}
            if "element_type" in options:
                options["element_type"] = named(options["element_type"])
            if "default_value" in options:
                options["default_value"] = from_exact({"type": declared["datatype"]}, options["default_value"])
            schema.add_field(name, declared["datatype"], **options)
        self.client.create_collection(collection, schema=schema, consistency_level="Strong")

    def load(self, collection, indexes):
        params = self.client.prepare_index_params()
        for field, type, metric in indexes:
            params.add_index(field, index_type=type, metric_type=metric)
        self.client.create_index(collection, params)
        self.client.load_collection(collection)

    def drop(self, collection):
        self.client.drop_collection(collection)

    def read(self, collection, filter, outputs, limit=None):
        fields = self.fields(collection)
        rows = self.client.query(
            collection, filter=filter, output_fields=outputs, consistency_level="Strong", **({"limit": limit} if limit else {}))
        return [self.exact_row(fields, row) for row in rows]

    def search(self, collection, field, vectors, limit, outputs=(), params=None, filter=""):
        fields = self.fields(collection)
        queries = [from_exact(fields[field], vector) for vector in vectors]
        found = self.client.search(
            collection, queries, filter, limit, list(outputs), {"params": params or {}}, anns_field=field,
            consistency_level="Strong")
        [key] = [name for name, each in fields.items() if each.get("is_primary")]
        return [[{"id": str(hit[key]), "score": struct.pack("<f", hit["distance"]).hex(),
                  "row": self.exact_row(fields, dict(hit["entity"]))} for hit in hits] for hits in found]


# It logs each refusal, which is an answer here.
logging.disable()
peer = Peer(sys.argv[1])
for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"value": getattr(peer, request["method"])(**request["arguments"])}
    except MilvusException as error:
        answer = {"refusal": error.message}
    except Exception as error:
        answer = {"failure": repr(error)}
    print(json.dumps(answer), flush=True)
