namespace ShardSql.Gateway;

/// <summary>Numbers of the gateway's log messages; never reused.</summary>
internal static class EventIds
{
    public const int InternalError = 2001;
    public const int SessionEnded = 2002;
    public const int BackgroundFailed = 2003;
    public const int CatalogRefreshed = 2004;
    public const int CatalogUnreachable = 2005;
    public const int Started = 2006;
    public const int DropCleanupFailed = 2007;
    public const int WarmUpFailed = 2008;
    public const int AutomaticJobBegun = 2009;
    public const int JobFailed = 2010;
    public const int WatchFailed = 2011;
}
