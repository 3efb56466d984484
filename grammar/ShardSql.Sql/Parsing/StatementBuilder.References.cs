using System.Collections.Generic;
using ShardSql.Sql.Generated;
using ShardSql.Sql.Tree;

namespace ShardSql.Sql.Parsing;

/// <content>REFERENCES and FOREIGN KEY.</content>
internal sealed partial class StatementBuilder
{
    private static void AddForeignKey(
        CreateTable table,
        List<ColumnName> columns,
        ShardSqlParser.IdentifierContext? name,
        ShardSqlParser.ReferenceContext context,
        uint position)
    {
        RefuseWhatIsLeftOut(context);
        var key = new ForeignKeyConstraint
        {
            Name = NameOf(name),
            Table = Names.Table(context.tableName()),
            MatchFull = context.FULL() is not null,
            Position = position,
        };
        key.Columns.AddRange(columns);
        key.Referenced.AddRange(Columns(context.columnList()));
        bool hasDelete = false;
        bool hasUpdate = false;
        foreach (ShardSqlParser.ReferenceActionContext action in context.referenceAction())
        {
            bool isDelete = action.DELETE() is not null;
            if (isDelete ? hasDelete : hasUpdate)
            {
                throw new SqlException(
                    SqlStates.SyntaxError,
                    $"ON {(isDelete ? "DELETE" : "UPDATE")} is said twice",
                    action.Start.StartIndex + 1);
            }

            if (isDelete)
            {
                hasDelete = true;
                key.OnDelete = ActionOf(action);
            }
            else
            {
                hasUpdate = true;
                key.OnUpdate = ActionOf(action);
            }
        }

        table.ForeignKeys.Add(key);
    }

    private static ReferentialAction ActionOf(ShardSqlParser.ReferenceActionContext context)
    {
        if (context.columnList() is { } columns)
        {
            throw SyntaxErrors.NotSupported(
                "a list of columns after SET NULL or SET DEFAULT",
                columns.Start.StartIndex,
                "Leave the list out: the action sets all columns of the foreign key.");
        }

        return context switch
        {
            _ when context.RESTRICT() is not null => ReferentialAction.Restrict,
            _ when context.CASCADE() is not null => ReferentialAction.Cascade,
            _ when context.NULL() is not null => ReferentialAction.SetNull,
            _ when context.DEFAULT() is not null => ReferentialAction.SetDefault,
            _ => ReferentialAction.Unspecified,
        };
    }

    private static void RefuseWhatIsLeftOut(ShardSqlParser.ReferenceContext context)
    {
        if (context.PARTIAL() is { } partial)
        {
            throw SyntaxErrors.NotSupported(
                "MATCH PARTIAL", partial.Symbol.StartIndex, "Write MATCH SIMPLE or MATCH FULL.");
        }

        foreach (ShardSqlParser.ConstraintTimeContext time in context.constraintTime())
        {
            if ((time.DEFERRABLE() is not null && time.NOT() is null) || time.DEFERRED() is not null)
            {
                throw SyntaxErrors.NotSupported(
                    time.DEFERRED() is null ? "DEFERRABLE" : "INITIALLY DEFERRED",
                    time.Start.StartIndex,
                    "Leave it out: foreign keys are checked when a statement ends. Insert parents before their children.");
            }
        }
    }
}
