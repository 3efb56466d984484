namespace ShardSql.Shell.Progress;

/// <summary>How far a job is, as its row says it.</summary>
internal readonly record struct JobLook(
    string State, string Phase, int Percent, long Rows, int StepsDone, int Steps, long? SecondsLeft, string WaitingFor)
{
    /// <summary>Whether there is nothing more to come.</summary>
    public bool HasEnded => State is "succeeded" or "failed" or "cancelled";
}
