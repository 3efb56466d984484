namespace ShardSql.Storage.Client;

/// <summary>Where the times of a request go whose answer has no place for them.</summary>
public sealed class TimesTaken
{
    /// <summary>What the leader measured; null: it has not answered, or measures nothing.</summary>
    public RequestTimes? Times { get; set; }
}
