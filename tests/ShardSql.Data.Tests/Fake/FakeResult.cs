using System;
using System.Collections.Generic;
using System.Linq;
using ShardSql.Primitives;
using ShardSql.Protocol.Messages;
using ShardSql.Sql.Values;

namespace ShardSql.Data.Tests.Fake;

/// <summary>What the fake answers to one statement: rows, a number of rows written, or an error.</summary>
internal sealed class FakeResult
{
    public Error? Error { get; private init; }

    public IReadOnlyList<Column> Columns { get; private init; } = [];

    /// <summary>The rows, made as they are sent.</summary>
    public IEnumerable<SqlValue[]> Rows { get; private init; } = [];

    public long RowsAffected { get; private init; } = -1;

    public int RowsPerBatch { get; init; } = 64;

    public static FakeResult Written(long rows) => new() { RowsAffected = rows };

    public static FakeResult Of(
        IReadOnlyList<Column> columns, IEnumerable<SqlValue[]> rows, long written = -1, int rowsPerBatch = 64) =>
        new() { Columns = columns, Rows = rows, RowsAffected = written, RowsPerBatch = rowsPerBatch };

    /// <summary>One column of one type.</summary>
    public static FakeResult Single(string name, SqlType type, params SqlValue[] values) =>
        Of([Column(name, type)], values.Select(value => new[] { value }));

    public static FakeResult Int32(params int[] values) =>
        Single("n", SqlType.Int32, [.. values.Select(SqlValue.FromInt32)]);

    public static FakeResult Failing(
        string sqlState,
        string message,
        CommandOutcome outcome = CommandOutcome.Failed,
        Action<Error>? more = null)
    {
        var error = new Error { SqlState = sqlState, Message = message, Outcome = outcome };
        more?.Invoke(error);
        return new FakeResult { Error = error };
    }

    public static FakeResult Conflict() =>
        Failing("40001", "serialization failure, retry transaction", CommandOutcome.RolledBack);

    public static Column Column(string name, SqlType type, bool nullable = true) =>
        new() { Name = name, Type = type.ToMessage(), Nullable = nullable };

    public static RowBatch Batch(IReadOnlyList<SqlValue[]> rows)
    {
        var writer = new ByteWriter(256);
        foreach (SqlValue[] row in rows)
        {
            RowCodec.Write(writer, row);
        }

        return new RowBatch
        {
            Count = (uint)rows.Count,
            Rows = Google.Protobuf.ByteString.CopyFrom(writer.ToArray()),
        };
    }
}
