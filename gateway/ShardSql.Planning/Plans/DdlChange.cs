using System.Collections.Generic;
using ShardSql.Planning.Catalogs;
using ShardSql.Planning.Maps;
using ShardSql.Primitives;

namespace ShardSql.Planning.Plans;

/// <summary>
/// A change of the schema as data: what to write in the system shard in one transaction that reads the catalog header
/// first, and which shards must learn the tables' versions and segments in that transaction.
/// </summary>
public sealed record DdlChange
{
    /// <summary>Tables that are there afterwards and were not, or not like this.</summary>
    public IReadOnlyList<TableDescriptor> Added { get; init; } = [];

    /// <summary>Those of <see cref="Added"/> that are as they were: others have come to refer to them, and nobody may write
    /// them any more as if they had not.</summary>
    public IReadOnlyCollection<uint> Referenced { get; init; } = [];

    /// <summary>Tables that are gone afterwards. Their ids are never used again, so what is left of their rows
    /// (RowKeyLayout.TableRange) is garbage that nobody can see.</summary>
    public IReadOnlyList<TableDescriptor> Dropped { get; init; } = [];

    /// <summary>Indexes that are gone whose entries lie beside the rows of tables that stay: garbage, too.</summary>
    public IReadOnlyList<(TableDescriptor Table, IndexDescriptor Index)> DroppedIndexes { get; init; } = [];

    /// <summary>Segments that are new.</summary>
    public IReadOnlyList<Segment> AddedSegments { get; init; } = [];

    /// <summary>Segments that are gone.</summary>
    public IReadOnlyList<Segment> RemovedSegments { get; init; } = [];

    /// <summary>Data shards that hold rows of the tables, in order.</summary>
    public required IReadOnlyList<ShardId> Shards { get; init; }

    /// <summary>What must find no row in the same transaction, or the change fails.</summary>
    public IReadOnlyList<DdlCheck> Checks { get; init; } = [];

    /// <summary>Catalog and map that the change was planned with.</summary>
    public required SystemState Before { get; init; }

    /// <summary>What the row of the header must still hold when the change is made.</summary>
    public CatalogHeader ExpectedHeader => Before.Catalog.Header;

    /// <summary>Rows of the system shard in key order; a null value deletes.</summary>
    public required IReadOnlyList<(byte[] Key, byte[]? Value)> SystemWrites { get; init; }

    /// <summary>Catalog and map once the change is committed.</summary>
    public required SystemState After { get; init; }
}
