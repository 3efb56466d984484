using System.Collections.Generic;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;
using ShardSql.Simulation.Cluster.Sql;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Cluster.Checks;

/// <summary>Whether a transaction would have read the same at its place in the serial order: by the versions that its
/// shares name, and by what its client was shown.</summary>
internal static class ReplayCheck
{
    public static string? FirstWrong(CommittedTransaction transaction, SerialRows rows)
    {
        foreach (KeyRead read in transaction.Shares
            .Where(share => share.Key != ShardId.System).SelectMany(share => share.Value.Reads))
        {
            ReplayedRow row = rows.Find(read.Key);
            bool isAbsent = read.Cstamp == HlcTimestamp.Zero && row.Stored is null;
            if (!isAbsent && row.Cstamp != read.Cstamp)
            {
                return $"read version {read.Cstamp} of {SerialRows.NameOf(read.Key)}, serially {row.Cstamp}";
            }
        }

        return transaction.Context is not { } seen ? null
            : FirstWrongSight(seen, rows)
                ?? seen.Fragments.Select(fragment => FragmentReplay.FirstWrong(fragment, rows.OfSql(fragment.Shard)))
                    .FirstOrDefault(wrong => wrong is not null);
    }

    private static string? FirstWrongSight(TransactionContext seen, SerialRows rows)
    {
        foreach ((RowId id, string? text) in seen.Reads)
        {
            string? serial = SimulatedRows.FromStored(rows.Find(SimulatedRows.KeyOf(id)).Stored);
            if (serial != text)
            {
                return $"saw {id}='{text ?? "none"}', serially '{serial ?? "none"}'";
            }
        }

        foreach (RangeSeen range in seen.Ranges)
        {
            List<KeyValuePair<RowId, string>> expected = [.. rows.In(range.Range, range.Shard)];
            if (!expected.SequenceEqual(range.Rows))
            {
                return $"scanned {range.Range} and saw {{{string.Join(' ', range.Rows)}}}, "
                    + $"serially {{{string.Join(' ', expected)}}}";
            }
        }

        return null;
    }
}
