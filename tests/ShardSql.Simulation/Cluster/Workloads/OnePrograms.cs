using System;
using System.Collections.Generic;
using System.Linq;

using ShardSql.Primitives;
using ShardSql.Simulation.Cluster.Gateways;
using ShardSql.Simulation.Cluster.Sql;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Cluster.Workloads;

/// <summary>Another program, with word of its commit.</summary>
internal sealed class OnceProgram(SimulatedProgram program, Action committed) : SimulatedProgram(program.Workload)
{
    public override IEnumerable<IReadOnlyList<ReadPart>> Steps(TransactionContext context) => program.Steps(context);

    public override void Ended(ProgramEnd end, TransactionContext context)
    {
        program.Ended(end, context);
        if (end.IsOk)
        {
            committed();
        }
    }
}

/// <summary>Puts the first rows and the tables there, over all shards at once.</summary>
internal sealed class FillProgram(IEnumerable<KeyValuePair<RowId, string>> rows, SqlDatabase tables)
    : SimulatedProgram("fill")
{
    public override IEnumerable<IReadOnlyList<ReadPart>> Steps(TransactionContext context)
    {
        foreach ((RowId row, string text) in rows)
        {
            context.Put(row, text);
        }

        foreach ((ShardId shard, Guard guard) in tables.Guards)
        {
            context.ShareAt(shard).NewGuards.Add(guard);
        }

        if (tables.HasSystem)
        {
            context.ShareAt(ShardId.System).Writes.AddRange(tables.SystemRows);
        }

        yield break;
    }
}

/// <summary>Writes a row on every shard.</summary>
internal sealed class ProbeProgram(int shards) : SimulatedProgram("probe")
{
    private const uint Table = 15;

    public override IEnumerable<IReadOnlyList<ReadPart>> Steps(TransactionContext context)
    {
        List<RowId> rows = [.. Enumerable.Range(0, shards).Select(shard => new RowId(Table, shard, 0))];
        yield return context.Get(rows);
        rows.ForEach(row => context.Put(row, "there"));
    }
}

/// <summary>Reads every table.</summary>
internal sealed class FinalRead(uint tables) : SimulatedProgram("final read")
{
    public Dictionary<RowId, string> Rows { get; } = [];

    public override IEnumerable<IReadOnlyList<ReadPart>> Steps(TransactionContext context)
    {
        Rows.Clear();
        for (uint table = 1; table < tables; table++)
        {
            yield return context.ScanAll(table);
            foreach ((RowId row, string text) in context.Scanned)
            {
                Rows.Add(row, text);
            }
        }
    }
}
