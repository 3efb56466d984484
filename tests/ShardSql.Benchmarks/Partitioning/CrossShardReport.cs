using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using ShardSql.Planning.Partitioning;
using ShardSql.Primitives;

namespace ShardSql.Benchmarks.Partitioning;

/// <summary>
/// What the cut stands for: the share of SmallBank's transactions that touch several shards, with customers hashed, as
/// gpmetis partitions their rows, and as we do.
/// </summary>
internal static class CrossShardReport
{
    private const ulong Seed = 20_261_121;
    private const int RowsOfACustomer = 2;

    public static string Make(MetisProgram metis, IEnumerable<int> partCounts, int balancePerMille)
    {
        TransactionTrace trace = TransactionGraphs.SmallBank(new Prng(Seed));
        metis.Write(trace.Graph);
        var text = new StringBuilder(
            "Cross-shard transactions of SmallBank with communities of 50, 5 % noise, its trace partitioned.\n\n"
            + "| parts | hashed by customer | gpmetis | ours | ours / hashed | ours / gpmetis |\n"
            + "|---|---|---|---|---|---|\n");
        foreach (int parts in partCounts)
        {
            int[] hashed =
                [.. trace.RowOf.Select(row => (int)(Hash64.Combine(Seed, CustomerOf(row)) % (ulong)parts))];
            PartitionResult partition = Partitioner.Partition(
                trace.Graph, new PartitionOptions { Parts = parts, BalancePerMille = balancePerMille });
            double before = trace.Transactions.CrossPerMillion(hashed) / 1e6;
            double theirs = trace.Transactions.CrossPerMillion(metis.Run(parts, balancePerMille, 1).Assignment) / 1e6;
            double ours = trace.Transactions.CrossPerMillion(partition.Assignment) / 1e6;
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {parts} | {before:0.0000} | {theirs:0.0000} | {ours:0.0000} "
                + $"| {ours / before:0.000} | {ours / theirs:0.00} |\n");
        }

        return text.ToString();
    }

    private static ulong CustomerOf(int row) => (ulong)(row / RowsOfACustomer);
}
