using ShardSql.Gateway.Commit;
using ShardSql.Gateway.Jobs;

namespace ShardSql.Gateway.Moves;

/// <summary>Says what a job is when one of its moves is over, and writes what else there is to write of that, in the
/// transaction that ends the move.</summary>
/// <param name="transaction">The transaction; it may be begun again.</param>
/// <param name="job">The job as it is.</param>
/// <param name="isMoved">Whether the segment has its new owner; else the move has been given up.</param>
internal delegate JobRecord MoveEnd(OpenTransaction transaction, JobRecord job, bool isMoved);
