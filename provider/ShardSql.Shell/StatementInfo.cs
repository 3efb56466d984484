using System;
using System.Globalization;
using System.Text;
using ShardSql.Sql;
using ShardSql.Sql.Expressions;
using ShardSql.Sql.Parsing;
using ShardSql.Sql.Tree;
using ShardSql.Sql.Values;

namespace ShardSql.Shell;

/// <summary>What the shell has to know of a statement before it runs: its kind, as the grammar sees it.</summary>
/// <param name="Tree">The statement; null where the text is none, or several.</param>
internal readonly record struct StatementInfo(Statement? Tree)
{
    /// <summary>Its kind.</summary>
    public Statement.KindOneofCase Kind => Tree?.KindCase ?? Statement.KindOneofCase.None;

    /// <summary>Reads a text of one statement; one that the grammar refuses has no kind, and running it tells why.</summary>
    public static StatementInfo Of(string text)
    {
        try
        {
            ParsedBatch batch = SqlParser.Parse(text);
            return new StatementInfo(batch.Statements.Count == 1 ? batch.Statements[0] : null);
        }
        catch (SqlException)
        {
            return default;
        }
    }

    /// <summary>Whether it writes rows, and may give them back too.</summary>
    public bool Writes =>
        Kind is Statement.KindOneofCase.Insert or Statement.KindOneofCase.Update or Statement.KindOneofCase.Delete;

    /// <summary>The job that it waits for; null: none.</summary>
    public long? WaitsFor => Tree?.Job is { Kind: JobActionKind.Wait, Job.Nodes: [{ Op: ExpressionOp.Literal }] } wait
        && ExpressionBinder.Bind(wait.Job, RowScope.Empty, new ParameterSet()).Evaluate([], []) is { IsNull: false } id
        ? SqlCast.To(id, SqlType.Int64, isExplicit: true).AsInt64()
        : null;

    /// <summary>What is said after a statement without rows: its verb, and how many rows it wrote.</summary>
    public string Tag(int recordsAffected)
    {
        var tag = new StringBuilder();
        string kind = Tree?.Plan is { Drop: true } ? "DropPlan" : Kind.ToString();
        for (int i = 0; i < kind.Length; i++)
        {
            _ = i > 0 && char.IsUpper(kind[i]) ? tag.Append(' ') : tag;
            tag.Append(char.ToUpperInvariant(kind[i]));
        }

        return Writes
            ? tag.Append(CultureInfo.InvariantCulture, $" {recordsAffected}").ToString()
            : tag.ToString();
    }

    /// <summary>The transaction after it, where it ran well.</summary>
    public TransactionState Follow(TransactionState before) => Kind switch
    {
        Statement.KindOneofCase.Begin => TransactionState.Open,
        Statement.KindOneofCase.Commit => TransactionState.None,

        // ROLLBACK TO leaves the transaction open, and mends a failed one.
        Statement.KindOneofCase.Rollback => Tree!.Rollback.Savepoint.Length > 0 ? TransactionState.Open : TransactionState.None,
        _ => before,
    };

    /// <summary>Whether names of tables and columns may be others after it.</summary>
    public bool ChangesNames =>
        Kind.ToString() is var name
        && (name.StartsWith("Create", StringComparison.Ordinal)
            || name.StartsWith("Drop", StringComparison.Ordinal)
            || name.StartsWith("Alter", StringComparison.Ordinal));
}
