using System.Collections.Generic;

using ShardSql.Primitives;
using ShardSql.Transactions;

namespace ShardSql.Simulation.Cluster.Sql;

/// <summary>A fragment that a transaction ran at a shard, and all that came of it.</summary>
/// <param name="Shard">Where.</param>
/// <param name="Fragment">What was run.</param>
/// <param name="Parameters">Its parameters.</param>
/// <param name="Overlay">The transaction's own writes there before it.</param>
/// <param name="Rows">The rows that it gave.</param>
/// <param name="RowsAffected">How many rows it would change.</param>
internal sealed record FragmentSeen(
    ShardId Shard, byte[] Fragment, byte[] Parameters, IReadOnlyList<KeyWrite> Overlay, byte[] Rows, long RowsAffected);
