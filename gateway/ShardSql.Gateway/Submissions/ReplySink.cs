using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading.Tasks;

using Google.Protobuf;

using ShardSql.Gateway.Sessions;
using ShardSql.Gateway.Statements;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;

namespace ShardSql.Gateway.Submissions;

/// <summary>Collects results for a reply that leaves in one piece; nothing has been sent before the end.</summary>
internal sealed class ReplySink : IRowSink
{
    private readonly List<StatementResult> _results = [];
    private readonly ByteWriter _rows = new();
    private StatementResult _current = new();
    private long _bytes;

    public bool HasSent => false;

    /// <summary>The results that have ended.</summary>
    public IReadOnlyList<StatementResult> Results => _results;

    public void BeginUnit() => Discard();

    public void Begin(IReadOnlyList<ResultColumn> columns)
    {
        _rows.Clear();
        _current = new StatementResult();
        foreach (ResultColumn column in columns)
        {
            _current.Columns.Add(ClientSink.ToMessage(column));
        }
    }

    public ValueTask RowsAsync(ReadOnlyMemory<byte> rows, int count)
    {
        _bytes += rows.Length;
        if (_bytes > GatewayLimits.MaxSubmitRowBytes)
        {
            throw new SqlException(SqlStates.ProgramLimitExceeded, string.Create(
                CultureInfo.InvariantCulture,
                $"a submitted transaction returns at most {GatewayLimits.MaxSubmitRowBytes} bytes of rows: {_bytes} bytes"))
            {
                Hint = "Read so much in a session.",
            };
        }

        _rows.WriteRaw(rows.Span);
        _current.RowCount += (uint)count;
        return ValueTask.CompletedTask;
    }

    public ValueTask EndAsync(long rowsAffected, string tag, string? notice)
    {
        _current.RowsAffected = rowsAffected;
        _current.Rows = ByteString.CopyFrom(_rows.WrittenSpan);
        _results.Add(_current);
        return ValueTask.CompletedTask;
    }

    public void Hold()
    {
        // Everything is held anyway.
    }

    public ValueTask ReleaseAsync() => ValueTask.CompletedTask;

    public void Discard()
    {
        _results.Clear();
        _rows.Clear();
        _bytes = 0;
    }
}
