namespace ShardSql.Shell.Printing;

/// <summary>How results are written now.</summary>
internal sealed class PrintSettings
{
    public OutputFormat Format { get; set; }

    /// <summary>A line for each column, in the format table.</summary>
    public bool Expanded { get; set; }

    /// <summary>Shown in place of NULL, in the format table.</summary>
    public required string NullText { get; set; }
}
