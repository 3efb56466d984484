namespace ShardSql.Shell.Editing;

/// <summary>Knows how a line may go on.</summary>
internal interface ICompleter
{
    /// <summary>What may stand in place of the word before a place of the line.</summary>
    Completion Complete(string line, int cursor);
}
