using System.IO;
using System.Threading.Tasks;
using ShardSql.Shell.Editing;

namespace ShardSql.Shell;

/// <summary>The loop of one who types: prompt, line, answer.</summary>
internal sealed class InteractiveShell(ShellSession session, LineEditor editor, History history, TextWriter output)
{
    /// <summary>Runs until \q or Ctrl-D.</summary>
    public async Task<int> RunAsync()
    {
        var script = new Script(name: null, depth: 0);
        while (true)
        {
            EditedLine line = editor.Read(Prompt(script.Splitter));
            switch (line.End)
            {
                case LineEnd.EndOfInput:
                    return ExitCodes.Ok;
                case LineEnd.Abandoned:
                    script.Splitter.Clear();
                    break;
                default:
                    history.Add(line.Text);
                    StepResult step = await session.RunLineAsync(line.Text, script);
                    await output.FlushAsync();
                    if (step == StepResult.Quit)
                    {
                        return ExitCodes.Ok;
                    }

                    break;
            }
        }
    }

    /// <summary>As psql's: the database, where the statement stands, what the transaction is.</summary>
    internal string Prompt(StatementSplitter splitter)
    {
        string state = session.Transaction switch
        {
            TransactionState.Open => "*",
            TransactionState.Failed => "!",
            _ => string.Empty,
        };
        string place = splitter.State switch
        {
            SplitterState.String or SplitterState.EscapeString => "'",
            SplitterState.Name => "\"",
            SplitterState.BracketName => "[",
            SplitterState.BlockComment => "/",
            _ => splitter.IsPending ? "-" : "=",
        };
        return $"{session.Database}{place}{state}> ";
    }
}
