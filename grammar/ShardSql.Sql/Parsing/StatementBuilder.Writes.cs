using System.Collections.Generic;
using System.Linq;
using Google.Protobuf.Collections;
using ShardSql.Sql.Generated;
using ShardSql.Sql.Tree;

namespace ShardSql.Sql.Parsing;

/// <content>INSERT, UPDATE, DELETE.</content>
internal sealed partial class StatementBuilder
{
    private Insert Build(ShardSqlParser.InsertStatementContext context)
    {
        ShardSqlParser.InsertSourceContext source = context.insertSource();
        var insert = new Insert
        {
            Table = Names.Table(context.tableName()),
            DefaultValues = source.DEFAULT() is not null,
            Overriding = context.OVERRIDING() is null ? Overriding.Unspecified
                : context.SYSTEM() is null ? Overriding.User : Overriding.System,
        };
        AddNames(insert, context);
        if (source.selectStatement() is { } query)
        {
            Select select = Around(Build(query), context.withClause());
            bool isRows = select is { Values.Count: > 0, OrderBy.Count: 0, With.Count: 0, Limit: null, Offset: null };
            if (!isRows)
            {
                insert.Query = select;
            }

            insert.Rows.AddRange(isRows ? select.Values : []);
            CheckLength(insert);
        }

        insert.OnConflict = context.onConflict() is { } conflict ? Build(conflict) : null;
        insert.Returning.AddRange(Returning(context.returning()));
        return insert;
    }

    /// <summary>What WITH says before INSERT, its query sees.</summary>
    private Select Around(Select query, ShardSqlParser.WithClauseContext? with)
    {
        if (with is null)
        {
            return query;
        }

        Select whole = query.With.Count == 0
            ? query
            : new Select { Position = query.Position, Terms = { new SetNode { Query = query } } };
        whole.Recursive = with.RECURSIVE() is not null;
        whole.With.AddRange(with.commonTable().Select(Build));
        return whole;
    }

    /// <summary>INSERT INTO t (a, b) names columns; INSERT INTO t AS x (a, b) too, though the grammar gives them to the
    /// alias.</summary>
    private static void AddNames(Insert insert, ShardSqlParser.InsertStatementContext context)
    {
        ShardSqlParser.TableAliasContext? alias = context.tableAlias();
        insert.Alias = alias is null ? string.Empty : Names.Fold(alias.identifier());
        insert.Columns.AddRange(Columns(context.columnList() ?? alias?.columnList()));
    }

    private OnConflict Build(ShardSqlParser.OnConflictContext context)
    {
        var conflict = new OnConflict { Where = Where(context.where()), Position = Names.PositionOf(context) };
        ShardSqlParser.ConflictTargetContext? target = context.conflictTarget();
        conflict.Columns.AddRange(Columns(target?.columnList()));
        conflict.Constraint = target?.identifier() is { } name ? Names.Fold(name) : string.Empty;
        conflict.Assignments.AddRange(Assignments(context.assignment()));
        if (target is null && conflict.Assignments.Count > 0)
        {
            throw new SqlException(
                SqlStates.SyntaxError,
                "ON CONFLICT DO UPDATE needs the columns or the constraint that it is about",
                context.Start.StartIndex + 1);
        }

        return conflict;
    }

    private static void CheckLength(Insert insert)
    {
        int columns = insert.Columns.Count;
        if (columns > 0 && insert.Rows.Count > 0 && insert.Rows[0].Values.Count != columns)
        {
            string which = insert.Rows[0].Values.Count > columns
                ? "more expressions than columns"
                : "more columns than expressions";
            throw new SqlException(SqlStates.SyntaxError, $"INSERT has {which}", (int)insert.Rows[0].Position);
        }
    }

    private static void CheckLength(RepeatedField<ExpressionRow> rows)
    {
        if (rows[^1].Values.Count != rows[0].Values.Count)
        {
            throw new SqlException(
                SqlStates.SyntaxError, "the rows of VALUES are not all of the same length", (int)rows[^1].Position);
        }
    }

    private ExpressionRow Build(ShardSqlParser.RowContext context)
    {
        var row = new ExpressionRow { Position = Names.PositionOf(context) };
        row.Values.AddRange(context.rowValue().Select(Build));
        return row;
    }

    private Expression Build(ShardSqlParser.RowValueContext context) => context.expression() is { } expression
        ? _expressions.Build(expression)
        : ExpressionBuilder.Default(context.Start);

    private Update Build(ShardSqlParser.UpdateStatementContext context)
    {
        var update = new Update
        {
            Table = Reference(context.tableName(), context.tableAlias()),
            Where = Where(context.where()),
        };
        update.Recursive = context.withClause()?.RECURSIVE() is not null;
        update.With.AddRange(context.withClause()?.commonTable().Select(Build) ?? []);
        update.Assignments.AddRange(Assignments(context.assignment()));
        update.Sources.AddRange(FromNodes(context.fromClause()?.tableReference() ?? []));
        update.Returning.AddRange(Returning(context.returning()));
        return update;
    }

    private List<Assignment> Assignments(ShardSqlParser.AssignmentContext[] contexts)
    {
        List<Assignment> assignments = [];
        var seen = new SortedSet<string>(System.StringComparer.Ordinal);
        foreach (ShardSqlParser.AssignmentContext context in contexts)
        {
            List<ColumnName> columns = context.columnName() is { } only
                ? [Names.Column(only)]
                : Columns(context.columnList());
            ShardSqlParser.RowValueContext[] values = context.rowValue();
            if (columns.Count != values.Length)
            {
                throw new SqlException(
                    SqlStates.SyntaxError,
                    "number of columns does not match number of values",
                    context.Start.StartIndex + 1);
            }

            for (int i = 0; i < values.Length; i++)
            {
                if (!seen.Add(columns[i].Name))
                {
                    throw Duplicate(columns[i]);
                }

                assignments.Add(new Assignment { Column = columns[i], Value = Build(values[i]) });
            }
        }

        return assignments;
    }

    private Delete Build(ShardSqlParser.DeleteStatementContext context)
    {
        var delete = new Delete
        {
            Table = Reference(context.tableName(), context.tableAlias()),
            Where = Where(context.where()),
        };
        delete.Recursive = context.withClause()?.RECURSIVE() is not null;
        delete.With.AddRange(context.withClause()?.commonTable().Select(Build) ?? []);
        delete.Sources.AddRange(FromNodes(context.tableReference()));
        delete.Returning.AddRange(Returning(context.returning()));
        return delete;
    }

    private static List<ColumnName> Columns(ShardSqlParser.ColumnListContext? context)
    {
        List<ColumnName> columns = [];
        var seen = new SortedSet<string>(System.StringComparer.Ordinal);
        foreach (ShardSqlParser.ColumnNameContext name in context?.columnName() ?? [])
        {
            ColumnName column = Names.Column(name);
            columns.Add(seen.Add(column.Name) ? column : throw Duplicate(column));
        }

        return columns;
    }

    private static SqlException Duplicate(ColumnName column) => new(
        SqlStates.DuplicateColumn, $"column \"{column.Name}\" is named twice", (int)column.Position)
    {
        ColumnName = column.Name,
    };
}
