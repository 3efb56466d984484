namespace ShardSql.Shell;

/// <summary>Where in the syntax a text ends.</summary>
internal enum SplitterState
{
    /// <summary>Where a semicolon ends the statement.</summary>
    Outside,

    /// <summary>In '…'.</summary>
    String,

    /// <summary>In E'…', where a backslash takes the meaning from a quote.</summary>
    EscapeString,

    /// <summary>In "…".</summary>
    Name,

    /// <summary>In […].</summary>
    BracketName,

    /// <summary>After --.</summary>
    LineComment,

    /// <summary>In /*…*/.</summary>
    BlockComment,
}
