namespace ShardSql.Planning.ForeignKeys;

/// <summary>The bounds of what foreign keys add to a statement.</summary>
public static class ForeignKeyLimits
{
    /// <summary>Keys of one look-up; more are looked up in several, one after the other.</summary>
    public const int LookUpKeysMax = 1_000;

    /// <summary>How often CASCADE, SET NULL and SET DEFAULT may lead on to further rows; 54001 beyond.</summary>
    public const int ActionDepthMax = 1_000;

    /// <summary>Rows that they write in one statement; 54000 beyond.</summary>
    public const int ActionRowsMax = 100_000;

    /// <summary>Columns of a foreign key.</summary>
    public const int ColumnsMax = 32;
}
