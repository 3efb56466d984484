using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Planning;
using ShardSql.Primitives;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;
using ShardSql.Storage.Client;

namespace ShardSql.Gateway.Statements;

/// <content>SHOW TRANSACTIONS IN DOUBT: what shards hold prepared and undecided, asked of their leaders.</content>
internal sealed partial class ClusterViews
{
    /// <summary>Rows of <c>shard.transactions_in_doubt</c>, the oldest first; a shard that does not answer in time has a row
    /// of its own.</summary>
    public async Task<IReadOnlyList<SqlValue[]>> InDoubtAsync(CancellationToken cancellationToken)
    {
        ShardId[] shards = [.. Known().Select(known => known.Shard)];
        IReadOnlyList<PreparedTransaction>?[] answers = await Task.WhenAll(shards.Select(
            shard => InTimeAsync(ended => services.Client.InDoubtAsync(shard, ended), cancellationToken)));
        var prepared = new List<(ShardId Shard, PreparedTransaction Transaction)>();
        var rows = new List<SqlValue[]>();
        for (int i = 0; i < shards.Length; i++)
        {
            ShardId shard = shards[i];
            if (answers[i] is { } known)
            {
                prepared.AddRange(known.Select(transaction => (shard, transaction)));
            }
            else
            {
                rows.Add(SilentRow(shard));
            }
        }

        prepared.Sort(static (a, b) => a.Transaction.Attempt.Stamp != b.Transaction.Attempt.Stamp
            ? a.Transaction.Attempt.Stamp.CompareTo(b.Transaction.Attempt.Stamp)
            : a.Shard.CompareTo(b.Shard));
        rows.AddRange(prepared.Select(one => InDoubtRow(one.Shard, one.Transaction)));
        return rows;
    }

    private SqlValue[] InDoubtRow(ShardId shard, PreparedTransaction transaction)
    {
        QueryRequest attempt = transaction.Attempt;
        long ageMs = Math.Max(0, services.Stamps.NowMs - attempt.Stamp.PhysicalMs);
        string coordinator = string.Create(CultureInfo.InvariantCulture, $"gateway {attempt.Stamp.Source}");
        return
        [
            Text(attempt.Id.ToString()),
            Text(shard.ToString()),
            Text(transaction.Missing.Count > 0 ? "prepared" : "deciding"),
            Text(string.Join(", ", attempt.Participants)),
            transaction.Missing.Count > 0 ? Text(string.Join(", ", transaction.Missing)) : SqlValue.NullOf(SqlKind.Text),
            Text(coordinator),
            Text(attempt.Stamp.ToString()),
            SqlValue.FromTimestampTz(DateTimeOffset.FromUnixTimeMilliseconds(attempt.Stamp.PhysicalMs)),
            SqlValue.FromInt64(ageMs),
            Number(transaction.Reads),
            Number(transaction.Ranges),
            Number(transaction.Writes),
            SqlValue.FromBoolean(false),
        ];
    }

    private static SqlValue[] SilentRow(ShardId shard)
    {
        IReadOnlyList<VirtualColumn> columns = TransactionTables.TransactionsInDoubt.Columns;
        SqlValue[] row = [.. columns.Select(column => SqlValue.NullOf(column.Type.Kind))];
        row[TransactionTables.TransactionsInDoubt.OrdinalOf("shard")] = Text(shard.ToString());
        row[^1] = SqlValue.FromBoolean(true);
        return row;
    }
}
