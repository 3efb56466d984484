using System.Linq;
using Antlr4.Runtime;
using ShardSql.Sql.Generated;
using ShardSql.Sql.Tree;

namespace ShardSql.Sql.Parsing;

/// <content>Spillover: switched by ALTER TABLE, and merged.</content>
internal sealed partial class StatementBuilder
{
    private AlterAction SpilloverAction(
        AlterKind kind,
        ShardSqlParser.ColumnListContext? columns = null,
        ShardSqlParser.KeyRowsContext? keys = null,
        ShardSqlParser.OptionsContext? options = null)
    {
        var spillover = new Spillover();
        spillover.Columns.AddRange(Columns(columns));
        spillover.Keys.AddRange((keys?.row() ?? []).Select(Build));
        spillover.Options.AddRange(Build(options));
        return new AlterAction { Kind = kind, Spillover = spillover };
    }

    private AlterAction AlterSpillover(ShardSqlParser.AlterSpilloverActionContext context)
    {
        bool isEmpty = context.columnList() is null && context.keyRows() is null && context.options() is null;
        return isEmpty
            ? throw new SqlException(
                SqlStates.SyntaxError, "ALTER SPILLOVER does not say what to change", context.Start.StartIndex + 1)
            {
                Hint = "Add ON (columns), FOR KEYS (rows) or WITH (options).",
            }
            : SpilloverAction(AlterKind.AlterSpillover, context.columnList(), context.keyRows(), context.options());
    }

    /// <summary>Spillover is switched for the table as it is, not for one that is changed by the same statement.</summary>
    private static void CheckSpilloverAlone(ShardSqlParser.AlterActionContext[] actions)
    {
        ParserRuleContext? spillover = actions.FirstOrDefault(action => action
            is ShardSqlParser.EnableSpilloverActionContext
            or ShardSqlParser.AlterSpilloverActionContext
            or ShardSqlParser.DisableSpilloverActionContext);
        if (spillover is not null && actions.Length > 1)
        {
            throw SyntaxErrors.NotSupported(
                $"{spillover.Start.Text.ToUpperInvariant()} SPILLOVER beside other changes",
                spillover.Start.StartIndex,
                "Write it as a statement of its own.");
        }
    }

    private MergeSpillover Build(ShardSqlParser.MergeSpilloverStatementContext context) => new()
    {
        Table = Names.Table(context.tableName()),
        Key = context.row() is { } key ? Build(key) : null,
    };
}
