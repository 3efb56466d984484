namespace ShardSql.Gateway.Layouts;

/// <summary>What a step does to the layout. The numbers are part of the format of rows.</summary>
internal enum LayoutStepKind : byte
{
    /// <summary>Nothing new is placed on a node any more.</summary>
    Mark = 1,

    /// <summary>A node that leads a shard lets another lead it.</summary>
    HandOver = 2,

    /// <summary>A node gets a replica of a shard, and a vote.</summary>
    AddReplica = 3,

    /// <summary>A node loses its vote, then its replica.</summary>
    RemoveReplica = 4,

    /// <summary>Nodes hold a new shard.</summary>
    CreateShard = 5,

    /// <summary>A shard gets its copies of reference tables.</summary>
    FillShard = 6,

    /// <summary>A shard is read, and holds segments.</summary>
    OpenShard = 7,

    /// <summary>A shard is neither read nor written any more.</summary>
    CloseShard = 8,

    /// <summary>Its nodes drop a shard.</summary>
    DropShard = 9,
}
