using System;
using System.Threading;

using ShardSql.Gateway.Catalogs;
using ShardSql.Gateway.Jobs;
using ShardSql.Gateway.Stamps;
using ShardSql.Storage.Client;

namespace ShardSql.Gateway.Moves;

/// <summary>What moving segments takes of a gateway.</summary>
/// <param name="Client">The way to the shards.</param>
/// <param name="Stamps">The gateway's clock.</param>
/// <param name="Time">Clock of pauses.</param>
/// <param name="Store">The rows of the system shard.</param>
/// <param name="Catalog">Catalog and map.</param>
/// <param name="JobRows">The jobs' rows.</param>
internal sealed record MoveServices(
    IShardClient Client, StampSource Stamps, TimeProvider Time, SystemStore Store, CatalogCache Catalog, JobStore JobRows)
{
    private ulong _tickets;
    private int _hasMoved;

    /// <summary>The number of a step. All attempts that a gateway makes under one lease of a job draw from one row of numbers,
    /// so that the steps of a later attempt are later steps.</summary>
    public ulong NextTicket() => Interlocked.Increment(ref _tickets);

    /// <summary>A move has begun: whatever becomes of it, it leaves something.</summary>
    public void NoteMove() => Interlocked.Exchange(ref _hasMoved, 1);

    /// <summary>Whether one has begun since this was asked last.</summary>
    public bool TakeMoved() => Interlocked.Exchange(ref _hasMoved, 0) == 1;
}
