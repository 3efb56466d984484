#!/usr/bin/python3
"""A stock gRPC client of ShardSql: grpcio and the published .proto files, nothing of ours.

    client.py [--protos DIR] health ADDRESS [SERVICE]   prints the serving status
    client.py [--protos DIR] query  ADDRESS "SQL"       opens a session, runs the text, prints what comes back

query prints, for each statement, one line of column names if it has rows, one line per row (values as JSON, separated
by tabs) and one line "-- TAG AFFECTED". An SQL error is printed on stderr as "SQLSTATE: message" and ends with exit
code 2; a gRPC status other than OK as "CODE: details" with exit code 3. DIR is the folder protos/ of the repository.

Needs Debian's python3-grpcio, and a protoc that knows proto3's optional: the one on the path, or the one that the
NuGet package Grpc.Tools brought when the repository was built.
"""
import argparse
import base64
import datetime
import decimal
import glob
import json
import os
import platform
import queue
import shutil
import struct
import subprocess
import sys
import tempfile
import uuid

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

FILES = ["grpc/health/v1/health.proto", "shardsql/v1/gateway.proto"]
TIMEOUT_SECONDS = 30
EPOCH = datetime.datetime(1970, 1, 1)


def default_protos():
    """protos/ beside the folder tests/ that this file is in."""
    return os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), *[".."] * 4, "protos"))


def find_protoc():
    """protoc of the path, else of the newest Grpc.Tools in NuGet's folder."""
    packages = os.environ.get("NUGET_PACKAGES") or os.path.expanduser("~/.nuget/packages")
    machine = "arm64" if platform.machine() in ("aarch64", "arm64") else "x64"
    found = sorted(glob.glob(os.path.join(packages, "grpc.tools", "*", "tools", "linux_" + machine, "protoc")))
    protoc = shutil.which("protoc") or (found[-1] if found else None)
    if protoc is None:
        raise SystemExit("no protoc: install protobuf-compiler or build the repository first")
    return protoc


class Schema:
    """The message classes and methods of the published files, compiled by protoc at each run."""

    def __init__(self, protos):
        with tempfile.TemporaryDirectory() as folder:
            target = os.path.join(folder, "descriptors")
            arguments = [find_protoc(), "-I" + protos, "--include_imports", "--descriptor_set_out=" + target]
            subprocess.run(arguments + FILES, check=True)
            with open(target, "rb") as file:
                files = descriptor_pb2.FileDescriptorSet.FromString(file.read())
        self.pool = descriptor_pool.DescriptorPool()
        for file in files.file:
            self.pool.Add(file)
        self.factory = message_factory.MessageFactory(self.pool)

    def message(self, name):
        return self.factory.GetPrototype(self.pool.FindMessageTypeByName(name))

    def call(self, channel, service, method):
        """A stub of one method, of the kind that the .proto file declares."""
        rpc = self.pool.FindServiceByName(service).methods_by_name[method]
        proto = descriptor_pb2.MethodDescriptorProto()
        rpc.CopyToProto(proto)
        kind = "%s_%s" % (
            "stream" if proto.client_streaming else "unary", "stream" if proto.server_streaming else "unary")
        request = self.factory.GetPrototype(rpc.input_type)
        response = self.factory.GetPrototype(rpc.output_type)
        return getattr(channel, kind)(
            "/%s/%s" % (service, method),
            request_serializer=request.SerializeToString,
            response_deserializer=response.FromString)


class Rows:
    """Reads RowBatch.rows: a varint of columns, then each value as its kind byte and payload (ValueCodec)."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, count):
        if self.at + count > len(self.data):
            raise ValueError("rows are cut short")
        self.at += count
        return self.data[self.at - count:self.at]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def zigzag(self):
        value = self.varint()
        return (value >> 1) ^ -(value & 1)

    def row(self):
        return [self.value() for _ in range(self.varint())]

    def value(self):
        tag = self.take(1)[0]
        return None if tag & 0x80 else self.payload(tag)

    def payload(self, kind):
        if kind == 1:
            return self.take(1) != b"\0"
        if kind in (2, 3, 4):
            return self.zigzag()
        if kind == 5:
            scale, length = self.take(2)
            unscaled = int.from_bytes(self.take(length), "little", signed=True)
            return str(decimal.Decimal(unscaled).scaleb(-scale, decimal.Context(prec=40)))
        if kind == 6:
            return struct.unpack("<f", self.take(4))[0]
        if kind == 7:
            return struct.unpack("<d", self.take(8))[0]
        if kind in (8, 15):
            return self.take(self.varint()).decode("utf-8")
        if kind == 9:
            return base64.b64encode(self.take(self.varint())).decode("ascii")
        if kind == 10:
            return str(uuid.UUID(bytes=self.take(16)))
        if kind == 11:
            return str((EPOCH + datetime.timedelta(days=self.zigzag())).date())
        if kind == 12:
            return str((EPOCH + datetime.timedelta(microseconds=self.varint())).time())
        if kind in (13, 14):
            return str(EPOCH + datetime.timedelta(microseconds=self.zigzag()))
        raise ValueError("unknown kind of value %d" % kind)


class SqlError(Exception):
    """An Error frame."""


class Session:
    """One Gateway.Session stream."""

    def __init__(self, schema, channel):
        self.frame = schema.message("shardsql.v1.ClientFrame")
        self.requests = queue.Queue()
        self.answers = schema.call(channel, "shardsql.v1.Gateway", "Session")(
            iter(self.requests.get, None), timeout=TIMEOUT_SECONDS, metadata=[("x-client", "python")])
        self.next_request = 0

    def send(self, frame):
        self.requests.put(frame)

    def receive(self):
        answer = next(self.answers)
        if answer.WhichOneof("frame") == "error":
            raise SqlError("%s: %s" % (answer.error.sql_state, answer.error.message))
        return answer

    def hello(self):
        frame = self.frame()
        frame.hello.protocol_min = 1
        frame.hello.protocol_max = 1
        frame.hello.client = "client.py"
        frame.hello.authentication = "none"
        frame.hello.session_id = uuid.uuid4().bytes
        self.send(frame)
        return self.receive().hello_reply

    def execute(self, text):
        self.next_request += 1
        frame = self.frame(request_id=self.next_request)
        frame.execute.statements.add().text = text
        frame.execute.transaction_sequence = self.next_request
        self.send(frame)
        while True:
            answer = self.receive()
            kind = answer.WhichOneof("frame")
            if kind == "result_header" and answer.result_header.columns:
                print("\t".join(column.name for column in answer.result_header.columns))
            elif kind == "row_batch":
                self.print_rows(answer.row_batch)
            elif kind == "result_end":
                print("-- %s %d" % (answer.result_end.tag, answer.result_end.rows_affected))
            elif kind == "execute_end":
                return

    def print_rows(self, batch):
        rows = Rows(batch.rows)
        for _ in range(batch.count):
            print("\t".join(json.dumps(value, ensure_ascii=False) for value in rows.row()))
        credit = self.frame()
        credit.request_id = self.next_request
        credit.credit.target_request_id = self.next_request
        credit.credit.bytes = len(batch.rows)
        self.send(credit)

    def close(self):
        """Half-closes; the server then ends the stream with OK."""
        self.requests.put(None)
        for _ in self.answers:
            pass


def main():
    parser = argparse.ArgumentParser(description="A stock gRPC client of ShardSql.")
    parser.add_argument("--protos", default=default_protos())
    parser.add_argument("command", choices=["health", "query"])
    parser.add_argument("address")
    parser.add_argument("argument", nargs="?", default="")
    options = parser.parse_args()
    schema = Schema(options.protos)
    try:
        with grpc.insecure_channel(options.address) as channel:
            if options.command == "health":
                request = schema.message("grpc.health.v1.HealthCheckRequest")(service=options.argument)
                answer = schema.call(channel, "grpc.health.v1.Health", "Check")(request, timeout=TIMEOUT_SECONDS)
                status = answer.DESCRIPTOR.fields_by_name["status"].enum_type.values_by_number[answer.status]
                print(status.name)
            else:
                session = Session(schema, channel)
                session.hello()
                session.execute(options.argument)
                session.close()
    except SqlError as error:
        print(error, file=sys.stderr)
        return 2
    except grpc.RpcError as error:
        print("%s: %s" % (error.code().name, error.details()), file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
