namespace ShardSql.Shell;

/// <summary>Something to run that the command line named: a text, or a file of them.</summary>
internal readonly record struct ShellAction(bool IsFile, string Text);
