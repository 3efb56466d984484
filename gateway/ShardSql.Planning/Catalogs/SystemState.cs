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

    /// <summary>From the rows of <see cref="SystemKeys.All"/> and the topology at one snapshot; rows of other kinds are
    /// passed over.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="dataShards">The data shards where no row says which there are.</param>
    public static SystemState Load(
        IEnumerable<KeyValuePair<byte[], byte[]>> rows, IEnumerable<ShardId> dataShards)
    {
        CatalogHeader header = CatalogHeader.Initial;
        Topology? topology = null;
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
                case SystemKeys.TopologyTableId:
                    topology = Topology.Decode(value);
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
            new Catalog(header, tables, sequences),
            new ShardMap(header.MapVersion, topology ?? Topology.Of(dataShards), segments));
    }
}
