using System;
using System.Globalization;

using ShardSql.Primitives;

namespace ShardSql.Storage.Files;

/// <summary>Whose data it is; log, snapshots and base store begin with it (architecture.md §2).</summary>
public readonly record struct DataIdentity(Guid Cluster, NodeId Node)
{
    /// <summary>Refuses data of another cluster or node, or of a format newer than this program's.</summary>
    /// <exception cref="DataRefusedException">It names what was found and what was expected.</exception>
    public void Require(string path, DataIdentity found, uint formatFound, uint formatKnown)
    {
        if (formatFound > formatKnown)
        {
            throw new DataRefusedException(string.Create(
                CultureInfo.InvariantCulture,
                $"{path}: format version {formatFound}, this program knows up to {formatKnown}"));
        }

        if (found.Cluster != Cluster)
        {
            throw new DataRefusedException($"{path}: data of cluster {found.Cluster}, expected {Cluster}");
        }

        if (found.Node != Node)
        {
            throw new DataRefusedException($"{path}: data of node {found.Node}, expected {Node}");
        }
    }
}
