using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Execution;
using ShardSql.Gateway.Commit;
using ShardSql.Planning.Plans;
using ShardSql.Primitives;
using ShardSql.Sql.Values;
using ShardSql.Storage.Client;

namespace ShardSql.Gateway.Statements;

/// <summary>Gathers the rows of some fragments before anything is done with them: entries of an index that lead to rows
/// elsewhere, or rows that are in the way of others.</summary>
internal sealed class RowGathering(
    PlanRunner owner,
    IReadOnlyList<ShardTask> tasks,
    OpenTransaction transaction,
    IRowSink sink,
    CancellationToken ended) : IDisposable
{
    private readonly RelationStreamReader _reader = new(owner, tasks, transaction, sink, ended);

    /// <summary>The rows, which the account pays for.</summary>
    public async Task<List<SqlValue[]>> RunAsync(MemoryAccount account)
    {
        var rows = new List<SqlValue[]>();
        while (!_reader.IsExhausted)
        {
            ended.ThrowIfCancellationRequested();
            if (await _reader.NextAsync() is not { } reply)
            {
                continue;
            }

            account.Reserve(2L * reply.Rows.Length);
            var reader = new ByteReader(reply.Rows);
            for (int i = 0; i < reply.RowCount; i++)
            {
                rows.Add(RowCodec.Read(ref reader));
            }
        }

        return rows;
    }

    /// <summary>Gives up what is not read.</summary>
    public void Dispose() => _reader.Abandon();
}
