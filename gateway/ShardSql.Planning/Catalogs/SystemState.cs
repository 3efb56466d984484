using System.Collections.Generic;
using ShardSql.Planning.Maps;
using ShardSql.Primitives;

namespace ShardSql.Planning.Catalogs;

/// <summary>Catalog and shard map as of one state of the system shard: what a gateway plans with. Immutable.</summary>
public sealed record SystemState(Catalog Catalog, ShardMap Map)
{
    /// <summary>The state of a new cluster.</summary>
    public static SystemState Initial(IEnumerable<ShardId> dataShards) =>
        new(Catalog.Empty, new ShardMap(CatalogHeader.Initial.MapVersion, dataShards, []));

    /// <summary>From the rows of <see cref="SystemKeys.All"/> at one snapshot; rows of other kinds are passed over.
    /// </summary>
    public static SystemState Load(
        IEnumerable<KeyValuePair<byte[], byte[]>> rows, IEnumerable<ShardId> dataShards)
    {
        CatalogHeader header = CatalogHeader.Initial;
        var tables = new List<TableDescriptor>();
        var segments = new List<Segment>();
        var sequences = new List<SequenceDescriptor>();
        foreach ((byte[] key, byte[] value) in rows)
        {
            switch (SystemKeys.KindOf(key))
            {
                case SystemKeys.HeaderTableId:
                    header = CatalogHeader.Decode(value);
                    break;
                case SystemKeys.TablesTableId:
                    tables.Add(TableDescriptorCodec.Decode(value));
                    break;
                case SystemKeys.SegmentsTableId:
                    segments.Add(Segment.Decode(value));
                    break;
                case SystemKeys.SequencesTableId:
                    sequences.Add(SequenceCodec.Decode(value));
                    break;
            }
        }

        return new SystemState(
            new Catalog(header, tables, sequences), new ShardMap(header.MapVersion, dataShards, segments));
    }
}
