namespace ShardSql.Shell.Printing;

/// <summary>How rows are written.</summary>
internal enum OutputFormat
{
    /// <summary>Columns aligned under headings.</summary>
    Table,

    /// <summary>Comma-separated values, RFC 4180.</summary>
    Csv,

    /// <summary>An array of objects for each result.</summary>
    Json,
}
