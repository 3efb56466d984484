namespace ShardSql.Shell;

/// <summary>A statement of a script and the 1-based line of the script on which it begins.</summary>
internal readonly record struct ScriptStatement(string Text, int Line);
