namespace ShardSql.Gateway.Plans;

/// <summary>How far a step is.</summary>
internal enum StepState : byte
{
    Planned = 1,
    Running = 2,
    Done = 3,
    Failed = 4,
    Cancelled = 5,
}
