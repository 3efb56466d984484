using System.Collections.Generic;

using ShardSql.Primitives;

namespace ShardSql.Gateway.Commit;

/// <summary>How many of a transaction's writes could be taken back at each shard when a savepoint was set.</summary>
internal sealed record TransactionMark(IReadOnlyDictionary<ShardId, int> UndoCounts);
