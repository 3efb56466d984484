using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;

using Google.Protobuf;

using ShardSql.Gateway.Statements;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Protocol;
using ShardSql.Protocol.Messages;
using ShardSql.Sql;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Sessions;

/// <summary>
/// The results of one request on their way to the client, within the window that it granted. A result can be kept back
/// until its commit is known; beyond <see cref="GatewayLimits.MaxHeldRowBytes"/> it goes out all the same, and the end
/// of the request tells whether it holds.
/// </summary>
internal sealed class ClientSink(FrameWriter writer, PendingRequest request, RequestScope scope) : IRowSink
{
    private const int FrameOverheadBytes = 1024;

    private readonly List<ServerFrame> _held = [];
    private long _heldBytes;
    private int _endedBefore;
    private bool _isHolding;
    private ResultHeader? _header;

    public bool HasSent { get; private set; }

    /// <summary>Whether small frames may wait for the end of the request: nothing else runs before it.</summary>
    public bool Gathers { get; set; }

    /// <summary>Statements whose results have ended, for the index in an error.</summary>
    public int Ended { get; private set; }

    public void BeginUnit()
    {
        HasSent = false;
        _endedBefore = Ended;
    }

    public void Begin(IReadOnlyList<ResultColumn> columns) => _header = columns.Count == 0 ? null : HeaderOf(columns);

    public async ValueTask RowsAsync(ReadOnlyMemory<byte> rows, int count)
    {
        await SendHeaderAsync();
        while (rows.Length > GatewayLimits.RowBatchBytes && count > 1)
        {
            (int bytes, int taken) = FirstRows(rows.Span, count);
            await SendRowsAsync(rows[..bytes], taken);
            rows = rows[bytes..];
            count -= taken;
        }

        if (count > 0)
        {
            await SendRowsAsync(rows, count);
        }
    }

    public async ValueTask EndAsync(long rowsAffected, string tag, string? notice)
    {
        await SendHeaderAsync();
        var end = new ResultEnd { RowsAffected = rowsAffected, Tag = tag };
        if (notice is not null)
        {
            end.Notices.Add(new Notice { SqlState = SqlStates.Success, Message = notice });
        }

        await EndAsync(end);
    }

    /// <summary>Ends the result of a statement that did nothing, and says why.</summary>
    public ValueTask WarnAsync(string tag, string sqlState, string message) => EndAsync(new ResultEnd
    {
        RowsAffected = -1,
        Tag = tag,
        Notices = { new Notice { SqlState = sqlState, Message = message } },
    });

    private ValueTask EndAsync(ResultEnd end)
    {
        Ended++;
        return SendAsync(new ServerFrame { ResultEnd = end }, 0);
    }

    public void Hold() => _isHolding = true;

    public async ValueTask ReleaseAsync()
    {
        _isHolding = false;
        foreach (ServerFrame frame in _held)
        {
            await SendAsync(frame, frame.RowBatch?.Rows.Length ?? 0);
        }

        _held.Clear();
        _heldBytes = 0;
    }

    public void Discard()
    {
        _isHolding = false;
        _header = null;
        _held.Clear();
        _heldBytes = 0;
        Ended = _endedBefore;
    }

    /// <summary>As many rows as fit a frame; at least one.</summary>
    private static (int Bytes, int Rows) FirstRows(ReadOnlySpan<byte> rows, int count)
    {
        var reader = new ByteReader(rows);
        int bytes = 0;
        for (int i = 0; i < count; i++)
        {
            RowCodec.Read(ref reader, []);
            Invariant.Check(!reader.Failed, "A batch holds as many rows as it says.");
            int end = rows.Length - reader.Remaining;
            if (end > GatewayLimits.RowBatchBytes && i > 0)
            {
                return (bytes, i);
            }

            bytes = end;
        }

        return (bytes, count);
    }

    private async ValueTask SendRowsAsync(ReadOnlyMemory<byte> rows, int count)
    {
        if (rows.Length > GrpcLimits.MaxMessageBytes - FrameOverheadBytes)
        {
            int limit = GrpcLimits.MaxMessageBytes - FrameOverheadBytes;
            throw new SqlException(SqlStates.ProgramLimitExceeded, string.Create(
                CultureInfo.InvariantCulture, $"a row exceeds the limit of {limit} bytes: {rows.Length} bytes"));
        }

        bool holds = _isHolding && _heldBytes + rows.Length <= GatewayLimits.MaxHeldRowBytes;
        if (_isHolding && !holds)
        {
            await ReleaseAsync();
        }

        ByteString bytes = holds ? ByteString.CopyFrom(rows.Span) : UnsafeByteOperations.UnsafeWrap(rows);
        await SendAsync(
            new ServerFrame { RowBatch = new RowBatch { Rows = bytes, Count = (uint)count } }, rows.Length);
    }

    private static ResultHeader HeaderOf(IReadOnlyList<ResultColumn> columns)
    {
        var header = new ResultHeader();
        foreach (ResultColumn column in columns)
        {
            header.Columns.Add(ToMessage(column));
        }

        return header;
    }

    /// <summary>A column as it travels.</summary>
    public static Column ToMessage(ResultColumn column) => new()
    {
        Name = column.Name,
        Type = column.Type.ToMessage(),
        Nullable = column.Nullable,
        Table = column.Table,
        BaseColumn = column.BaseColumn,
        IsKey = column.IsKey,
        IsAutoIncrement = column.IsAutoIncrement,
    };

    private ValueTask SendHeaderAsync()
    {
        if (_header is not { } header)
        {
            return ValueTask.CompletedTask;
        }

        _header = null;
        return SendAsync(new ServerFrame { ResultHeader = header }, 0);
    }

    private async ValueTask SendAsync(ServerFrame frame, int rowBytes)
    {
        if (_isHolding)
        {
            _held.Add(frame);
            _heldBytes += rowBytes;
            return;
        }

        if (rowBytes > 0 && !request.Window.TryTake(rowBytes))
        {
            // The client grants more only for what it has seen.
            writer.Flush();
            await scope.WaitForCreditAsync(request.Window, rowBytes);
        }

        frame.RequestId = request.Id;
        HasSent = true;

        // What ends a request must not turn the end of a result into a rollback: a commit may be behind it.
        CancellationToken ended = rowBytes > 0 ? scope.Token : scope.SessionEnds;
        await (Gathers ? writer.GatherAsync(frame, ended) : writer.SendAsync(frame, ended));
    }
}
