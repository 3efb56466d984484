namespace ShardSql.Shell;

/// <summary>A source of lines that is being read: a file, standard input, or the one who types.</summary>
internal sealed class Script(string? name, int depth)
{
    /// <summary>Files inside one another by \i.</summary>
    public const int MaxDepth = 16;

    /// <summary>Shown before errors; null: nobody needs to be told where.</summary>
    public string? Name { get; } = name;

    /// <summary>0 for the outermost.</summary>
    public int Depth { get; } = depth;

    /// <summary>1-based number of the line that was read last.</summary>
    public int Line { get; set; }

    /// <summary>What was begun and not ended.</summary>
    public StatementSplitter Splitter { get; } = new();
}
