using System.Collections.Generic;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Cluster.Checks;

/// <summary>Whether a transaction would have read the same at its place in the serial order: by the versions that its
/// shares name, and by what its client was shown.</summary>
internal static class ReplayCheck
{
    public static string? FirstWrong(
        CommittedTransaction transaction, SortedDictionary<byte[], ReplayedRow> rows, int shards)
    {
        foreach (KeyRead read in transaction.Shares.Values.SelectMany(share => share.Reads))
        {
            ReplayedRow row = rows.GetValueOrDefault(read.Key);
            bool isAbsent = read.Cstamp == HlcTimestamp.Zero && row.Text is null;
            if (!isAbsent && row.Cstamp != read.Cstamp)
            {
                return $"read version {read.Cstamp} of {SimulatedRows.IdOf(read.Key)}, serially {row.Cstamp}";
            }
        }

        return transaction.Context is { } seen ? FirstWrongSight(seen, rows, shards) : null;
    }

    private static string? FirstWrongSight(
        TransactionContext seen, SortedDictionary<byte[], ReplayedRow> rows, int shards)
    {
        foreach ((RowId id, string? text) in seen.Reads)
        {
            ReplayedRow row = rows.GetValueOrDefault(SimulatedRows.KeyOf(id));
            if (row.Text != text)
            {
                return $"saw {id}='{text ?? "none"}', serially '{row.Text ?? "none"}'";
            }
        }

        foreach (RangeSeen range in seen.Ranges)
        {
            List<KeyValuePair<RowId, string>> expected = [.. rows
                .Where(row => row.Value.Text is not null && range.Range.Contains(row.Key))
                .Select(row => new KeyValuePair<RowId, string>(SimulatedRows.IdOf(row.Key), row.Value.Text!))
                .Where(row => SimulatedRows.ShardOf(row.Key.Group, shards) == range.Shard)];
            if (!expected.SequenceEqual(range.Rows))
            {
                return $"scanned {range.Range} and saw {{{string.Join(' ', range.Rows)}}}, "
                    + $"serially {{{string.Join(' ', expected)}}}";
            }
        }

        return null;
    }
}
