namespace ShardSql.Shell.Editing;

/// <summary>How the editing of a line ended.</summary>
internal enum LineEnd
{
    /// <summary>With Enter.</summary>
    Entered,

    /// <summary>With Ctrl-C.</summary>
    Abandoned,

    /// <summary>With Ctrl-D on an empty line.</summary>
    EndOfInput,
}

/// <summary>A line as it was typed.</summary>
internal readonly record struct EditedLine(LineEnd End, string Text);
