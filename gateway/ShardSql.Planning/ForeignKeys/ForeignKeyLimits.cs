namespace ShardSql.Planning.ForeignKeys;

/// <summary>The bounds of what foreign keys add to a statement.</summary>
public static class ForeignKeyLimits
{
    /// <summary>Keys of one look-up; more are looked up in several.</summary>
    public const int LookUpKeysMax = 1_000;

    /// <summary>Requests to shards from which on no more look-ups are begun until they are answered.</summary>
    public const int LookUpTasksMax = 64;

    /// <summary>How often CASCADE, SET NULL and SET DEFAULT may lead on to further rows; 54001 beyond.</summary>
    public const int ActionDepthMax = 1_000;

    /// <summary>Rows that they write in one statement; 54000 beyond.</summary>
    public const int ActionRowsMax = 100_000;

    /// <summary>Columns of a foreign key.</summary>
    public const int ColumnsMax = 32;
}
