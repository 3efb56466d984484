using System;
using System.Collections.Generic;
using Google.Protobuf;
using ShardSql.Execution.Plans;
using ShardSql.Planning.Access;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Planning.Plans;
using ShardSql.Sql.Values;

namespace ShardSql.Planning;

/// <summary>Makes the shard tasks of a statement on one table.</summary>
internal sealed class FragmentBuilder
{
    private readonly TableDescriptor _table;
    private readonly Binding _binding;

    public FragmentBuilder(TableDescriptor table, Binding binding)
    {
        _table = table;
        _binding = binding;
    }

    /// <summary>A task for each shard. Of the copies of a reference table only the first counts rows.</summary>
    public IReadOnlyList<ShardTask> Build(
        IReadOnlyCollection<ShardAccess> shards, Func<ShardAccess, FragmentStatement> statementOf)
    {
        byte[] parameters = _binding.UsesParameters ? RowCodec.ToBytes(_binding.ParameterValues) : [];
        var tasks = new List<ShardTask>(shards.Count);
        foreach (ShardAccess shard in shards)
        {
            var fragment = new Fragment { Statements = { statementOf(shard) } };
            tasks.Add(new ShardTask
            {
                Shard = shard.Shard,
                Fragment = fragment.ToByteArray(),
                Parameters = parameters,
                Tables = [new TableGuard(_table.Id, _table.Version)],
                Segments = Guards(shard),
                CountsRows = _table.Placement != PlacementKind.Reference || tasks.Count == 0,
            });
        }

        return tasks;
    }

    private static List<SegmentGuard> Guards(ShardAccess shard)
    {
        var guards = new List<SegmentGuard>(shard.Segments.Count);
        foreach (Segment segment in shard.Segments)
        {
            guards.Add(new SegmentGuard(segment.Id, segment.Epoch));
        }

        return guards;
    }
}
