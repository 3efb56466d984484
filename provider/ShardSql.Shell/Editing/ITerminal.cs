using System;

namespace ShardSql.Shell.Editing;

/// <summary>Keys in, characters out: what the line editor needs of a terminal.</summary>
internal interface ITerminal
{
    /// <summary>Columns of a line.</summary>
    int Width { get; }

    /// <summary>Waits for a key, which is not shown.</summary>
    ConsoleKeyInfo ReadKey();

    /// <summary>Writes text and control sequences.</summary>
    void Write(string text);
}
