using System;

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
    IShardClient Client, StampSource Stamps, TimeProvider Time, SystemStore Store, CatalogCache Catalog, JobStore JobRows);
