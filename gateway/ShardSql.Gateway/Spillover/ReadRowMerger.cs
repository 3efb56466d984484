using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

using ShardSql.Planning.Spillover;
using ShardSql.Sql.Values;

namespace ShardSql.Gateway.Spillover;

/// <summary>
/// Merges the deltas of rows that this gateway's statements read much, where there are many (sharding.md §4). Each gateway does
/// for its own readers, whoever has the lease: a merge is right at any time. A look merges a row at most once.
/// </summary>
internal sealed class ReadRowMerger(GatewayServices services, SpilloverService spillover)
{
    /// <summary>Looks.</summary>
    public async Task LookAsync(CancellationToken ended)
    {
        foreach ((uint table, SqlValue[] key) in services.HotRows.TakeRead())
        {
            (SpilledRows? spilled, List<SpilledRow> rows) = await spillover.ReadAsync(table, key, ReadRows.DeltasNeeded, ended);

            // Where none is a header the row takes no more, because they do not fit into it: that is tried now and then.
            if (spilled is not null && rows.Any(static row => row.IsHeader)
                && rows.Count(static row => !row.IsHeader) >= ReadRows.DeltasNeeded)
            {
                _ = await spillover.MergeOrCloseAsync(spilled, key, firstEnded: null, ended);
            }
        }
    }
}
