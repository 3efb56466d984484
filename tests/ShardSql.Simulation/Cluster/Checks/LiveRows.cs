using System;
using System.Buffers.Binary;
using System.Linq;

using ShardSql.Execution;
using ShardSql.Planning.Catalogs;

namespace ShardSql.Simulation.Cluster.Checks;

/// <summary>Rows that somebody can see. Those of a table or an index that was dropped are deleted by the gateway that
/// dropped it, and stay where that dies: they cost space, nothing else.</summary>
internal static class LiveRows
{
    public static bool IsLive(SystemState? state, byte[] key)
    {
        if (state is null)
        {
            return true;
        }

        ushort index = BinaryPrimitives.ReadUInt16BigEndian(key.AsSpan(sizeof(uint)));
        return state.Catalog.Find(BinaryPrimitives.ReadUInt32BigEndian(key)) is { } table
            && (index == RowKeyLayout.PrimaryIndex || table.Indexes.Any(known => known.Number == index));
    }
}
