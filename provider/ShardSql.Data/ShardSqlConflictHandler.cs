using System.Threading;
using System.Threading.Tasks;

namespace ShardSql.Data;

/// <summary>Decides what happens to a transaction that a conflict has rolled back.</summary>
/// <param name="conflict">What happened.</param>
/// <param name="cancellationToken">Of the whole call.</param>
public delegate ValueTask<ShardSqlConflictDecision> ShardSqlConflictHandler(
    ShardSqlConflict conflict, CancellationToken cancellationToken);
