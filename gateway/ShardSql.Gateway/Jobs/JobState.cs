namespace ShardSql.Gateway.Jobs;

/// <summary>Whether a job goes on, and how it ended.</summary>
internal enum JobState : byte
{
    Running = 1,
    Succeeded = 2,
    Failed = 3,
    Cancelled = 4,
}
